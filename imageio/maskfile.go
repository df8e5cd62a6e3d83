package imageio

import "io"

// DecodeMask reads a mask from an image file as Decode does, orientation included. The
// commonest value along the border of the picture is the background, the darkest of
// several, and other values mark: white on black, black on white, ink on transparent, red
// paint, numbers of kinds of defects. A value has 16 bits of red, green, blue and opacity,
// premultiplied.
//
// A pixel is strong if one of its channels lies across the middle from the background,
// and at least a quarter of the range away: on black, 128 to 255.
//
//   - If no pixel is strong, all values but the background mark.
//   - If there are strong ones, they mark. Weaker values are grey edges, or noise of JPEG
//     in a file that was saved without loss since. They mark only as numbers of kinds.
//   - In a lossy file whose largest difference from the background is below three quarters
//     of the range, pixels with at least half of it mark. The others are noise.
//
// The weaker values of a lossless file are numbers of kinds if there are at most 16, and
// for each one of these holds:
//
//   - More than half of its pixels lie in areas of this value with at least 4 pixels, of
//     which fewer than half touch a pixel that differs more from the background. Within
//     4/255 of the background, where noise is, it is more than nine tenths.
//   - More than a quarter of its pixels, at least 4, and more than a quarter of the pixels
//     of all weaker values touch one that differs more and none that differs less.
//
// Grey edges touch pixels of both kinds.
//
// A picture of one value marks everything, unless that is black or transparent. A defect
// that covers most of the border is taken for the background, and the rest is marked:
// Share is then 0, or large.
func DecodeMask(r io.Reader) (*Mask, error) {
	p, err := readPicture(r, nil)
	if err != nil {
		return nil, err
	}
	return newMarker(p).mask().upright(p.orientation), nil
}

// DecodeMaskFile reads a mask as DecodeMask does. Its errors name the path.
func DecodeMaskFile(path string) (*Mask, error) {
	return decodeFile(path, DecodeMask)
}

// upright undoes an EXIF orientation, as Decode does.
func (m *Mask) upright(orientation int) *Mask {
	if orientation == 1 {
		return m
	}
	u := uprightFrom(orientation, m.W, m.H)
	dst := NewMask(u.w, u.h)
	for i, marked := range m.Pix {
		if marked {
			dst.Pix[(u.from+u.dx*(i%m.W)+u.dy*(i/m.W))/3] = true
		}
	}
	return dst
}
