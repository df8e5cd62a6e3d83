package dataset

import (
	"context"
	"fmt"
	"image"
	"strings"

	"anomem/imageio"
)

// Images is a Source of some items of a dataset. All of them have been decoded once, so
// that their sizes are known.
type Images struct {
	d      *Dataset
	loader *Loader
	items  []int
	sizes  []image.Point
}

// ReadOptions say how Read decodes images.
type ReadOptions struct {
	SkipBroken bool         // leave out images that cannot be decoded; else they are an error
	Note       func(string) // called with a line for each image left out; may be nil
	Keep       int64        // bytes of decoded images to keep in memory
	Threads    int          // < 1: one a CPU
}

// Read decodes items of d once. It fails with a *BrokenError, with a *FaultsError of all
// broken images if there are several, or with ctx's error.
func (d *Dataset) Read(ctx context.Context, items []int, o ReadOptions) (*Images, error) {
	im, broken, err := d.read(ctx, items, o)
	if err == nil {
		err = faults(broken)
	}
	if err != nil {
		return nil, err
	}
	return im, nil
}

// read decodes items of d once. It returns those that can be decoded, and a *BrokenError
// for each of the others unless they are to be skipped.
func (d *Dataset) read(ctx context.Context, items []int, o ReadOptions) (*Images, []error, error) {
	l := NewLoader(d, LoaderOptions{Budget: o.Keep, Items: items, OnBroken: Skip})
	all, err := l.Warm(ctx, o.Threads)
	if err != nil {
		return nil, nil, err
	}
	var broken []error
	out := map[int]bool{}
	for _, b := range all {
		out[b.Index] = true
		switch {
		case !o.SkipBroken:
			broken = append(broken, b)
		case o.Note != nil:
			o.Note("skipped: " + strings.TrimPrefix(b.Error(), "dataset: "))
		}
	}
	im := &Images{d: d, loader: l}
	for _, i := range items {
		if !out[i] {
			im.items = append(im.items, i)
			im.sizes = append(im.sizes, l.size(i))
		}
	}
	return im, broken, nil
}

// Images returns none of the items of d yet, for Take. Loaded images are not kept.
func (d *Dataset) Images(items []int) *Images {
	return &Images{d: d, loader: NewLoader(d, LoaderOptions{Items: items})}
}

// Take decodes item i, appends it to im and returns its image. It fails with a
// *BrokenError, and then im stays as it was.
func (im *Images) Take(i int) (*imageio.Image, error) {
	img, err := im.loader.Load(i)
	if err != nil {
		return nil, err
	}
	im.items, im.sizes = append(im.items, i), append(im.sizes, image.Pt(img.W, img.H))
	return img, nil
}

// all returns the indices of all items.
func (d *Dataset) all() []int {
	items := make([]int, len(d.Items))
	for i := range items {
		items[i] = i
	}
	return items
}

// Part returns the images for which keep, called with their items' indices, is true.
func (im *Images) Part(keep func(item int) bool) *Images {
	p := &Images{d: im.d, loader: im.loader}
	for k, i := range im.items {
		if keep(i) {
			p.items, p.sizes = append(p.items, i), append(p.sizes, im.sizes[k])
		}
	}
	return p
}

// Item returns the item of image k.
func (im *Images) Item(k int) *Item { return &im.d.Items[im.items[k]] }

// Len implements Source.
func (im *Images) Len() int { return len(im.items) }

// Normal implements Source.
func (im *Images) Normal(k int) bool { return im.Item(k).Normal }

// Size implements Source.
func (im *Images) Size(k int) (w, h int) { return im.sizes[k].X, im.sizes[k].Y }

// Image implements Source.
func (im *Images) Image(k int) (*imageio.Image, error) { return im.loader.Load(im.items[k]) }

// Mask implements Source.
func (im *Images) Mask(k int) (*imageio.Mask, error) { return im.Item(k).ReadMask(im.Size(k)) }

// ReadMask decodes the masks of an item whose image is w×h, joined. It returns nil for an
// item without one, and fails for a mask of another size.
func (it *Item) ReadMask(w, h int) (*imageio.Mask, error) {
	var joined *imageio.Mask
	for _, path := range it.masks() {
		m, err := imageio.DecodeMaskFile(path)
		if err != nil {
			return nil, err
		}
		if m.W != w || m.H != h {
			return nil, fmt.Errorf("%s: a mask of %d×%d pixels for an image of %d×%d, %s", path, m.W, m.H, w, h, it.Path)
		}
		if joined == nil {
			joined = m
		} else {
			joined.Add(m)
		}
	}
	return joined, nil
}
