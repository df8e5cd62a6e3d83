package imageio

// Image is an upright picture of 8 bits a channel: red, green and blue for each pixel,
// rows from the top.
type Image struct {
	W, H int
	Pix  []byte // 3·W·H
}

// Constant reports whether all pixels have one colour. Of an empty image it reports true.
func (m *Image) Constant() bool {
	for i := 3; i < len(m.Pix); i++ {
		if m.Pix[i] != m.Pix[i-3] {
			return false
		}
	}
	return true
}

// NewImage returns a black image.
func NewImage(w, h int) *Image { return &Image{W: w, H: h, Pix: make([]byte, 3*w*h)} }
