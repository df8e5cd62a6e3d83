package augment

import (
	"fmt"
	"image"

	"anomem/imageio"
	"anomem/nn/rng"
)

// Shift is a change that makes a normal image a self-labelled anomaly.
type Shift uint8

const (
	None     Shift = iota // the image as it is
	Rotate                // a turn by 90°, 180° or 270°, all equally likely
	CutPaste              // a patch or a scar of it, pasted elsewhere (Li et al., CVPR 2021)
	Blemish               // a spot, a box, a stroke or specks: ink, a change of tone, or pixels from elsewhere
	Mixed                 // Rotate or Blemish, equally likely
)

var shifts = [...]string{None: "none", Rotate: "rotate", CutPaste: "cutpaste", Blemish: "blemish", Mixed: "mixed"}

// String returns the name of s in lower case.
func (s Shift) String() string { return name(shifts[:], uint8(s), "Shift") }

// Rotates reports whether s makes rotated copies, among others or alone.
func (s Shift) Rotates() bool { return s == Rotate || s == Mixed }

// ParseShift is the inverse of String. It fails for any other text.
func ParseShift(s string) (Shift, error) {
	v, err := parse(shifts[:], s, "shift")
	return Shift(v), err
}

// MarshalText implements encoding.TextMarshaler by String.
func (s Shift) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler by ParseShift.
func (s *Shift) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShift(string(text))
	return err
}

// Shifted is a shifted copy of an image.
type Shifted struct {
	Image  imageio.Image
	Mask   imageio.Mask    // the changed or moved pixels
	Region image.Rectangle // the smallest around them

	inside   imageio.Mask // the region that counts, turned as the image is
	quarters int          // turns of the image
	scratch  scratch
}

// Apply returns a shifted copy of img, and the mask of its changed or moved pixels.
func (s Shift) Apply(img *imageio.Image, r *rng.Stream) (*imageio.Image, *imageio.Mask) {
	out, mask, _ := s.ApplyWithin(img, nil, r)
	return out, mask
}

// ApplyWithin is Apply for an image of which a region counts, as for IntoWithin. It also
// returns the region of the copy.
func (s Shift) ApplyWithin(img *imageio.Image, region *imageio.Mask, r *rng.Stream) (*imageio.Image, *imageio.Mask, *imageio.Mask) {
	out := new(Shifted)
	s.IntoWithin(out, img, region, r)
	if region != nil {
		region = &out.inside
	}
	return &out.Image, &out.Mask, region
}

// Into is Apply into dst, whose memory it reuses. It panics for an image without pixels and
// for an unknown shift.
func (s Shift) Into(dst *Shifted, img *imageio.Image, r *rng.Stream) {
	checkImage(img)
	if s == Mixed {
		if s = Rotate; r.IntN(2) == 0 {
			s = Blemish
		}
	}
	quarters := 0
	if s == Rotate {
		quarters = 1 + r.IntN(3)
	}
	dst.quarters = quarters
	img.Rotate90Into(&dst.Image, quarters)
	dst.Mask = imageio.Mask{W: dst.Image.W, H: dst.Image.H, Pix: resized(dst.Mask.Pix, img.W*img.H)}
	for i := range dst.Mask.Pix {
		dst.Mask.Pix[i] = s == Rotate
	}
	dst.Region = image.Rectangle{}
	switch s {
	case None:
	case Rotate:
		dst.Region = image.Rect(0, 0, dst.Image.W, dst.Image.H)
	case CutPaste:
		dst.cutPaste(img, r)
	case Blemish:
		dst.blemish(img, r)
	default:
		panic(fmt.Sprintf("augment: there is no %v", s))
	}
}
