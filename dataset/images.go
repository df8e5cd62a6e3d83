package dataset

import (
	"context"
	"fmt"
	"image"

	"anomem/imageio"
)

// Images is a Source of some items of a dataset. All of them have been decoded once, so
// that their sizes are known. An image with a region of interest is the part of it that the
// region bounds, grey outside the region (imageio.Image.Within).
type Images struct {
	d      *Dataset
	loader *Loader
	items  []int
	sizes  []image.Point
	parts  []image.Rectangle // around the regions of interest; empty: all of an image counts
}

// ReadOptions say how Read decodes images.
type ReadOptions struct {
	SkipBroken bool                  // leave out images that cannot be decoded; else they are an error
	Note       func(string)          // called with a text that names the first images left out; may be nil
	Progress   func(done, total int) // told, now and then, how many images are decoded; may be nil
	Keep       int64                 // bytes of decoded images to keep in memory
	Spill      int64                 // bytes of further ones to keep in a temporary file
	Threads    int                   // < 1: one a CPU
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
	l := NewLoader(d, LoaderOptions{Budget: o.Keep, Spill: o.Spill, Items: items, OnBroken: Skip, Progress: o.Progress})
	all, err := l.Warm(ctx, o.Threads)
	if err != nil {
		return nil, nil, err
	}
	var broken []error
	out := map[int]bool{}
	for _, b := range all {
		out[b.Index] = true
		broken = append(broken, b)
	}
	if o.SkipBroken {
		if len(broken) > 0 && o.Note != nil {
			o.Note(skippedNote(broken, len(items)))
		}
		broken = nil
	}
	im := &Images{d: d, loader: l}
	for _, i := range items {
		if !out[i] {
			im.items = append(im.items, i)
			im.sizes = append(im.sizes, l.size(i))
		}
	}
	faults, err := im.findParts(ctx, o.Threads)
	return im, append(broken, faults...), err
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
	region, err := im.d.region(i, img.W, img.H)
	if err != nil {
		return nil, err
	}
	im.items, im.sizes, im.parts = append(im.items, i), append(im.sizes, image.Pt(img.W, img.H)), append(im.parts, partOf(region))
	return im.Image(im.Len() - 1)
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
			p.items, p.sizes, p.parts = append(p.items, i), append(p.sizes, im.sizes[k]), append(p.parts, im.parts[k])
		}
	}
	return p
}

// Item returns the item of image k.
func (im *Images) Item(k int) *Item { return &im.d.Items[im.items[k]] }

// Index returns the index in Dataset.Items of the item of image k.
func (im *Images) Index(k int) int { return im.items[k] }

// Len implements Source.
func (im *Images) Len() int { return len(im.items) }

// Normal implements Source.
func (im *Images) Normal(k int) bool { return im.Item(k).Normal }

// Size implements Source.
func (im *Images) Size(k int) (w, h int) {
	if part := im.parts[k]; !part.Empty() {
		return part.Dx(), part.Dy()
	}
	return im.sizes[k].X, im.sizes[k].Y
}

// Image implements Source.
func (im *Images) Image(k int) (*imageio.Image, error) {
	img, err := im.loader.Load(im.items[k])
	if err != nil || im.parts[k].Empty() {
		return img, err
	}
	region, err := im.region(k)
	if err != nil {
		return nil, err
	}
	r := im.parts[k]
	part := img.Crop(r.Min.X, r.Min.Y, r.Dx(), r.Dy())
	part.Blank(region.Crop(r))
	return part, nil
}

// Region implements Source.
func (im *Images) Region(k int) (*imageio.Mask, error) {
	if im.parts[k].Empty() {
		return nil, nil
	}
	region, err := im.region(k)
	if err != nil {
		return nil, err
	}
	return region.Crop(im.parts[k]), nil
}

// Mask implements Source.
func (im *Images) Mask(k int) (*imageio.Mask, error) {
	m, err := im.Item(k).ReadMask(im.sizes[k].X, im.sizes[k].Y)
	if err != nil || m == nil || im.parts[k].Empty() {
		return m, err
	}
	region, err := im.region(k)
	if err != nil {
		return nil, err
	}
	m.And(region)
	return m.Crop(im.parts[k]), nil
}

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
