package imageio

// Rotate90 returns the image after k quarter turns counter-clockwise. k may be negative.
func (m *Image) Rotate90(k int) *Image {
	dst := new(Image)
	m.Rotate90Into(dst, k)
	return dst
}

// Rotate90Into is Rotate90 into dst, whose memory it reuses. dst must not share memory
// with m.
func (m *Image) Rotate90Into(dst *Image, k int) {
	k &= 3
	w, h := m.W, m.H
	if k%2 == 1 {
		w, h = h, w
	}
	// Pixel (x, y) of the result is byte from + dx·x + dy·y of the image.
	last, row := 3*(m.W-1), 3*m.W
	bottom := row * (m.H - 1)
	var from, dx, dy int
	switch k {
	case 0:
		from, dx, dy = 0, 3, row
	case 1:
		from, dx, dy = last, row, -3
	case 2:
		from, dx, dy = bottom+last, -3, -row
	case 3:
		from, dx, dy = bottom, -row, 3
	}
	m.gather(dst, w, h, from, dx, dy)
}

// FlipH returns the mirror image, left for right.
func (m *Image) FlipH() *Image {
	dst := new(Image)
	m.gather(dst, m.W, m.H, 3*(m.W-1), -3, 3*m.W)
	return dst
}

// gather makes dst the w×h image whose pixel (x, y) is at byte from + dx·x + dy·y of m.
func (m *Image) gather(dst *Image, w, h, from, dx, dy int) {
	// Blocks, because a quarter turn walks down the columns of m: each cache line is used
	// up while it is in the cache.
	const block = 32
	if dst.W, dst.H = w, h; cap(dst.Pix) < 3*w*h {
		dst.Pix = make([]byte, 3*w*h)
	}
	dst.Pix = dst.Pix[:3*w*h]
	if dx == 3 && dy == 3*w { // no turn
		copy(dst.Pix, m.Pix)
		return
	}
	for y0 := 0; y0 < h; y0 += block {
		for x0 := 0; x0 < w; x0 += block {
			x1 := min(x0+block, w)
			for y := y0; y < min(y0+block, h); y++ {
				at := from + dy*y + dx*x0
				row := dst.Pix[3*(w*y+x0) : 3*(w*y+x1)]
				for len(row) >= 3 {
					*(*[3]byte)(row) = *(*[3]byte)(m.Pix[at:])
					row, at = row[3:], at+dx
				}
			}
		}
	}
}

// upright undoes an EXIF orientation, 1 to 8: the sides on which the first row and the
// first column of the stored image are seen.
func (m *Image) upright(orientation int) *Image {
	switch orientation {
	case 2: // top, right
		return m.FlipH()
	case 3: // bottom, right
		return m.Rotate90(2)
	case 4: // bottom, left
		return m.FlipH().Rotate90(2)
	case 5: // left, top
		return m.FlipH().Rotate90(1)
	case 6: // right, top
		return m.Rotate90(-1)
	case 7: // right, bottom
		return m.FlipH().Rotate90(-1)
	case 8: // left, bottom
		return m.Rotate90(1)
	}
	return m
}
