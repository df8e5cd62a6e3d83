package dataset

import (
	"context"
	"fmt"
	"image"
	"sync"

	"anomem/imageio"
)

// regions holds decoded regions of interest by their paths, up to regionBytes of them.
type regions struct {
	mu    sync.Mutex
	of    map[string]*imageio.Mask
	bytes int
}

const regionBytes = 256 << 20

// read decodes a region of interest.
func (r *regions) read(path string) (*imageio.Mask, error) {
	r.mu.Lock()
	m := r.of[path]
	r.mu.Unlock()
	if m != nil {
		return m, nil
	}
	m, err := imageio.DecodeMaskFile(path)
	if err != nil {
		return nil, err
	}
	if !m.Any() {
		return nil, fmt.Errorf("%s: the region of interest marks nothing", path)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of = map[string]*imageio.Mask{}
	}
	if r.bytes+len(m.Pix) <= regionBytes {
		r.of[path] = m
		r.bytes += len(m.Pix)
	}
	return m, nil
}

// ReadRegion decodes a region of interest for an image of w×h. It fails for one of another
// size, and if it marks nothing.
func ReadRegion(path string, w, h int) (*imageio.Mask, error) {
	m, err := new(regions).read(path)
	if err == nil && (m.W != w || m.H != h) {
		err = fmt.Errorf("%s: a region of interest of %d×%d pixels for an image of %d×%d", path, m.W, m.H, w, h)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// region returns the region of interest of item i, whose image is w×h; nil: all of it.
func (d *Dataset) region(i, w, h int) (*imageio.Mask, error) {
	it := &d.Items[i]
	m, from := d.common, ""
	if it.ROI != "" {
		var err error
		if m, err = d.regions.read(it.ROI); err != nil {
			return nil, err
		}
		from = it.ROI + ": "
	}
	if m != nil && (m.W != w || m.H != h) {
		return nil, fmt.Errorf("%sa region of interest of %d×%d pixels for an image of %d×%d, %s", from, m.W, m.H, w, h, it.Path)
	}
	return m, nil
}

// region returns the region of image k in the image as it was decoded.
func (im *Images) region(k int) (*imageio.Mask, error) {
	return im.d.region(im.items[k], im.sizes[k].X, im.sizes[k].Y)
}

// partOf returns the rectangle around a region, empty for nil.
func partOf(region *imageio.Mask) image.Rectangle {
	if region == nil {
		return image.Rectangle{}
	}
	return region.Bounds()
}

// findParts finds the parts of the images that count. It returns an error for each region
// that cannot be used.
func (im *Images) findParts(ctx context.Context, threads int) ([]error, error) {
	im.parts = make([]image.Rectangle, im.Len())
	errs := make([]error, im.Len())
	err := each(ctx, threads, im.Len(), func(k int) {
		region, err := im.region(k)
		im.parts[k], errs[k] = partOf(region), err
	})
	return errs, err
}

// CommonRegion returns the region of interest that all images have, as large as they are;
// nil, if there is none or they have several.
func (im *Images) CommonRegion() (*imageio.Mask, error) {
	if im.Len() == 0 {
		return nil, nil
	}
	for k := range im.items {
		if im.Item(k).ROI != im.Item(0).ROI {
			return nil, nil
		}
	}
	return im.region(0)
}

// CommonRegion returns the region of all images of s, if s is of Images; else nil.
func CommonRegion(s Source) (*imageio.Mask, error) {
	if s, ok := s.(interface {
		CommonRegion() (*imageio.Mask, error)
	}); ok {
		return s.CommonRegion()
	}
	return nil, nil
}

// HasRegions reports whether any image of s has a region.
func HasRegions(s Source) (bool, error) {
	for i := range s.Len() {
		if m, err := s.Region(i); m != nil || err != nil {
			return m != nil, err
		}
	}
	return false, nil
}
