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
