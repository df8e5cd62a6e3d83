package imageio

import "fmt"

// Shrink returns the mask at w×h, no larger than it is. A pixel is marked if any marked
// pixel falls into it, so that no defect is too small to be seen. It panics unless
// 0 < w <= m.W and 0 < h <= m.H.
func (m *Mask) Shrink(w, h int) *Mask {
	if w < 1 || h < 1 || w > m.W || h > m.H {
		panic(fmt.Sprintf("imageio: Mask.Shrink: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	to := NewMask(w, h)
	for i, in := range m.Pix {
		if in {
			to.Pix[i/m.W*h/m.H*w+i%m.W*w/m.W] = true
		}
	}
	return to
}
