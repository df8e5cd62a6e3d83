package autograd_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// packedCases cover every way in which a packed convolution is computed.
var packedCases = []struct {
	n, h, w, cin, cout, kh, kw int
	conv                       autograd.Conv
}{
	{3, 9, 8, 12, 20, 3, 3, autograd.Conv{PadH: 1, PadW: 1}},       // F(4×4)
	{2, 2, 2, 8, 5, 3, 3, autograd.Conv{PadH: 1, PadW: 1}},         // F(2×2)
	{2, 7, 7, 512, 512, 3, 3, autograd.Conv{PadH: 1, PadW: 1}},     // F(2×2), but F(4×4) in training
	{2, 9, 8, 4, 7, 3, 3, autograd.Conv{PadH: 1, PadW: 1}},         // a tap a row of the filter
	{3, 9, 8, 18, 7, 3, 3, autograd.Conv{2, 2, 1, 1}},              // a tap a place
	{3, 5, 6, 33, 40, 1, 1, autograd.Conv{}},                       // a plain product
	{3, 5, 6, 33, 40, 1, 1, autograd.Conv{StrideH: 2, StrideW: 2}}, // rows of one tap
	{1, 20, 21, 3, 16, 7, 7, autograd.Conv{2, 2, 3, 3}},            // the stem
	{0, 5, 6, 33, 40, 1, 1, autograd.Conv{}},                       // no image
	{2, 6, 6, 700, 9, 1, 1, autograd.Conv{}},                       // several blocks of terms
}

// TestPackedConv compares with a convolution, a sum and a ReLU: equal in bits where the
// order of the terms is the same, that is without a result to add to.
func TestPackedConv(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for _, c := range packedCases {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			x, w, bias := random[float64](1, c.n, c.h, c.w, c.cin), random[float64](2, c.kh, c.kw, c.cin, c.cout), random[float64](3, c.cout)
			g := autograd.NewGraph[float64](p)
			f := autograd.PackConv(w, bias, c.conv)
			want := g.Conv2D(x, w, bias, c.conv)
			if f.Out(x.Shape()) != want.Shape() {
				t.Fatalf("shape %v, want %v", f.Out(x.Shape()), want.Shape())
			}
			y := g.NewLike(want.Shape())
			f.Into(g, y, x, false, false)
			near(t, "value", y.Data(), want.Data())
			f.Into(g, y, x, false, true)
			near(t, "value with ReLU", y.Data(), g.ReLU(want).Data())
			residual := random[float64](4, want.Len())
			copy(y.Data(), residual.Data())
			f.Into(g, y, x, true, true)
			near(t, "value added", y.Data(), g.ReLU(g.Add(want, g.Reshape(residual, want.Dim(0), want.Dim(1), want.Dim(2), want.Dim(3)))).Data())
			autograd.PackConv(w, nil, c.conv).Into(g, y, x, false, false)
			near(t, "value without a bias", y.Data(), g.Conv2D(x, w, nil, c.conv).Data())
		})
	}
}

// TestPackedConvBits: in float32, on an exact graph, the bits are those of Conv2D. On
// any graph they do not depend on the other images or on the threads, and goroutines
// may share a convolution that is not packed yet.
func TestPackedConvBits(t *testing.T) {
	for _, c := range packedCases {
		x, w, bias := random[float32](1, c.n, c.h, c.w, c.cin), random[float32](2, c.kh, c.kw, c.cin, c.cout), random[float32](3, c.cout)
		f := autograd.PackConv(w, bias, c.conv)
		shape := f.Out(x.Shape())
		run := func(threads int, exact bool) []float32 {
			p := pool.New(threads)
			defer p.Close()
			g := autograd.NewGraph[float32](p)
			g.SetExact(exact)
			y := random[float32](4, shape.Dim(0), shape.Dim(1), shape.Dim(2), shape.Dim(3))
			for i := range c.n { // each image alone
				f.Into(g, g.Slice(y, 0, i, i+1), g.Slice(x, 0, i, i+1), !exact, true)
			}
			all := random[float32](4, shape.Dim(0), shape.Dim(1), shape.Dim(2), shape.Dim(3))
			f.Into(g, all, x, !exact, true)
			if !slices.Equal(all.Data(), y.Data()) {
				t.Errorf("%+v: an image alone has other bits than in a batch", c)
			}
			return all.Data()
		}
		var wg sync.WaitGroup
		var results [4][]float32
		for i := range results {
			wg.Add(1)
			go func() {
				defer wg.Done()
				results[i] = run(1+i, false)
			}()
		}
		wg.Wait()
		for i := range results {
			if !slices.Equal(results[i], results[0]) {
				t.Errorf("%+v: %d threads give other bits than one", c, 1+i)
			}
		}
		g := autograd.NewGraph[float32](nil)
		g.SetExact(true)
		want := g.ReLU(g.Conv2D(x, w, bias, c.conv)).Data()
		for i, v := range run(2, true) {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Errorf("%+v: element %d is %v, that of Conv2D %v", c, i, v, want[i])
				break
			}
		}
	}
}

func TestPackedConvPanics(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	w := autograd.New[float32](3, 3, 2, 4)
	f := autograd.PackConv(w, nil, autograd.Conv{})
	for _, c := range []struct {
		want string
		call func()
	}{
		{"autograd: PackConv: filter of shape [3 3]: want [KH KW Cin Cout]", func() { autograd.PackConv(autograd.New[float32](3, 3), nil, autograd.Conv{}) }},
		{"autograd: PackConv: filter of shape [3 3 2 4]: bias of shape [3]", func() { autograd.PackConv(w, autograd.New[float32](3), autograd.Conv{}) }},
		{"autograd: PackedConv: shapes [1 5 5 3] and [3 3 2 4]: numbers of input channels differ", func() { f.Out(autograd.MakeShape(1, 5, 5, 3)) }},
		{"autograd: PackedConv: result of shape [1 3 3 3]: want [1 3 3 4]", func() {
			f.Into(g, autograd.New[float32](1, 3, 3, 3), autograd.New[float32](1, 5, 5, 2), false, false)
		}},
		{"autograd: PackedConv: the input needs a gradient, which a packed convolution does not pass on", func() {
			f.Into(g, autograd.New[float32](1, 3, 3, 4), autograd.New[float32](1, 5, 5, 2).RequireGrad(), false, false)
		}},
		{"autograd: MaxPoolInto: result of shape [1 2 2 3]: want [1 2 2 2]", func() {
			autograd.MaxPoolInto(g, autograd.New[float32](1, 2, 2, 3), autograd.New[float32](1, 4, 4, 2), autograd.Window{H: 2, W: 2})
		}},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != c.want {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call()
		}()
	}
}

// TestMaxPoolWithoutGradient: the values are those that a pass which records finds, NaN
// and zeros of either sign among them.
func TestMaxPoolWithoutGradient(t *testing.T) {
	x := random[float32](1, 2, 9, 8, 19)
	for i := range x.Data() {
		switch i % 7 {
		case 0:
			x.Data()[i] = 0
		case 1:
			x.Data()[i] = float32(math.Copysign(0, -1))
		case 2:
			x.Data()[i] = min(x.Data()[i], 0)
		}
		if i%53 == 0 {
			x.Data()[i] = float32(math.NaN())
		}
	}
	for _, win := range []autograd.Window{{H: 3, W: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}, {H: 2, W: 3}, {H: 1, W: 1}} {
		g := autograd.NewGraph[float32](nil)
		got := g.MaxPool(x, win)
		needs := autograd.FromSlice(x.Data(), 2, 9, 8, 19).RequireGrad()
		want := g.MaxPool(needs, win)
		if got.Shape() != want.Shape() || win.Out(x.Shape()) != want.Shape() {
			t.Fatalf("%+v: shapes %v and %v, want %v", win, got.Shape(), win.Out(x.Shape()), want.Shape())
		}
		nans := 0
		for i, v := range want.Data() {
			u := got.Data()[i]
			if v != v {
				nans++
			}
			if math.Float32bits(u) != math.Float32bits(v) && (u == u || v == v) {
				t.Fatalf("%+v: element %d is %v, want %v", win, i, u, v)
			}
		}
		if nans == 0 {
			t.Errorf("%+v: no NaN shows", win)
		}
	}
}
