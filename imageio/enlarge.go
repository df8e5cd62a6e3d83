package imageio

// Enlarge repeats each pixel factor times across and down. For factor 1 it returns m
// itself.
func (m *Image) Enlarge(factor int) *Image {
	if factor == 1 {
		return m
	}
	to := NewImage(factor*m.W, factor*m.H)
	for i := range to.W * to.H {
		from := i/to.W/factor*m.W + i%to.W/factor
		copy(to.Pix[3*i:3*i+3], m.Pix[3*from:])
	}
	return to
}
