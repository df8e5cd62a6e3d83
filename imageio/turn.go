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

// An upright is a way from the pixels of a stored picture to those of an image that is
// turned by an EXIF orientation: pixel (x, y) goes to byte from + dx·x + dy·y.
type upright struct {
	w, h         int // of the image
	from, dx, dy int
}

// uprightFrom undoes an EXIF orientation, 1 to 8, of a picture of w×h: the sides on which
// its first row and its first column are seen.
func uprightFrom(orientation, w, h int) upright {
	const pixel = 3
	u := upright{w: w, h: h, dx: pixel, dy: pixel * w}
	if orientation >= 5 { // rows become columns
		u = upright{w: h, h: w, dx: pixel * h, dy: pixel}
	}
	switch orientation {
	case 2, 3, 7, 8: // columns in reverse: top right, bottom right, right bottom, left bottom
		u.from += u.dx * (w - 1)
		u.dx = -u.dx
	}
	switch orientation {
	case 3, 4, 6, 7: // rows in reverse: bottom right, bottom left, right top, right bottom
		u.from += u.dy * (h - 1)
		u.dy = -u.dy
	}
	return u
}

// put writes rows of the stored picture, from row y on. Several at once, because they may
// become columns: each cache line is used up while it is in the cache.
func (u upright) put(dst, rows []byte, width, y int) {
	n := len(rows) / (3 * width)
	for x := range width {
		at := u.from + u.dx*x + u.dy*y
		for k := range n {
			*(*[3]byte)(dst[at+u.dy*k:]) = *(*[3]byte)(rows[3*(k*width+x):])
		}
	}
}
