package main

import (
	"context"
	"fmt"
	"runtime"

	"anomem"
	"anomem/train/dataset"
)

// imageBudget is how many bytes of decoded images are kept in memory.
const imageBudget = 4 << 30

// images is some items of a dataset, as training sees them. Their sizes are known, since
// all have been decoded once.
type images struct {
	d      *dataset.Dataset
	loader *dataset.Loader
	items  []int
	sizes  [][2]int
}

// openDataset opens the images at path.
func openDataset(path string, o dataset.Options) (*dataset.Dataset, error) {
	return dataset.Open(path, o)
}

// load decodes the items once. Images that cannot be decoded are told of on warn, and left
// out if skip is set; else they are an error.
func load(ctx context.Context, d *dataset.Dataset, items []int, skip bool, warn func(string)) (*images, error) {
	o := dataset.LoaderOptions{Budget: imageBudget, Items: items, OnBroken: dataset.Fatal}
	if skip {
		o.OnBroken = dataset.Skip
	}
	l := dataset.NewLoader(d, o)
	broken, err := l.Warm(ctx, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, b := range broken {
		warn(fmt.Sprintf("skipped: %v", b))
		out[b.Path] = true
	}
	im := &images{d: d, loader: l}
	for _, i := range items {
		if out[d.Items[i].Path] {
			continue
		}
		img, err := l.Load(i)
		if err != nil {
			return nil, err
		}
		im.items = append(im.items, i)
		im.sizes = append(im.sizes, [2]int{img.W, img.H})
	}
	return im, nil
}

// part is the items of im for which keep is true.
func (im *images) part(keep func(item int) bool) *images {
	p := &images{d: im.d, loader: im.loader}
	for k, i := range im.items {
		if keep(i) {
			p.items, p.sizes = append(p.items, i), append(p.sizes, im.sizes[k])
		}
	}
	return p
}

func (im *images) Len() int                           { return len(im.items) }
func (im *images) Normal(k int) bool                  { return im.item(k).Normal }
func (im *images) Image(k int) (*anomem.Image, error) { return im.loader.Load(im.items[k]) }
func (im *images) Size(k int) (w, h int)              { return im.sizes[k][0], im.sizes[k][1] }

func (im *images) Mask(k int) (*anomem.Mask, error) {
	path := im.item(k).Mask
	if path == "" {
		return nil, nil
	}
	m, err := anomem.DecodeMaskFile(path)
	if err == nil && (m.W != im.sizes[k][0] || m.H != im.sizes[k][1]) {
		return nil, fmt.Errorf("%s: a mask of %d×%d pixels for an image of %d×%d, %s", path, m.W, m.H, im.sizes[k][0], im.sizes[k][1], im.item(k).Path)
	}
	return m, err
}

func (im *images) item(k int) *dataset.Item { return &im.d.Items[im.items[k]] }

// sides returns the longest and the shortest side of all images.
func (im *images) sides() (longest, shortest int) {
	for i, s := range im.sizes {
		longest = max(longest, s[0], s[1])
		if least := min(s[0], s[1]); i == 0 || least < shortest {
			shortest = least
		}
	}
	return longest, shortest
}
