package augment

import (
	"fmt"
	"image"

	"anomem/imageio"
	"anomem/nn/rng"
)

// Shift is a change that makes a normal image an anomaly of its own label.
type Shift uint8

const (
	None     Shift = iota // the image as it is
	Rotate                // a turn by 90°, 180° or 270°, one as likely as the other
	CutPaste              // a patch or a scar, pasted elsewhere (Li et al., CVPR 2021)
	Blemish               // a spot, a stroke or specks: of ink, a change of tone, or pasted
	Mixed                 // Rotate or Blemish, one as likely as the other
)

var shifts = [...]string{None: "none", Rotate: "rotate", CutPaste: "cutpaste", Blemish: "blemish", Mixed: "mixed"}

func (s Shift) String() string { return name(shifts[:], uint8(s), "Shift") }

// Rotates reports that rotated copies are among those that s makes.
func (s Shift) Rotates() bool { return s == Rotate || s == Mixed }

// ParseShift returns the shift that String names.
func ParseShift(s string) (Shift, error) {
	v, err := parse(shifts[:], s, "shift")
	return Shift(v), err
}

// MarshalText is String, for files and flags.
func (s Shift) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseShift, for files and flags.
func (s *Shift) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShift(string(text))
	return err
}

// Shifted is a changed copy of an image.
type Shifted struct {
	Image  imageio.Image
	Mask   imageio.Mask    // the pixels that were changed or moved
	Region image.Rectangle // around them

	scratch scratch
}

// Apply returns a changed copy of img and the mask of its pixels that were changed or
// moved, of the copy's size.
func (s Shift) Apply(img *imageio.Image, r *rng.Stream) (*imageio.Image, *imageio.Mask) {
	out := new(Shifted)
	s.Into(out, img, r)
	return &out.Image, &out.Mask
}

// Into is Apply, in the memory of dst. It panics on an image without pixels.
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
