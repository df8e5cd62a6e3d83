package augment

import (
	"image"
	"math"

	"anomem/imageio"
	"anomem/nn/rng"
)

// The constants of Li, Sohn, Yoon, Pfister: CutPaste: self-supervised learning for anomaly
// detection and localization, CVPR 2021, sections 2.2 and 2.3.
const (
	patchLeast, patchLargest = 0.02, 0.15 // share of the image's area
	patchLongest             = 3.3        // ratio of its sides: 0.3 to 1 or 1 to 3.3
	patchFlattest            = 0.3
	scarSide                 = 256 // side of the images that lengths of scars refer to
	scarThin, scarThick      = 2, 16
	scarShort, scarLong      = 10, 25
	pasteJitter              = 0.1 // strength of the change of colour
)

// The smallest scar of a small image, in pixels; a smaller one would be noise.
const leastWidth, leastLength = 1, 4

// scratch holds the memory of cutPaste and blemish.
type scratch struct {
	piece   []byte
	blemish blemish
}

// cutPaste pastes a patch or, as often, a scar of img into its copy. An image of a side
// below leastLength always gets a patch.
func (s *Shifted) cutPaste(img *imageio.Image, r *rng.Stream) {
	if r.IntN(2) == 0 || min(img.W, img.H) < leastLength {
		s.patch(img, r)
	} else {
		s.scar(img, r)
	}
}

// patch pastes a rectangle at another place.
func (s *Shifted) patch(img *imageio.Image, r *rng.Stream) {
	area := float64(between(patchLeast, patchLargest, r) * float64(img.W*img.H))
	ratio := between(patchFlattest, 1, r)
	if r.IntN(2) == 0 {
		ratio = between(1, patchLongest, r)
	}
	w := within(math.Sqrt(area*ratio), 1, img.W)
	h := within(math.Sqrt(area/ratio), 1, img.H)
	s.cut(img, w, h, r)
	s.Region = elsewhere(s.Region, img, r)
	to := s.Region.Min
	for y := range h {
		at := (to.Y+y)*img.W + to.X
		copy(s.Image.Pix[3*at:3*(at+w)], s.scratch.piece[3*w*y:])
		for x := range w {
			s.Mask.Pix[at+x] = true
		}
	}
}

// elsewhere returns the rectangle from, moved to another random place in img, or unmoved if
// there is no other.
func elsewhere(from image.Rectangle, img *imageio.Image, r *rng.Stream) image.Rectangle {
	// Places are numbered row by row. The number moves on by at least one, and wraps
	// around.
	across, down := img.W-from.Dx()+1, img.H-from.Dy()+1
	place := from.Min.Y*across + from.Min.X
	if places := across * down; places > 1 {
		place = (place + 1 + r.IntN(places-1)) % places
	}
	return from.Add(image.Pt(place%across, place/across).Sub(from.Min))
}

// cut copies a random w×h rectangle of img, changes its colours, and sets Region to its
// place.
func (s *Shifted) cut(img *imageio.Image, w, h int, r *rng.Stream) {
	x, y := r.IntN(img.W-w+1), r.IntN(img.H-h+1)
	s.Region = image.Rect(x, y, x+w, y+h)
	s.scratch.piece = resized(s.scratch.piece, 3*w*h)
	for i := range h {
		at := (y+i)*img.W + x
		copy(s.scratch.piece[3*w*i:3*w*(i+1)], img.Pix[3*at:])
	}
	j := drawJitter(pasteJitter, pasteJitter, pasteJitter, pasteJitter, r)
	j.apply(s.scratch.piece)
}

// scar pastes a thin strip at a random place in any direction.
func (s *Shifted) scar(img *imageio.Image, r *rng.Stream) {
	scale := float64(min(img.W, img.H)) / scarSide
	w := within(between(scarThin, scarThick, r)*scale, leastWidth, img.W)
	l := within(between(scarShort, scarLong, r)*scale, leastLength, img.H)
	s.cut(img, w, l, r)
	// The direction (right, down) along the strip has length one. Its slope is uniform
	// up to 45° off one axis, which takes no sine. (The paper turns upright strips by up
	// to 45°; scratches lie in any direction.)
	slope := between(-1, 1, r)
	norm := math.Sqrt(1 + float64(slope*slope))
	down, right := fixed(1/norm), fixed(slope/norm)
	if r.IntN(2) == 0 {
		down, right = right, down
	}
	// The strip is the pixels within half its length and half its width of a centre, far
	// enough from the edges if the image has room. Lengths are doubled to be whole.
	boxW, boxH := (abs(right)*l+abs(down)*w)/one+1, (abs(down)*l+abs(right)*w)/one+1
	boxW, boxH = min(boxW, img.W), min(boxH, img.H)
	x0, y0 := r.IntN(img.W-boxW+1), r.IntN(img.H-boxH+1)
	s.Region = image.Rectangle{}
	for y := range boxH {
		for x := range boxW {
			dx, dy := 2*x-(boxW-1), 2*y-(boxH-1) // twice the distance from the centre
			along, beside := dx*right+dy*down+l*one, dx*down-dy*right+w*one
			if along < 0 || along >= 2*l*one || beside < 0 || beside >= 2*w*one {
				continue
			}
			from := 3 * (along/(2*one)*w + beside/(2*one))
			to := (y0+y)*img.W + x0 + x
			copy(s.Image.Pix[3*to:3*to+3], s.scratch.piece[from:])
			s.Mask.Pix[to] = true
			s.Region = s.Region.Union(image.Rect(x0+x, y0+y, x0+x+1, y0+y+1))
		}
	}
}

// within rounds x and clamps it to least ... most, or to most if that is smaller.
func within(x float64, least, most int) int {
	return min(max(int(math.RoundToEven(x)), least), most)
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
