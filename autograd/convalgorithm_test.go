package autograd_test

import (
	"fmt"
	"math"
	"testing"

	"anomem/autograd"
	"anomem/simd"
	"anomem/simd/pool"
)

func TestConvAlgorithms(t *testing.T) {
	const direct, two, four = autograd.Direct, autograd.Winograd2, autograd.Winograd4
	same := autograd.Conv{PadH: 1, PadW: 1}
	for _, c := range []struct {
		x, w                   []int
		conv                   autograd.Conv
		forward, data, weights autograd.ConvAlgorithm
	}{
		{[]int{8, 56, 56, 64}, []int{3, 3, 64, 64}, same, four, four, four},
		{[]int{8, 7, 7, 512}, []int{3, 3, 512, 512}, same, four, four, four},
		{[]int{8, 4, 4, 512}, []int{3, 3, 512, 512}, same, four, four, four},
		{[]int{8, 3, 3, 16}, []int{3, 3, 16, 16}, same, four, four, four},
		{[]int{8, 2, 2, 16}, []int{3, 3, 16, 16}, same, two, two, two},
		{[]int{8, 5, 6, 16}, []int{3, 3, 16, 16}, same, two, two, two},
		{[]int{8, 1, 1, 16}, []int{3, 3, 16, 16}, same, direct, direct, direct},
		{[]int{8, 1, 40, 16}, []int{3, 3, 16, 16}, same, direct, direct, direct},
		{[]int{8, 32, 32, 3}, []int{3, 3, 3, 16}, same, direct, four, direct}, // the small stem
		{[]int{8, 32, 32, 7}, []int{3, 3, 7, 8}, same, direct, four, direct},
		{[]int{8, 32, 32, 8}, []int{3, 3, 8, 7}, same, four, direct, direct},
		{[]int{8, 5, 5, 16}, []int{3, 3, 16, 16}, autograd.Conv{}, four, two, four}, // to 3×3
		{[]int{8, 5, 5, 16}, []int{3, 3, 16, 16}, autograd.Conv{PadH: 2, PadW: 2}, four, two, four},
		{[]int{8, 5, 5, 16}, []int{3, 3, 16, 16}, autograd.Conv{PadH: 3, PadW: 3}, direct, direct, direct},
		{[]int{8, 5, 5, 16}, []int{3, 3, 16, 16}, autograd.Conv{PadH: 1}, direct, direct, direct},
		{[]int{8, 8, 8, 16}, []int{3, 3, 16, 16}, autograd.Conv{StrideW: 2, PadH: 1, PadW: 1}, direct, direct, direct},
		{[]int{8, 8, 8, 16}, []int{3, 3, 16, 16}, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}, direct, direct, direct},
		{[]int{8, 8, 8, 16}, []int{1, 1, 16, 16}, autograd.Conv{}, direct, direct, direct},
		{[]int{8, 8, 8, 16}, []int{5, 5, 16, 16}, autograd.Conv{PadH: 2, PadW: 2}, direct, direct, direct},
		{[]int{8, 8, 8, 16}, []int{3, 1, 16, 16}, autograd.Conv{PadH: 1}, direct, direct, direct},
	} {
		got := c.conv.Algorithms(autograd.MakeShape(c.x...), autograd.MakeShape(c.w...))
		if want := (autograd.ConvAlgorithms{Forward: c.forward, Data: c.data, Weights: c.weights}); got != want {
			t.Errorf("%v %v %+v: %v, want %v", c.x, c.w, c.conv, got, want)
		}
		c.x[0] = 1
		if one := c.conv.Algorithms(autograd.MakeShape(c.x...), autograd.MakeShape(c.w...)); one != got {
			t.Errorf("%v %v %+v: %v for one image, %v for eight", c.x, c.w, c.conv, one, got)
		}
	}
}

// winogradCases have maps whose edges fit no tile, and channels no panel.
var winogradCases = []struct{ h, w, cin, cout, pad int }{
	{9, 7, 19, 37, 1}, {2, 2, 16, 24, 1}, {5, 6, 8, 9, 1}, {8, 8, 33, 8, 0}, {4, 3, 12, 20, 2}, {7, 9, 3, 16, 1}, {6, 7, 16, 3, 1},
}

// convRun is a convolution of the first of eight images, with bias and its gradients;
// that of x is added to an earlier one.
func convRun[T autograd.Float](p *pool.Pool, exact bool, images, h, w, cin, cout, pad int) (y, dx, dw []T) {
	x, f := random[T](1, 8, h, w, cin), random[T](2, 3, 3, cin, cout).RequireGrad()
	x = autograd.FromSlice(x.Data()[:images*h*w*cin], images, h, w, cin).RequireGrad()
	copy(x.AccGrad(nil), random[T](4, x.Len()).Data())
	g := autograd.NewGraph[T](p)
	g.SetExact(exact)
	out := g.Conv2D(x, f, random[T](5, cout), autograd.Conv{PadH: pad, PadW: pad})
	g.BackwardFrom(out, random[T](3, 8*out.Len()/max(1, images)).Data()[:out.Len()])
	return out.Data(), x.Grad(), f.Grad()
}

// TestExactIsDirect compares an exact graph with chains of fused multiply-adds as
// Conv2D defines them, and one that is not with the calls of simd.Winograd that
// Conv.Algorithms names. They must differ.
func TestExactIsDirect(t *testing.T) {
	const n = 2
	for _, c := range winogradCases {
		oh, ow := c.h+2*c.pad-2, c.w+2*c.pad-2
		x, w := random[float32](1, 8, c.h, c.w, c.cin).Data()[:n*c.h*c.w*c.cin], random[float32](2, 3, 3, c.cin, c.cout).Data()
		bias, dy := random[float32](5, c.cout).Data(), random[float32](3, 8*oh*ow*c.cout).Data()[:n*oh*ow*c.cout]
		y, dx := make([]float32, n*oh*ow*c.cout), random[float32](4, n*c.h*c.w*c.cin).Data()
		start := append([]float32(nil), dx...)
		for m := range n * oh * ow {
			for o := range c.cout {
				sum := float32(0)
				for tap := range 9 {
					i, j := m/ow%oh+tap/3-c.pad, m%ow+tap%3-c.pad
					for ci := range c.cin {
						v := float32(0)
						if i >= 0 && i < c.h && j >= 0 && j < c.w {
							v = x[((m/(oh*ow)*c.h+i)*c.w+j)*c.cin+ci]
						}
						sum = simd.FMA32(v, w[(tap*c.cin+ci)*c.cout+o], sum)
					}
				}
				y[m*c.cout+o] = sum + bias[o]
			}
		}
		for m := range n * c.h * c.w {
			for ci := range c.cin {
				sum := dx[m*c.cin+ci]
				for tap := range 9 {
					p, q := m/c.w%c.h-tap/3+c.pad, m%c.w-tap%3+c.pad
					for o := range c.cout {
						v := float32(0)
						if p >= 0 && p < oh && q >= 0 && q < ow {
							v = dy[((m/(c.h*c.w)*oh+p)*ow+q)*c.cout+o]
						}
						sum = simd.FMA32(v, w[(tap*c.cin+ci)*c.cout+o], sum)
					}
				}
				dx[m*c.cin+ci] = sum
			}
		}
		exactY, exactDx, exactDw := convRun[float32](nil, true, n, c.h, c.w, c.cin, c.cout, c.pad)
		weights := make([]float32, len(w)) // two images of these sizes are one segment
		for tap := range 9 {
			for m := range n * oh * ow {
				i, j := m/ow%oh+tap/3-c.pad, m%ow+tap%3-c.pad
				for ci := range c.cin {
					v := float32(0)
					if i >= 0 && i < c.h && j >= 0 && j < c.w {
						v = x[((m/(oh*ow)*c.h+i)*c.w+j)*c.cin+ci]
					}
					for o := range c.cout {
						at := &weights[(tap*c.cin+ci)*c.cout+o]
						*at = simd.FMA32(v, dy[m*c.cout+o], *at)
					}
				}
			}
		}
		if !sameBits(exactY, y) || !sameBits(exactDx, dx) || !sameBits(exactDw, weights) {
			t.Errorf("%+v: an exact graph does not sum directly", c)
		}

		conv := autograd.Conv{PadH: c.pad, PadW: c.pad}
		a := conv.Algorithms(autograd.MakeShape(n, c.h, c.w, c.cin), autograd.MakeShape(3, 3, c.cin, c.cout))
		tile := map[autograd.ConvAlgorithm]int{autograd.Winograd2: 2, autograd.Winograd4: 4}
		s := simd.WinogradShape{N: n, H: c.h, W: c.w, Cin: c.cin, Cout: c.cout, Pad: c.pad}
		gotY, gotDx, gotDw := convRun[float32](nil, false, n, c.h, c.w, c.cin, c.cout, c.pad)
		if a.Forward != autograd.Direct {
			was := append([]float32(nil), y...)
			s.Tile = tile[a.Forward]
			simd.Winograd(nil, y, x, simd.WinogradFilter[float32]{Data: w}, s, simd.Epilogue[float32]{Bias: bias})
			if sameBits(y, was) {
				t.Errorf("%+v, forward: no difference between %v and direct", c, a.Forward)
			}
		}
		if a.Data != autograd.Direct {
			was := append([]float32(nil), dx...)
			copy(dx, start)
			s.Tile = tile[a.Data]
			turned := simd.WinogradFilter[float32]{Data: w, Turned: true}
			simd.Winograd(nil, dx, dy, turned, s.Backward(), simd.Epilogue[float32]{Accumulate: true})
			if sameBits(dx, was) {
				t.Errorf("%+v, by data: no difference between %v and direct", c, a.Data)
			}
		}
		dw := append([]float32(nil), exactDw...)
		if a.Weights != autograd.Direct {
			s.Tile = tile[a.Weights]
			clear(dw)
			simd.WinogradWeights(nil, dw, x, dy, s, true)
			if sameBits(dw, exactDw) {
				t.Errorf("%+v, by weights: no difference between %v and direct", c, a.Weights)
			}
		}
		if !sameBits(gotY, y) || !sameBits(gotDx, dx) || !sameBits(gotDw, dw) {
			t.Errorf("%+v: not computed by %v", c, a)
		}
	}
}

// TestFloat64IsDirect: SetExact does not change float64 results.
func TestFloat64IsDirect(t *testing.T) {
	for _, c := range winogradCases {
		y, dx, dw := convRun[float64](nil, false, 2, c.h, c.w, c.cin, c.cout, c.pad)
		y2, dx2, dw2 := convRun[float64](nil, true, 2, c.h, c.w, c.cin, c.cout, c.pad)
		for k, v := range [][]float64{y, dx, dw} {
			for i, w := range [][]float64{y2, dx2, dw2}[k] {
				if math.Float64bits(v[i]) != math.Float64bits(w) {
					t.Fatalf("%+v: tensor %d differs", c, k)
				}
			}
		}
	}
}

// TestImagesAloneAndTogether: an image's result and gradient are the same alone and
// among eight, on 1, 2 and 4 threads, at every level, and in a second run.
func TestImagesAloneAndTogether(t *testing.T) {
	defer simd.Use(simd.Level())
	pools := []*pool.Pool{nil, pool.New(2), pool.New(4)}
	defer pools[1].Close()
	defer pools[2].Close()
	for _, c := range winogradCases {
		wantY, wantDx, wantDw := convRun[float32](nil, false, 8, c.h, c.w, c.cin, c.cout, c.pad)
		same := func(what string, images int, p *pool.Pool) {
			y, dx, dw := convRun[float32](p, false, images, c.h, c.w, c.cin, c.cout, c.pad)
			if !sameBits(y, wantY[:len(y)]) || !sameBits(dx, wantDx[:len(dx)]) || images == 8 && !sameBits(dw, wantDw) {
				t.Errorf("%+v, %s: other bits than in a batch of 8 on one thread", c, what)
			}
		}
		for _, level := range simd.Levels() {
			if err := simd.Use(level.Name); err != nil {
				t.Logf("not tried: %v", err)
				continue
			}
			for _, p := range pools {
				for _, images := range []int{1, 3, 8, 8} {
					same(fmt.Sprintf("%d images, %s, %d threads", images, level.Name, p.Threads()), images, p)
				}
			}
		}
	}
}
