package autograd_test

import (
	"testing"

	"anomem/autograd"
)

// TestConv2DAgainstLoops compares a convolution so large that it takes several
// products, forward and backward, with the sums as they are defined.
func TestConv2DAgainstLoops(t *testing.T) {
	const n, h, w, cin, k, cout, oh, ow = 60, 24, 23, 2, 3, 3, 24, 12
	c := autograd.Conv{StrideW: 2, PadH: 1, PadW: 1}
	x, weights := random[float64](1, n, h, w, cin).RequireGrad(), random[float64](2, k, k, cin, cout).RequireGrad()
	seed := random[float64](3, n, oh, ow, cout).Data()
	g := autograd.NewGraph[float64](nil)
	y := g.Conv2D(x, weights, nil, c)
	g.BackwardFrom(y, seed)

	want, dx, dw := make([]float64, y.Len()), make([]float64, x.Len()), make([]float64, weights.Len())
	for m := range n * oh * ow {
		image, p, q := m/(oh*ow), m/ow%oh, m%ow
		for tap := range k * k {
			i, j := p+tap/k-1, 2*q+tap%k-1
			if i < 0 || i >= h || j < 0 || j >= w {
				continue
			}
			for ci := range cin {
				for co := range cout {
					xi, wi, yi := ((image*h+i)*w+j)*cin+ci, (tap*cin+ci)*cout+co, m*cout+co
					want[yi] += x.Data()[xi] * weights.Data()[wi]
					dx[xi] += seed[yi] * weights.Data()[wi]
					dw[wi] += seed[yi] * x.Data()[xi]
				}
			}
		}
	}
	near(t, "value", y.Data(), want)
	near(t, "gradient of x", x.Grad(), dx)
	near(t, "gradient of w", weights.Grad(), dw)
}

// TestConv2DStridesAgainstLoops tries strides that do and do not divide the map, and
// pass over the filter, in one axis and in both.
func TestConv2DStridesAgainstLoops(t *testing.T) {
	for _, c := range []struct{ h, w, kh, kw, sh, sw, ph, pw int }{
		{8, 8, 3, 3, 2, 2, 1, 1}, {7, 9, 3, 3, 2, 2, 1, 1}, {8, 6, 1, 1, 2, 2, 0, 0}, {9, 9, 7, 7, 2, 2, 3, 3},
		{10, 5, 2, 3, 3, 1, 0, 2}, {5, 11, 1, 2, 4, 5, 0, 1}, {4, 4, 4, 4, 1, 1, 0, 0}, {1, 1, 1, 1, 3, 3, 1, 1},
	} {
		const n, cin, cout = 3, 2, 3
		x := random[float64](1, n, c.h, c.w, cin).RequireGrad()
		w := random[float64](2, c.kh, c.kw, cin, cout).RequireGrad()
		g := autograd.NewGraph[float64](nil)
		y := g.Conv2D(x, w, nil, autograd.Conv{StrideH: c.sh, StrideW: c.sw, PadH: c.ph, PadW: c.pw})
		seed := random[float64](3, y.Len()).Data()
		g.BackwardFrom(y, seed)

		want, dx, dw := make([]float64, y.Len()), make([]float64, x.Len()), make([]float64, w.Len())
		oh, ow := y.Dim(1), y.Dim(2)
		for m := range n * oh * ow {
			for tap := range c.kh * c.kw {
				i, j := m/ow%oh*c.sh+tap/c.kw-c.ph, m%ow*c.sw+tap%c.kw-c.pw
				if i < 0 || i >= c.h || j < 0 || j >= c.w {
					continue
				}
				for ci := range cin {
					for co := range cout {
						xi, wi, yi := ((m/(oh*ow)*c.h+i)*c.w+j)*cin+ci, (tap*cin+ci)*cout+co, m*cout+co
						want[yi] += x.Data()[xi] * w.Data()[wi]
						dx[xi] += seed[yi] * w.Data()[wi]
						dw[wi] += seed[yi] * x.Data()[xi]
					}
				}
			}
		}
		near(t, "value", y.Data(), want)
		near(t, "gradient of x", x.Grad(), dx)
		near(t, "gradient of w", w.Grad(), dw)
	}
}
