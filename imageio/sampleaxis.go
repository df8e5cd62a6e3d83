package imageio

// Weights of a Sampler are multiples of 2⁻¹⁶.
const (
	sampleOne  = 1 << 16
	sampleHalf = sampleOne / 2
)

// A sampleAxis holds, for each pixel along one side of a Sampler's result, its source
// pixels and their weights, which sum to sampleOne.
//
// At up to two source pixels a pixel it interpolates between the two with the nearest
// centres. Beyond, it averages all that the pixel covers: two would skip the others, and
// alias. At two, both give the same.
type sampleAxis struct {
	averages bool

	// Interpolation: pixel i is src[lo[i]] + (src[hi[i]] - src[lo[i]])·weight[i].
	lo, hi []int32
	weight []uint32

	// Averages: pixel i is the sum over k of src[lo[i]+k]·weight[from[i]+k], with
	// k < from[i+1]-from[i].
	from []int32
}

// set maps n source pixels to size pixels.
func (a *sampleAxis) set(n, size int) {
	a.lo, a.hi, a.weight, a.from = a.lo[:0], a.hi[:0], a.weight[:0], a.from[:0]
	a.averages = n > 2*size
	if a.averages {
		a.setAverages(n, size)
		return
	}
	for i := range size {
		// The centre of pixel i, in source pixels from the centre of the first.
		at := (int64(2*i+1)*int64(n)*sampleOne/int64(2*size) - sampleHalf)
		at = min(max(at, 0), int64(n-1)*sampleOne)
		lo := int32(at >> 16)
		a.lo = append(a.lo, lo)
		a.hi = append(a.hi, min(lo+1, int32(n-1)))
		a.weight = append(a.weight, uint32(at&(sampleOne-1)))
	}
}

// setAverages weights each source pixel by the length that a pixel covers of it. The
// lengths are differences of rounded places, so that they sum to sampleOne.
func (a *sampleAxis) setAverages(n, size int) {
	a.from = append(a.from, 0)
	for i := range size {
		// Pixel i covers the source from i·n/size to (i+1)·n/size.
		start, end := i*n, (i+1)*n // in units of 1/size
		lo := start / size
		a.lo = append(a.lo, int32(lo))
		before := int64(0)
		for p := lo; p*size < end; p++ {
			upTo := int64(min((p+1)*size, end) - start)
			place := (upTo*sampleOne + int64(n/2)) / int64(n)
			a.weight = append(a.weight, uint32(place-before))
			before = place
		}
		a.from = append(a.from, int32(len(a.weight)))
	}
}

// mix interpolates along a row of bytes, to units of 1/256.
func (a *sampleAxis) mix(dst []uint16, src []byte) {
	hi, weight := a.hi[:len(a.lo)], a.weight[:len(a.lo)]
	for i, lo := range a.lo {
		p, q := src[3*lo:3*lo+3:3*lo+3], src[3*hi[i]:3*hi[i]+3:3*hi[i]+3]
		d := dst[3*i : 3*i+3 : 3*i+3]
		v := weight[i]
		u := sampleOne - v
		d[0] = uint16((uint32(p[0])*u + uint32(q[0])*v + 128) >> 8)
		d[1] = uint16((uint32(p[1])*u + uint32(q[1])*v + 128) >> 8)
		d[2] = uint16((uint32(p[2])*u + uint32(q[2])*v + 128) >> 8)
	}
}

// average averages along a row of bytes, to units of 1/256.
func (a *sampleAxis) average(dst []uint16, src []byte) {
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
