package augment

import "anomem/imageio"

// Turn returns img turned anticlockwise by quarters·90°, pixel by pixel.
func Turn(img *imageio.Image, quarters int) *imageio.Image {
	out := new(imageio.Image)
	turnInto(out, img, quarters)
	return out
}

// turnInto is Turn, in the memory of dst.
func turnInto(dst, img *imageio.Image, quarters int) {
	w, h := img.W, img.H
	dst.Pix = resized(dst.Pix, len(img.Pix))
	dst.W, dst.H = w, h
	if quarters&1 != 0 {
		dst.W, dst.H = h, w
	}
	if quarters&3 == 0 {
		copy(dst.Pix, img.Pix)
		return
	}
	start, right, down := turned(w, h, quarters)
	for y := range h {
		to := 3 * (start + y*down)
		for row := img.Pix[3*w*y : 3*w*(y+1)]; len(row) >= 3; row = row[3:] {
			d := dst.Pix[to : to+3 : to+3]
			d[0], d[1], d[2] = row[0], row[1], row[2]
			to += 3 * right
		}
	}
}

// turned is where the pixel (0, 0) of a w×h image goes when that is turned, and how far one
// step right and one down lead there.
func turned(w, h, quarters int) (start, right, down int) {
	switch quarters & 3 {
	case 1:
		return (w - 1) * h, -h, 1
	case 2:
		return w*h - 1, -1, -w
	case 3:
		return h - 1, h, -1
	}
	return 0, 1, w
}
