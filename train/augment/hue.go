package augment

// turnHue turns the hue of each pixel by f/one of the colour circle, in the HSV model. The
// hue is a place h on a circle of six sectors of length 1. Within a sector one of red,
// green and blue is the largest, one the smallest, and one moves linearly between them.
// Greys have no hue and stay.
func turnHue(pix []byte, f int) {
	const circle = 6 * one
	for i := 0; i+3 <= len(pix); i += 3 {
		p := pix[i : i+3 : i+3]
		r, g, b := int(p[0]), int(p[1]), int(p[2])
		top, low := max(r, g, b), min(r, g, b)
		c := top - low
		if c == 0 {
			continue
		}
		var h int
		switch top {
		case r:
			h = (g - b) * one / c
		case g:
			h = 2*one + (b-r)*one/c
		default:
			h = 4*one + (r-g)*one/c
		}
		h += 6 * f // |f| <= one/2 and -one <= h <= 5·one
		if h < 0 {
			h += circle
		}
		if h >= circle {
			h -= circle
		}
		part := (c*(h&(one-1)) + half) >> 16
		rising, falling := low+part, top-part
		switch h >> 16 {
		case 0:
			r, g, b = top, rising, low
		case 1:
			r, g, b = falling, top, low
		case 2:
			r, g, b = low, top, rising
		case 3:
			r, g, b = low, falling, top
		case 4:
			r, g, b = rising, low, top
		default:
			r, g, b = top, low, falling
		}
		p[0], p[1], p[2] = byte(r), byte(g), byte(b)
	}
}
