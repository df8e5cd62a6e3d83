package augment

import (
	"image"
	"math"

	"anomem/imageio"
	"anomem/nn/rng"
)

// Sizes of blemishes, as shares of the image's shorter side.
const (
	spotLeast, spotLargest   = 0.03, 0.35 // half its length
	boxLeast, boxLargest     = 0.03, 0.5  // half its length
	strokeShort, strokeLong  = 0.1, 0.7
	strokeThin, strokeThick  = 0.008, 0.04 // half its width
	strokeBend, strokeWander = 0.12, 0.15  // radians a pixel, at most: constant, and random
	specks                   = 6           // in a cluster, at most
	wobbleMost, wobbleGrid   = 0.5, 4      // unevenness of a spot's rim, on a grid
)

const (
	blemishMask  = 0.4 // least cover of a pixel that counts as changed
	blemishSeen  = 8   // least mean difference of changed pixels, in levels
	blemishTries = 6
)

// CutPaste pastes the image's own pixels: it moves no feature's mean, and gives an untrained
// network no gradient to follow. So most blemishes have colours of their own. Synthetic
// defects of any form, with masks, follow Zavrtanik, Kristan and Skočaj (DRAEM, ICCV 2021)
// and Schlüter, Tan, Hou and Kainz (Natural Synthetic Anomalies, ECCV 2022).

// blemish draws a spot, a box, a stroke or a few specks into the copy of img: ink, a change
// of tone, light and shade, or pixels from elsewhere. It draws again, six times at most, what
// is hardly visible.
func (s *Shifted) blemish(img *imageio.Image, r *rng.Stream) {
	b := &s.scratch.blemish
	for range blemishTries {
		copy(s.Image.Pix, img.Pix)
		b.shape(img, r)
		b.paint(&s.Image, img, r)
		if b.seen(&s.Image, img) {
			break
		}
	}
	s.Region = image.Rectangle{}
	for y := b.box.Min.Y; y < b.box.Max.Y; y++ {
		for x := b.box.Min.X; x < b.box.Max.X; x++ {
			if i := y*img.W + x; b.cover[i] >= blemishMask {
				s.Mask.Pix[i] = true
				s.Region = s.Region.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
}

// blemish is a shape: the cover of each pixel, from 0 to 1, and 0 outside box.
type blemish struct {
	cover  []float64
	w, h   int
	box    image.Rectangle
	x, y   float64                          // its centre
	extent float64                          // half its length
	dx, dy float64                          // a direction of length one
	uneven [wobbleGrid * wobbleGrid]float64 // of a spot's rim
}

// shape draws the cover of a random shape.
func (b *blemish) shape(img *imageio.Image, r *rng.Stream) {
	b.w, b.h, b.box = img.W, img.H, image.Rectangle{}
	b.cover = resized(b.cover, img.W*img.H)
	clear(b.cover)
	side := float64(min(img.W, img.H))
	b.x, b.y = between(0, float64(img.W), r), between(0, float64(img.H), r)
	b.dx, b.dy = direction(r)
	radius := max(1, float64(side*mostlySmall(spotLeast, spotLargest, r)))
	switch r.IntN(6) {
	case 0, 1:
		b.spot(b.x, b.y, radius, float64(radius*between(0.5, 1, r)), false, r)
	case 2:
		if r.IntN(2) == 0 {
			b.dx, b.dy = 1, 0 // straight
		}
		radius = max(1, float64(side*between(boxLeast, boxLargest, r)))
		b.spot(b.x, b.y, radius, float64(radius*between(0.2, 1, r)), true, r)
	case 3, 4:
		b.stroke(side, r)
	default:
		b.extent = radius
		for range 2 + r.IntN(specks-1) {
			x, y := b.x+between(-radius, radius, r), b.y+between(-radius, radius, r)
			small := max(0.8, float64(radius*between(0.1, 0.35, r)))
			b.spot(x, y, small, small, false, r)
		}
		b.extent = radius
	}
}

// spot covers an ellipse with an uneven rim, or a box, around (x, y). Its half axes are long,
// along (dx, dy), and short.
func (b *blemish) spot(x, y, long, short float64, box bool, r *rng.Stream) {
	b.extent = long
	soft := 1.0
	if !box && r.IntN(2) == 0 {
		soft = between(1, max(1, short), r)
	}
	wobble := 0.0
	if !box {
		wobble = between(0, wobbleMost, r)
	}
	for i := range b.uneven {
		b.uneven[i] = between(-wobble, wobble, r)
	}
	reach := float64(long*(1.5+wobble)) + 1
	b.each(x, y, reach, func(px, py float64) float64 {
		along, beside := float64(px*b.dx)+float64(py*b.dy), float64(px*b.dy)-float64(py*b.dx)
		along, beside = along/long, beside/short
		d := math.Sqrt(float64(along*along) + float64(beside*beside))
		if box {
			d = max(math.Abs(along), math.Abs(beside))
		}
		d += b.rim(px/reach, py/reach)
		return float64(float64(1-d)*short)/soft + 0.5
	})
}

// rim interpolates the unevenness bilinearly at a point of [-1, 1]².
func (b *blemish) rim(u, v float64) float64 {
	at := func(u float64) (int, float64) {
		t := float64((u + 1) / 2 * (wobbleGrid - 1))
		i := min(max(int(t), 0), wobbleGrid-2)
		return i, min(max(t-float64(i), 0), 1)
	}
	i, p := at(u)
	j, q := at(v)
	row := func(j int) float64 {
		lo, hi := b.uneven[j*wobbleGrid+i], b.uneven[j*wobbleGrid+i+1]
		return lo + float64(p*(hi-lo))
	}
	lo, hi := row(j), row(j+1)
	return lo + float64(q*(hi-lo))
}

// stroke covers a bent line, in an image whose shorter side is given.
func (b *blemish) stroke(side float64, r *rng.Stream) {
	length := max(4, float64(side*between(strokeShort, strokeLong, r)))
	half := max(0.5, float64(side*between(strokeThin, strokeThick, r)))
	bend := float64(between(-strokeBend, strokeBend, r) * min(1, 16/length))
	b.extent = length / 2
	x, y, dx, dy := b.x-float64(b.dx*length)/2, b.y-float64(b.dy*length)/2, b.dx, b.dy
	for range int(length) {
		b.each(x, y, half+1, func(px, py float64) float64 {
			return half + 0.5 - math.Sqrt(float64(px*px)+float64(py*py))
		})
		turn := bend + between(-strokeWander, strokeWander, r)
		dx, dy = dx-float64(turn*dy), dy+float64(turn*dx)
		norm := math.Sqrt(float64(dx*dx) + float64(dy*dy))
		dx, dy = dx/norm, dy/norm
		x, y = x+dx, y+dy
	}
}

// each raises the cover of each pixel within reach of (x, y) to of, at the pixel's centre
// relative to (x, y), and at most to 1.
func (b *blemish) each(x, y, reach float64, of func(px, py float64) float64) {
	box := image.Rect(int(math.Floor(x-reach)), int(math.Floor(y-reach)), int(math.Ceil(x+reach)), int(math.Ceil(y+reach)))
	box = box.Intersect(image.Rect(0, 0, b.w, b.h))
	b.box = b.box.Union(box)
	for py := box.Min.Y; py < box.Max.Y; py++ {
		for px := box.Min.X; px < box.Max.X; px++ {
			c := &b.cover[py*b.w+px]
			*c = max(*c, min(of(float64(px)+0.5-x, float64(py)+0.5-y), 1))
		}
	}
}

// seen reports whether the changed pixels of dst differ visibly from img.
func (b *blemish) seen(dst, img *imageio.Image) bool {
	n, sum := 0, 0
	for y := b.box.Min.Y; y < b.box.Max.Y; y++ {
		for x := b.box.Min.X; x < b.box.Max.X; x++ {
			i := y*b.w + x
			if b.cover[i] < blemishMask {
				continue
			}
			n++
			for k := 3 * i; k < 3*i+3; k++ {
				d := int(dst.Pix[k]) - int(img.Pix[k])
				sum += max(d, -d)
			}
		}
	}
	return n > 0 && sum >= 3*blemishSeen*n
}

// mostlySmall draws from [lo, hi), in 58 of 100 cases from the lowest third.
func mostlySmall(lo, hi float64, r *rng.Stream) float64 {
	u := r.Float64()
	return lo + float64((hi-lo)*float64(u*u))
}

// direction draws a vector of length one. Its slope is uniform up to 45° off one axis,
// which takes no sine.
func direction(r *rng.Stream) (dx, dy float64) {
	slope := between(-1, 1, r)
	norm := math.Sqrt(1 + float64(slope*slope))
	dx, dy = 1/norm, slope/norm
	if r.IntN(2) == 0 {
		dx, dy = dy, dx
	}
	if r.IntN(2) == 0 {
		dx, dy = -dx, -dy
	}
	return dx, dy
}
