package imageio

// Weights of a Sampler that interpolates are multiples of 2⁻¹⁶.
const (
	sampleOne  = 1 << 16
	sampleHalf = sampleOne / 2
)

// A sampleAxis holds, for each pixel along one side of a Sampler's result, the two source
// pixels with the nearest centres: pixel i is src[lo[i]] + (src[hi[i]] - src[lo[i]])·weight[i].
type sampleAxis struct {
	lo, hi []int32
	weight []uint32
}

// set maps n source pixels to size pixels, n <= size.
func (a *sampleAxis) set(n, size int) {
	a.lo, a.hi, a.weight = a.lo[:0], a.hi[:0], a.weight[:0]
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
