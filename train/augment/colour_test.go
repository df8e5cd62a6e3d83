package augment

import (
	"math"
	"slices"
	"testing"

	"anomem/nn/rng"
)

// slowLuma is ITU-R BT.601's, with the weights that luma has.
func slowLuma(p []float64) float64 {
	return (lumaR*p[0] + lumaG*p[1] + lumaB*p[2]) / one
}

// slowChange is a change of colour in float64, unrounded and unclamped. The luma of a
// pixel is a byte there too, and the mean of all is not.
func slowChange(c change, pix []byte) []float64 {
	f := float64(c.amount) / one
	out := make([]float64, len(pix))
	mean := 0.0
	for i, v := range pix {
		out[i] = float64(v)
	}
	for i := 0; i < len(out); i += 3 {
		mean += slowLuma(out[i:]) / float64(len(out)/3)
	}
	for i := 0; i < len(out); i += 3 {
		p := out[i : i+3]
		at := 0.0
		switch c.kind {
		case contrast:
			at = mean
		case saturation:
			at = math.Floor(slowLuma(p) + 0.5)
		case hue:
			slowHue(p, f)
			continue
		}
		for k := range p {
			p[k] = at + (p[k]-at)*f
		}
	}
	return out
}

// slowHue turns the hue of p by f circles, by way of hue, saturation and value (Smith,
// Color gamut transform pairs, SIGGRAPH 1978).
func slowHue(p []float64, f float64) {
	r, g, b := p[0], p[1], p[2]
	v, low := max(r, g, b), min(r, g, b)
	if v == low {
		return
	}
	c := v - low
	var h float64
	switch v {
	case r:
		h = (g - b) / c
	case g:
		h = 2 + (b-r)/c
	default:
		h = 4 + (r-g)/c
	}
	h = math.Mod(h+6*f+12, 6)
	// The channel whose pure colour is k sectors away from h.
	channel := func(k float64) float64 {
		away := math.Abs(math.Mod(h-k+9, 6) - 3)
		return low + c*min(max(2-away, 0), 1)
	}
	p[0], p[1], p[2] = channel(0), channel(2), channel(4)
}

// TestChanges holds each change of colour against float64. The result is rounded to a
// byte; a mean is off by less than 2⁻¹⁶ and so is the product of contrast, and the hue
// by 2·2⁻¹⁶ sectors of at most 255.
func TestChanges(t *testing.T) {
	r := rng.New(3)
	for kind, bound := range map[uint8]float64{brightness: 0.5 + 0x1p-16, contrast: 0.5 + 3*0x1p-16, saturation: 0.5, hue: 0.5 + 2*255*0x1p-16} {
		for trial := range 30 {
			pix := picture(17, 11, uint64(trial)).Pix
			amount := fixed(between(0, 2, &r))
			if kind == hue {
				amount = fixed(between(-0.5, 0.5, &r))
			}
			c := change{kind, amount}
			want := slowChange(c, pix)
			j := jitter{c}
			j.apply(pix)
			for i, got := range pix {
				if w := min(max(want[i], 0), 255); math.Abs(float64(got)-w) > bound {
					t.Fatalf("change %v: value %d is %d, want %g ± %g", c, i, got, w, bound)
				}
			}
		}
	}
}

// TestHueCircle: a third of the circle moves every channel on by one, half of it twice is
// none, and greys stay.
func TestHueCircle(t *testing.T) {
	pix := []byte{200, 10, 10, 30, 60, 90, 77, 77, 77, 0, 255, 255, 9, 8, 8}
	got := slices.Clone(pix)
	turnHue(got, one/3+1) // 1/3 is no multiple of 1/one
	for i := 0; i < len(pix); i += 3 {
		if got[i+1] != pix[i] || got[i+2] != pix[i+1] || got[i] != pix[i+2] {
			t.Errorf("%v turned by a third is %v", pix[i:i+3], got[i:i+3])
		}
	}
	got = slices.Clone(pix)
	turnHue(got, one/2)
	turnHue(got, -one/2)
	if !slices.Equal(got, pix) {
		t.Errorf("half a circle there and back: %v, want %v", got, pix)
	}
}

func TestGrey(t *testing.T) {
	pix := picture(9, 9, 1).Pix
	want := slices.Clone(pix)
	toGrey(pix)
	for i := 0; i < len(pix); i += 3 {
		y := slowLuma([]float64{float64(want[i]), float64(want[i+1]), float64(want[i+2])})
		if pix[i] != pix[i+1] || pix[i] != pix[i+2] || math.Abs(float64(pix[i])-y) > 0.5 {
			t.Fatalf("%v is grey %v, want %g", want[i:i+3], pix[i:i+3], y)
		}
	}
	// Saturation 0 is grey, and greys have none to change.
	colours := slices.Clone(want)
	saturate(colours, 0)
	if !slices.Equal(colours, pix) {
		t.Error("saturation 0 is not grey")
	}
	again := slices.Clone(pix)
	saturate(again, 3*one/2)
	turnHue(again, one/5)
	if !slices.Equal(again, pix) {
		t.Error("saturation or hue changes grey")
	}
}

func TestClampByte(t *testing.T) {
	for _, v := range []int{math.MinInt, -256, -1, 0, 1, 254, 255, 256, 511, math.MaxInt} {
		if got, want := clampByte(v), byte(min(max(v, 0), 255)); got != want {
			t.Errorf("clampByte(%d) = %d, want %d", v, got, want)
		}
	}
}

// TestJitter: factors fill [1-s, 1+s], the hue [-h, h], each kind comes once, and each of
// the 24 orders is as likely as the others.
func TestJitter(t *testing.T) {
	r := rng.New(5)
	const n = 24_000
	orders := map[[4]uint8]float64{}
	low, high := [5]int{}, [5]int{}
	for i := range low {
		low[i], high[i] = math.MaxInt, math.MinInt
	}
	for range n {
		var order [4]uint8
		for i, c := range drawJitter(0.4, 0.2, 1, 0.1, &r) {
			order[i] = c.kind
			low[c.kind], high[c.kind] = min(low[c.kind], c.amount), max(high[c.kind], c.amount)
		}
		orders[order]++
	}
	for kind, want := range map[uint8][2]float64{brightness: {0.6, 1.4}, contrast: {0.8, 1.2}, saturation: {0, 2}, hue: {-0.1, 0.1}} {
		// The least and largest of n numbers lie within 1/1000 of the range of its ends,
		// but for e⁻²⁴.
		from, to := fixed(want[0]), fixed(want[1])
		if margin := (to - from) / 1000; low[kind] < from || low[kind] > from+margin || high[kind] > to || high[kind] < to-margin {
			t.Errorf("change %d: amounts %d to %d, want %d to %d", kind, low[kind], high[kind], from, to)
		}
	}
	if len(orders) != 24 {
		t.Fatalf("%d orders, want 24", len(orders))
	}
	chi := 0.0
	for _, got := range orders {
		chi += (got - n/24) * (got - n/24) / (n / 24)
	}
	if chi > 50 { // 23 degrees of freedom: once in a thousand above 49.7
		t.Errorf("orders: χ² = %g", chi)
	}
}
