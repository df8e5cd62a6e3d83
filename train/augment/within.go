package augment

import (
	"image"

	"anomem/imageio"
	"anomem/nn/rng"
)

// withinTries is the number of draws until a change lies in a region of interest. Of a
// region that fills a hundredth of an image, most draws miss.
const withinTries = 64

// IntoWithin is Into for an image of which only a region, a mask of its size, counts: what
// the shift changes lies within. It draws again, 64 times at most, what lies outside. A nil
// region is all of the image.
func (s Shift) IntoWithin(dst *Shifted, img *imageio.Image, region *imageio.Mask, r *rng.Stream) {
	for range withinTries {
		s.Into(dst, img, r)
		if region == nil || dst.restrict(img, region) {
			return
		}
	}
}

// restrict undoes what a shift of img changed outside a region, and turns the region as the
// shift turned the image. It reports whether a change is left.
func (s *Shifted) restrict(img *imageio.Image, region *imageio.Mask) bool {
	region.Rotate90Into(&s.inside, s.quarters)
	s.Mask.And(&s.inside)
	s.Region = s.Mask.Bounds()
	if s.quarters == 0 {
		for i, in := range region.Pix {
			if !in {
				copy(s.Image.Pix[3*i:3*i+3], img.Pix[3*i:])
			}
		}
	}
	return !s.Region.Empty()
}

// coverInside sets the row's Inside, for a view of its image or of a shifted copy.
func (d *draws) coverInside(r *Row, shifted *Shifted) {
	region := r.Region
	if region != nil && r.Shift != None {
		region = &shifted.inside
	}
	r.inside(d, region)
}

// CoverInside sets the row's Inside for the whole of an image with the given region; nil:
// all of it.
func (r *Row) CoverInside(region *imageio.Mask) {
	var d draws
	if region != nil {
		d.crop = image.Rect(0, 0, region.W, region.H)
	}
	r.inside(&d, region)
}

func (r *Row) inside(d *draws, region *imageio.Mask) {
	for _, g := range r.Inside {
		if region != nil {
			d.cover(g, region)
			continue
		}
		for i := range g.Value {
			g.Value[i] = 1
		}
	}
}
