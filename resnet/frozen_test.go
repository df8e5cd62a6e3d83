package resnet

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/torchtest"
	"anomem/simd"
	"anomem/simd/pool"
)

// frozenConfigs are all depths, both stems, with a head and without.
var frozenConfigs = []Config{
	{Depth: 18, Stem: Small, Width: 0.25, Classes: 5}, {Depth: 18, Width: 0.25},
	{Depth: 34, Stem: Small, Width: 0.125}, {Depth: 34, Width: 0.125, Classes: 5, Channels: 1},
	{Depth: 50, Stem: Small, Width: 0.125, Classes: 5}, {Depth: 50, Width: 0.25, Classes: 5},
	{Depth: 101, Stem: Small, Width: 0.0625}, {Depth: 101, Width: 0.0625, Classes: 5},
}

// TestFrozen compares a frozen network with evaluation mode, in float64: maps, logits
// and, where there is no head, means, to 1e-12 of their root mean square.
func TestFrozen(t *testing.T) {
	for _, c := range frozenConfigs {
		net := newNet[float64](t, c)
		net.initByHash()
		f := Freeze(net) // in training mode, which makes no difference
		nn.SetTraining(net, false)
		if f.Config() != net.Config() {
			t.Errorf("%+v: configuration %+v, want %+v", c, f.Config(), net.Config())
		}
		size := 33
		if c.Stem == Small {
			size = 9
		}
		x := images[float64](3, size, net.Config().Channels)
		g := autograd.NewGraph[float64](nil)
		maps, want := f.Stages(g, x), net.Stages(g, x)
		for s := range maps {
			closeTo(t, fmt.Sprintf("%+v: stage %d", c, s+1), maps[s], want[s], 1e-12)
		}
		closeTo(t, fmt.Sprintf("%+v: head", c), f.Head(g, maps[3]), net.Head(g, want[3]), 1e-12)
		closeTo(t, fmt.Sprintf("%+v: forward", c), f.Forward(g, x), net.Forward(g, x), 1e-12)
	}
}

// TestFrozenFloat32 compares with float64. The norms keep the size of the maps, so that
// the errors of the convolutions on an image's way add up, at most: each has the error
// that the table of the package simd has for F(4×4), 1.5e-6 up to 256 channels, of the
// root mean square of its result, and rounding the weights and the bias adds 2⁻²⁴ each.
func TestFrozenFloat32(t *testing.T) {
	for _, c := range frozenConfigs {
		net, wide := newNet[float32](t, c), newNet[float64](t, c)
		net.initByHash()
		from := nn.Entries(net, "")
		for i, e := range nn.Entries(wide, "") {
			copy(e.Tensor.Data(), torchtest.Widen(from[i].Tensor.Data()))
		}
		size := 33
		if c.Stem == Small {
			size = 9
		}
		x := images[float32](3, size, net.Config().Channels)
		x64 := autograd.FromSlice(torchtest.Widen(x.Data()), 3, size, size, net.Config().Channels)
		g, g64 := autograd.NewGraph[float32](nil), autograd.NewGraph[float64](nil)
		maps, want := Freeze(net).Stages(g, x), Freeze(wide).Stages(g64, x64)
		layers := 1
		for s := range maps {
			a := architectures[c.Depth]
			each := 2
			if a.bottleneck {
				each = 3
			}
			layers += each * a.blocks[s]
			got := autograd.FromSlice(torchtest.Widen(maps[s].Data()), shapeOf(maps[s])...)
			closeTo(t, fmt.Sprintf("%+v: stage %d", c, s+1), got, want[s], float64(layers)*(1.5e-6+2.0/(1<<24)))
		}
	}
}

// TestFrozenSameBits: at every level with assembly, or in plain Go where there is none, on
// 1, 2 and 4 threads, in a batch and alone, a frozen network gives the bits that the golden
// file has.
func TestFrozenSameBits(t *testing.T) {
	const file = "frozen.json"
	run := func(c *bitsCase, p *pool.Pool) string {
		net := newNet[float32](t, c.config)
		fillByFormula(t, net)
		f := Freeze(net)
		g := autograd.NewGraph[float32](p)
		x := formulaInput[float32](8, c.size)
		logits := f.Forward(g, x)
		h := uint64(14695981039346656037) // FNV-1a, a number at a time
		hash := func(v []float32) {
			for _, x := range v {
				if !(math.Abs(float64(x)) < 1e6) { // NaNs have different bits on different CPUs
					t.Fatalf("%s: %v is no use for a comparison", c.name, x)
				}
				h = (h ^ uint64(math.Float32bits(x))) * 1099511628211
			}
		}
		hash(logits.Data())
		maps := f.Stages(g, x)
		for _, m := range maps {
			hash(m.Data())
		}
		if head := f.Head(g, maps[3]); !slices.Equal(head.Data(), logits.Data()) {
			t.Errorf("%s: Head gives %v, Forward %v", c.name, head.Data(), logits.Data())
		}
		for i := range 8 {
			one := f.Forward(g, g.Slice(x, 0, i, i+1)).Data()
			if want := logits.Data()[i*len(one) : (i+1)*len(one)]; !slices.Equal(one, want) {
				t.Errorf("%s: image %d alone gives %v, in a batch of 8 %v", c.name, i, one, want)
			}
		}
		return fmt.Sprintf("%016x", h)
	}
	golden := map[string]string{}
	if *update {
		back := useLevel(t, "purego")
		for i := range bitsCases {
			golden[bitsCases[i].name] = run(&bitsCases[i], nil)
		}
		back()
		b, err := json.MarshalIndent(golden, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("../testdata/resnet/"+file, append(b, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	readJSON(t, file, &golden)
	if len(golden) != len(bitsCases) {
		t.Fatalf("%d networks in the golden file, want %d", len(golden), len(bitsCases))
	}
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			defer useBitsLevel(t, level)()
			for _, threads := range []int{1, 2, 4} {
				p := pool.New(threads)
				defer p.Close()
				for i := range bitsCases {
					c := &bitsCases[i]
					if got := run(c, p); got != golden[c.name] {
						t.Errorf("%s on %d threads: digest %s, want %s", c.name, threads, got, golden[c.name])
					}
				}
			}
		})
	}
}

// TestFrozenChunks: how many images a stage takes at a time changes no bit.
func TestFrozenChunks(t *testing.T) {
	defer func(rows, cache int) { frozenRows, frozenCache = rows, cache }(frozenRows, frozenCache)
	frozenRows = 1 << 30 // the cache decides
	for i := range bitsCases {
		c := &bitsCases[i]
		net := newNet[float32](t, c.config)
		nn.Init(net, 1)
		f := Freeze(net)
		x := formulaInput[float32](7, c.size)
		var want []float32
		for _, cache := range []int{1 << 40, 0, 1 << 16, 1 << 17, 1 << 18, 1 << 19} {
			frozenCache = cache
			g := autograd.NewGraph[float32](nil)
			maps := f.Stages(g, x)
			got := slices.Clone(f.Forward(g, x).Data())
			for _, m := range maps {
				got = append(got, m.Data()...)
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: other bits with a cache of %d bytes", c.name, cache)
			}
		}
	}
}

// TestFrozenStays: what is done to the network later does not change the frozen one.
func TestFrozenStays(t *testing.T) {
	c := bitsCases[2]
	net := newNet[float32](t, c.config)
	nn.Init(net, 1)
	f := Freeze(net)
	for _, e := range nn.Entries(net, "") {
		for i := range e.Tensor.Data() {
			e.Tensor.Data()[i] = float32(math.NaN())
		}
	}
	again := newNet[float32](t, c.config)
	nn.Init(again, 1)
	x := formulaInput[float32](2, c.size)
	g := autograd.NewGraph[float32](nil)
	if got, want := f.Forward(g, x).Data(), Freeze(again).Forward(g, x).Data(); !slices.Equal(got, want) {
		t.Errorf("%v after a change of the network, want %v", got, want)
	}
}

// TestFrozenTogether shares a network that has not run yet among goroutines.
func TestFrozenTogether(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	c := bitsCases[3]
	net := newNet[float32](t, c.config)
	nn.Init(net, 1)
	f := Freeze(net)
	x := formulaInput[float32](4, c.size)
	results := make(chan []float32)
	for range 4 {
		go func() { results <- f.Forward(autograd.NewGraph[float32](p), x).Data() }()
	}
	want := <-results
	for range 3 {
		if got := <-results; !slices.Equal(got, want) {
			t.Errorf("%v beside other goroutines, %v in another", got, want)
		}
	}
}

func TestFrozenAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []bitsCase{bitsCases[0], bitsCases[3]} {
		for _, threads := range []int{2, 4} {
			runtime.GOMAXPROCS(threads)
			p := pool.New(threads)
			net := newNet[float32](t, c.config)
			nn.Init(net, 1)
			f, x, g := Freeze(net), formulaInput[float32](4, c.size), autograd.NewGraph[float32](p)
			least := leastAllocations(10, func() {
				f.Forward(g, x)
				f.Stages(g, x)
				g.Reset()
			})
			if least != 0 {
				t.Errorf("%s on %d threads: %d allocations in 10 passes", c.name, threads, least)
			}
			p.Close()
		}
	}
}

func TestFrozenWrongInput(t *testing.T) {
	f := Freeze(newNet[float32](t, Config{Depth: 18, Width: 1.0 / 16}))
	for _, c := range []struct {
		x    *autograd.Tensor[float32]
		want string
	}{
		{autograd.New[float32](2, 32, 32, 1), "resnet: Frozen: x [2 32 32 1]: want [N H W 3]"},
		{autograd.New[float32](32, 32, 3), "resnet: Frozen: x [32 32 3]: want [N H W 3]"},
		{autograd.New[float32](1, 32, 32, 3).RequireGrad(), "resnet: Frozen: x needs a gradient, which a frozen network does not pass on"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != c.want {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			f.Forward(autograd.NewGraph[float32](nil), c.x)
		}()
	}
	if y := f.Forward(autograd.NewGraph[float32](nil), autograd.New[float32](0, 32, 32, 3)); y.Len() != 0 {
		t.Errorf("no image gives %v", y.Data())
	}
}

// images returns pseudo-random images.
func images[T nn.Float](n, size, channels int) *autograd.Tensor[T] {
	return autograd.FromSlice(torchtest.Formula[T]("images", n*size*size*channels), n, size, size, channels)
}

// initByHash gives r weights that keep the size of maps, and norms whose every number
// matters.
func (r *ResNet[T]) initByHash() {
	nn.Init(r, 1)
	for _, e := range nn.Entries(r, "") {
		if e.Tensor.Rank() == 1 {
			for i, u := range torchtest.Formula[T](e.Name, e.Tensor.Len()) {
				if e.First == nn.Ones {
					e.Tensor.Data()[i] = 1 + u/4
				} else {
					e.Tensor.Data()[i] = u / 4
				}
			}
		}
	}
}

func shapeOf[T nn.Float](x *autograd.Tensor[T]) []int {
	var dims []int
	for i := range x.Rank() {
		dims = append(dims, x.Dim(i))
	}
	return dims
}

// closeTo fails unless the root mean square of got - want is within a tolerance, as a
// part of that of want.
func closeTo(t *testing.T, what string, got, want *autograd.Tensor[float64], tolerance float64) {
	t.Helper()
	if got.Shape() != want.Shape() {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape(), want.Shape())
	}
	var e, sum float64
	for i, v := range want.Data() {
		e += (got.Data()[i] - v) * (got.Data()[i] - v)
		sum += v * v
	}
	if e = math.Sqrt(e / sum); !(e <= tolerance) || sum == 0 {
		t.Errorf("%s: off by %.3g, tolerated %.3g", what, e, tolerance)
	} else {
		t.Logf("%s: off by %.3g, tolerated %.3g", what, e, tolerance)
	}
}
