package imageio

import "fmt"

// Crop returns a copy of the w×h pixels from (x, y). It panics unless w and h are at
// least 1 and all pixels lie in the image.
func (m *Image) Crop(x, y, w, h int) *Image {
	if x < 0 || y < 0 || w < 1 || h < 1 || w > m.W-x || h > m.H-y {
		panic(fmt.Sprintf("imageio: Crop: %d×%d at (%d, %d) is not in an image of %d×%d", w, h, x, y, m.W, m.H))
	}
	return m.CropReflect(x, y, w, h)
}

// CropReflect returns a copy of the w×h pixels from (x, y), any of which may lie outside
// the image. Beyond each edge the image continues as its mirror image, in which the edge
// is not repeated (dcb|abcd|cba, NumPy's "reflect"), as often as needed. CropReflect
// panics for an empty image or rectangle.
func (m *Image) CropReflect(x, y, w, h int) *Image {
	if w < 1 || h < 1 || m.W < 1 || m.H < 1 {
		panic(fmt.Sprintf("imageio: CropReflect: %d×%d of an image of %d×%d", w, h, m.W, m.H))
	}
	dst := NewImage(w, h)
	inside := x >= 0 && w <= m.W-x
	for j := range h {
		src := m.Pix[3*m.W*mirrored(y+j, m.H):][:3*m.W]
		row := dst.Pix[3*w*j:][:3*w]
		if inside {
			copy(row, src[3*x:])
			continue
		}
		for i := range w {
			copy(row[3*i:][:3], src[3*mirrored(x+i, m.W):])
		}
	}
	return dst
}

// mirrored maps i to 0 ... n-1 by reflection at 0 and n-1.
func mirrored(i, n int) int {
	if uint(i) < uint(n) {
		return i
	}
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i %= period
	if i < 0 {
		i += period
	}
	return min(i, period-i)
}
