package augment

import (
	"image"

	"anomem/imageio"
)

// A sampler brings a rectangle of an image to size×size pixels, first along rows and
// then across them. It holds the memory that this takes.
type sampler struct {
	h, v axis
	src  *imageio.Image
	from image.Rectangle

	mirror bool
	rows   [2][]uint16 // rows of the source at the view's width, in units of 1/256
	at     [2]int      // which rows of the source they are; -1 for none
	older  int         // the place of the one that the next row replaces
	sum    []uint32
}

// sample writes the part of img in from to dst [size size 3], mirrored if asked.
func (s *sampler) sample(dst []byte, img *imageio.Image, from image.Rectangle, size int, mirror bool) {
	s.src, s.from, s.mirror = img, from, mirror
	s.h.set(from.Dx(), size)
	s.v.set(from.Dy(), size)
	s.at = [2]int{-1, -1}
	for i := range s.rows {
		s.rows[i] = resized(s.rows[i], 3*size)
	}
	s.sum = resized(s.sum, 3*size)
	for y := range size {
		out := dst[3*size*y : 3*size*(y+1)]
		if s.v.averages {
			weights := s.v.weight[s.v.from[y]:s.v.from[y+1]]
			s.averageRows(out, int(s.v.lo[y]), weights)
		} else {
			lo, hi := s.row(int(s.v.lo[y])), s.row(int(s.v.hi[y]))
			mixRows(out, lo, hi, s.v.weight[y])
		}
	}
	s.src = nil
}

// row returns row y of the rectangle at the view's width. The last two asked for are
// kept.
func (s *sampler) row(y int) []uint16 {
	for i, at := range s.at {
		if at == y {
			s.older = 1 - i
			return s.rows[i]
		}
	}
	i := s.older
	s.older, s.at[i] = 1-i, y
	start := 3 * ((s.from.Min.Y+y)*s.src.W + s.from.Min.X)
	src := s.src.Pix[start : start+3*s.from.Dx()]
	if s.h.averages {
		s.h.average(s.rows[i], src)
	} else {
		s.h.mix(s.rows[i], src)
	}
	if s.mirror {
		mirrorRow(s.rows[i])
	}
	return s.rows[i]
}

// mix interpolates along a row of bytes, to units of 1/256.
func (a *axis) mix(dst []uint16, src []byte) {
	hi, weight := a.hi[:len(a.lo)], a.weight[:len(a.lo)]
	for i, lo := range a.lo {
		p, q := src[3*lo:3*lo+3:3*lo+3], src[3*hi[i]:3*hi[i]+3:3*hi[i]+3]
		d := dst[3*i : 3*i+3 : 3*i+3]
		v := weight[i]
		u := one - v
		d[0] = uint16((uint32(p[0])*u + uint32(q[0])*v + 128) >> 8)
		d[1] = uint16((uint32(p[1])*u + uint32(q[1])*v + 128) >> 8)
		d[2] = uint16((uint32(p[2])*u + uint32(q[2])*v + 128) >> 8)
	}
}

// average averages along a row of bytes, to units of 1/256.
func (a *axis) average(dst []uint16, src []byte) {
	for i, lo := range a.lo {
		weights := a.weight[a.from[i]:a.from[i+1]]
		p := src[3*lo:][:3*len(weights)]
		var r, g, b uint32 = 128, 128, 128
		for _, w := range weights {
			r += uint32(p[0]) * w
			g += uint32(p[1]) * w
			b += uint32(p[2]) * w
			p = p[3:]
		}
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0], d[1], d[2] = uint16(r>>8), uint16(g>>8), uint16(b>>8)
	}
}

// mirrorRow puts the pixels of a row into the opposite order.
func mirrorRow(row []uint16) {
	for i, j := 0, len(row)-3; i < j; i, j = i+3, j-3 {
		p, q := row[i:i+3:i+3], row[j:j+3:j+3]
		p[0], p[1], p[2], q[0], q[1], q[2] = q[0], q[1], q[2], p[0], p[1], p[2]
	}
}

// Two rows of at most 255·256, with weights that sum to one, and half a byte to round
// by, just fit 32 bits.
const halfByte = 1 << 23

// mixRows interpolates between two rows, to bytes.
func mixRows(dst []byte, lo, hi []uint16, weight uint32) {
	lo, hi = lo[:len(dst)], hi[:len(dst)]
	u := one - weight
	for i := range dst {
		dst[i] = byte((uint32(lo[i])*u + uint32(hi[i])*weight + halfByte) >> 24)
	}
}

// averageRows averages the rows from lo on, to bytes.
func (s *sampler) averageRows(dst []byte, lo int, weights []uint32) {
	for i := range s.sum {
		s.sum[i] = halfByte
	}
	for k, w := range weights {
		row := s.row(lo + k)[:len(s.sum)]
		for i := range s.sum {
			s.sum[i] += uint32(row[i]) * w
		}
	}
	for i, v := range s.sum {
		dst[i] = byte(v >> 24)
	}
}

// resized returns n elements, in the memory of s if that is enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
