package main

import (
	"context"
	"fmt"

	"anomem/dataset"
	"anomem/imageio"
)

// images is some items of a dataset, as training sees them. Their sizes are known, since
// all have been decoded once.
type images struct {
	d      *dataset.Dataset
	loader *dataset.Loader
	items  []int
	sizes  [][2]int
}

// loadOptions say how images are decoded.
type loadOptions struct {
	skip    bool         // leave out what cannot be decoded; else it is an error
	warn    func(string) // is told of what is left out
	keep    int64        // bytes of decoded images to keep in memory
	threads int
}

// load decodes the items once.
func load(ctx context.Context, d *dataset.Dataset, items []int, o loadOptions) (*images, error) {
	lo := dataset.LoaderOptions{Budget: o.keep, Items: items, OnBroken: dataset.Fatal}
	if o.skip {
		lo.OnBroken = dataset.Skip
	}
	l := dataset.NewLoader(d, lo)
	broken, err := l.Warm(ctx, o.threads)
	if err != nil {
		return nil, err
	}
	out := map[int]bool{}
	for _, b := range broken {
		o.warn(fmt.Sprintf("skipped: %v", b))
		out[b.Index] = true
	}
	im := &images{d: d, loader: l}
	for _, i := range items {
		if out[i] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
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

// loadFolder decodes all images of a folder, whatever is below it.
func loadFolder(ctx context.Context, path string, o loadOptions) (*images, error) {
	d, err := dataset.Open(path, dataset.Options{Layout: dataset.Flat})
	if err != nil {
		return nil, err
	}
	items := make([]int, len(d.Items))
	for i := range items {
		items[i] = i
	}
	im, err := load(ctx, d, items, o)
	if err == nil && im.Len() == 0 {
		err = fmt.Errorf("%s: none of its images can be decoded", path)
	}
	return im, err
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

func (im *images) Len() int                            { return len(im.items) }
func (im *images) Normal(k int) bool                   { return im.item(k).Normal }
func (im *images) Image(k int) (*imageio.Image, error) { return im.loader.Load(im.items[k]) }
func (im *images) Size(k int) (w, h int)               { return im.sizes[k][0], im.sizes[k][1] }

func (im *images) Mask(k int) (*imageio.Mask, error) {
	path := im.item(k).Mask
	if path == "" {
		return nil, nil
	}
	return maskFor(path, im.item(k).Path, im.sizes[k][0], im.sizes[k][1])
}

// maskFor decodes the mask of an image, which must be of its size.
func maskFor(path, image string, w, h int) (*imageio.Mask, error) {
	m, err := imageio.DecodeMaskFile(path)
	if err != nil {
		return nil, err
	}
	if m.W != w || m.H != h {
		return nil, fmt.Errorf("%s: a mask of %d×%d pixels for an image of %d×%d, %s", path, m.W, m.H, w, h, image)
	}
	return m, nil
}

func (im *images) item(k int) *dataset.Item { return &im.d.Items[im.items[k]] }

// anomalies is how many of the images are anomalous.
func (im *images) anomalies() int {
	n := 0
	for k := range im.items {
		if !im.Normal(k) {
			n++
		}
	}
	return n
}

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
