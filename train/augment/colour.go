package augment

import (
	"math"

	"anomem/nn/rng"
)

// Factors and weights are in units of 1/one.
const (
	one  = 1 << 16
	half = one / 2
)

// A jitter is a sequence of changes of colour. The zero value changes nothing.
type jitter [4]change

// A change is one step of a jitter: its kind, and its factor in units of 1/one.
type change struct {
	kind   uint8
	amount int
}

const (
	noChange   uint8 = iota
	brightness       // v·f
	contrast         // mean + (v - mean)·f, with the mean luma of the picture
	saturation       // luma + (v - luma)·f, with each pixel's luma
	hue              // turned by f of the colour circle
)

// drawJitter draws the changes of torchvision's ColorJitter, in random order: factors
// uniform in [max(0, 1-s), 1+s] for a strength s, and a turn of the hue uniform in
// [-h, h].
func drawJitter(b, c, s, h float64, r *rng.Stream) jitter {
	factor := func(s float64) int { return fixed(between(max(0, 1-s), 1+s, r)) }
	j := jitter{
		{brightness, factor(b)},
		{contrast, factor(c)},
		{saturation, factor(s)},
		{hue, fixed(between(-h, h, r))},
	}
	for i := len(j) - 1; i > 0; i-- {
		k := r.IntN(i + 1)
		j[i], j[k] = j[k], j[i]
	}
	return j
}

// fixed returns x in units of 1/one, rounded.
func fixed(x float64) int { return int(math.RoundToEven(x * one)) }

// apply changes the colours of pix, RGB bytes. It rounds to bytes after each change,
// halves up.
func (j *jitter) apply(pix []byte) {
	for _, c := range j {
		switch {
		case c.kind == brightness && c.amount != one:
			blendWith(pix, 0, c.amount)
		case c.kind == contrast && c.amount != one:
			blendWith(pix, meanLuma(pix), c.amount)
		case c.kind == saturation && c.amount != one:
			saturate(pix, c.amount)
		case c.kind == hue && c.amount != 0:
			turnHue(pix, c.amount)
		}
	}
}

// The weights of red, green and blue in the luma (ITU-R BT.601). They sum to one: the luma
// of a grey pixel is its value.
const lumaR, lumaG, lumaB = 19595, 38470, 7471

// luma returns the luma of a pixel, 0 to 255.
func luma(r, g, b int) int { return (lumaR*r + lumaG*g + lumaB*b + half) >> 16 }

// meanLuma returns the mean luma of pix in units of 1/one.
func meanLuma(pix []byte) int {
	var r, g, b int64
	for i := 0; i+3 <= len(pix); i += 3 {
		p := pix[i : i+3 : i+3]
		r += int64(p[0])
		g += int64(p[1])
		b += int64(p[2])
	}
	return int((lumaR*r + lumaG*g + lumaB*b) / int64(len(pix)/3))
}

// blendWith replaces each byte v by at + (v - at)·f, at and f in units of 1/one.
func blendWith(pix []byte, at, f int) {
	var to [256]byte
	for v := range to {
		to[v] = clampByte((at + int(int64(v*one-at)*int64(f)>>16) + half) >> 16)
	}
	for i, v := range pix {
		pix[i] = to[v]
	}
}

// saturate replaces each byte v of a pixel by luma + (v - luma)·f.
func saturate(pix []byte, f int) {
	for i := 0; i+3 <= len(pix); i += 3 {
		p := pix[i : i+3 : i+3]
		r, g, b := int(p[0]), int(p[1]), int(p[2])
		y := luma(r, g, b)
		base := y*(one-f) + half
		p[0] = clampByte((base + r*f) >> 16)
		p[1] = clampByte((base + g*f) >> 16)
		p[2] = clampByte((base + b*f) >> 16)
	}
}

// toGrey replaces each pixel by its luma.
func toGrey(pix []byte) {
	for i := 0; i+3 <= len(pix); i += 3 {
		p := pix[i : i+3 : i+3]
		y := byte(luma(int(p[0]), int(p[1]), int(p[2])))
		p[0], p[1], p[2] = y, y, y
	}
}

// clampByte returns v, clamped to 0 ... 255.
func clampByte(v int) byte {
	if uint(v) > 255 {
		return byte(^(int64(v) >> 63)) // 0 below, 255 above
	}
	return byte(v)
}
