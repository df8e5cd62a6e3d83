package energy

import (
	"anomem/imageio"
	"anomem/simd"
)

// plane is an image of one colour. Beyond its edges it goes on as they are.
type plane struct {
	w, h int
	v    []float32 // [h w]
}

// planeOf returns the sum of red, green and blue.
func planeOf(img *imageio.Image) plane {
	p := plane{img.W, img.H, make([]float32, img.W*img.H)}
	for i := range p.v {
		rgb := img.Pix[3*i : 3*i+3]
		p.v[i] = float32(int(rgb[0]) + int(rgb[1]) + int(rgb[2]))
	}
	return p
}

// row returns row y, or the next one that there is.
func (p plane) row(y int) []float32 { return p.v[max(0, min(y, p.h-1))*p.w:][:p.w] }

// halved returns p at a half of its resolution, the means of 2×2 pixels. What is left of an odd
// side is left out; a side of one pixel stays.
func (p plane) halved() plane {
	w, h := max(1, p.w/2), max(1, p.h/2)
	out, both := plane{w, h, make([]float32, w*h)}, make([]float32, p.w)
	for y := range h {
		simd.Add(both, p.row(2*y), p.row(2*y+1))
		row := out.row(y)
		if p.w == 1 {
			row[0] = both[0] / 2
			continue
		}
		for x := range row {
			row[x] = (both[2*x] + both[2*x+1]) / 4
		}
	}
	return out
}

// filtered computes, row by row from the first, what the filters give, without its sign.
type filtered struct {
	p      plane
	row    [filters][]float32 // of the first filter, 81 times as much
	across [3][]float32       // of the last rows, the sums over 5 pixels, weighted 1, 2, 3, 2, 1
	down   [3][]float32       // of these, the sums over 3 rows
	sum    []float32
	summed int // rows that down has
}

// blurred is the sum of the weights of the 5×5 pixels that the first filter compares with.
const blurred = 81

func filter(p plane) *filtered {
	f := &filtered{p: p, sum: make([]float32, p.w)}
	for _, rows := range [][]([]float32){f.row[:], f.across[:], f.down[:]} {
		for i := range rows {
			rows[i] = make([]float32, p.w)
		}
	}
	add3(f.sum, p.row(0))
	add3(f.across[0], f.sum)
	return f
}

// next computes row y. All values are whole multiples of 4^-3 below 2^18, which float32 holds.
func (f *filtered) next(y int) {
	last := f.p.h - 1
	for ; f.summed <= min(y+1, last); f.summed++ {
		at := f.summed
		if at < last {
			add3(f.sum, f.p.row(at+1))
			add3(f.across[(at+1)%3], f.sum)
		}
		around(f.down[at%3], &f.across, at, last)
	}
	around(f.sum, &f.down, y, last)
	row := f.p.row(y)
	simd.Scale(f.row[0], row, blurred)
	simd.Sub(f.row[0], f.row[0], f.sum)
	simd.Sub(f.row[1][:f.p.w-1], row[:f.p.w-1], row[1:])
	f.row[1][f.p.w-1] = 0
	simd.Sub(f.row[2], row, f.p.row(y+1))
	for _, v := range f.row {
		simd.Abs(v, v)
	}
}

// around writes the sum of rows y-1, y and y+1 of a ring to dst. Beyond the first and the last row
// these count again.
func around(dst []float32, ring *[3][]float32, y, last int) {
	simd.Add(dst, ring[max(y-1, 0)%3], ring[y%3])
	simd.Add(dst, dst, ring[min(y+1, last)%3])
}

// add3 writes the sum of 3 values around each of src to dst. Beyond its ends these count again.
func add3(dst, src []float32) {
	n := len(src)
	if n == 1 {
		dst[0] = 3 * src[0]
		return
	}
	simd.Add(dst[1:n-1], src[:n-2], src[1:n-1])
	simd.Add(dst[1:n-1], dst[1:n-1], src[2:])
	dst[0] = src[0] + src[0] + src[1]
	dst[n-1] = src[n-2] + src[n-1] + src[n-1]
}
