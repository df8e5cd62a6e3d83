package augment

// An axis says of which source pixels each pixel along one side of a view is made, with
// weights in units of 1/one, which sum to one.
//
// Up to two source pixels a pixel, it interpolates between the two whose centres are
// nearest; beyond, it averages all that the pixel covers, since two would skip the
// others and alias. At just two both say the same.
type axis struct {
	averages bool

	// Interpolation: pixel i is src[lo[i]] + (src[hi[i]] - src[lo[i]])·weight[i].
	lo, hi []int32
	weight []uint32

	// Averages: pixel i is the sum of src[lo[i]+k]·weight[from[i]+k], with k up to
	// from[i+1]-from[i].
	from []int32
}

// set fits n source pixels onto size pixels.
func (a *axis) set(n, size int) {
	a.lo, a.hi, a.weight, a.from = a.lo[:0], a.hi[:0], a.weight[:0], a.from[:0]
	a.averages = n > 2*size
	if a.averages {
		a.setAverages(n, size)
		return
	}
	for i := range size {
		// The centre of pixel i, in source pixels from the centre of the first.
		at := (int64(2*i+1)*int64(n)*one/int64(2*size) - half)
		at = min(max(at, 0), int64(n-1)*one)
		lo := int32(at >> 16)
		a.lo = append(a.lo, lo)
		a.hi = append(a.hi, min(lo+1, int32(n-1)))
		a.weight = append(a.weight, uint32(at&(one-1)))
	}
}

// setAverages gives each pixel the length that it covers of each source pixel. The
// lengths are differences of rounded places, so that they sum to what they should.
func (a *axis) setAverages(n, size int) {
	a.from = append(a.from, 0)
	for i := range size {
		// Pixel i covers the source from i·n/size to (i+1)·n/size.
		start, end := i*n, (i+1)*n // in units of 1/size
		lo := start / size
		a.lo = append(a.lo, int32(lo))
		before := int64(0)
		for p := lo; p*size < end; p++ {
			upTo := int64(min((p+1)*size, end) - start)
			place := (upTo*one + int64(n/2)) / int64(n)
			a.weight = append(a.weight, uint32(place-before))
			before = place
		}
		a.from = append(a.from, int32(len(a.weight)))
	}
}
