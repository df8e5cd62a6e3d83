package autograd_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/check/gradients"
	"anomem/simd/pool"
)

// TestNobodyReadsDeadMemory runs the gradient table on graphs whose memory is NaN
// wherever its contents are undefined: before it is stored to, and after it was freed.
func TestNobodyReadsDeadMemory(t *testing.T) {
	for _, row := range gradients.Rows[float32]() {
		for _, c := range row.Cases {
			run := func(g *graph) [][]float32 {
				for _, in := range c.In {
					in.RequireGrad().ZeroGrad()
				}
				out := c.F(g, c.In)
				g.BackwardFrom(out, random[float32](1, out.Len()).Data())
				results := [][]float32{slices.Clone(out.Data())}
				for _, in := range c.In {
					results = append(results, slices.Clone(in.Grad()))
				}
				g.Reset()
				return results
			}
			want := run(autograd.NewGraph[float32](nil))
			g := autograd.NewGraph[float32](nil)
			g.Poison()
			for range 2 {
				for k, got := range run(g) {
					if !sameBits(got, want[k]) {
						t.Errorf("%s, %s: tensor %d differs", row.Op, c.Name, k)
					}
				}
			}
		}
	}
}

// TestTrainingReadsNoDeadMemory trains the small network on such a graph.
func TestTrainingReadsNoDeadMemory(t *testing.T) {
	a, b := newNetwork[float32](nil, 4, 1), newNetwork[float32](nil, 4, 1)
	b.g.Poison()
	for i := range 3 {
		if want, got := a.step(), b.step(); got != want {
			t.Errorf("step %d: loss %v, want %v", i, got, want)
		}
	}
	for i, p := range a.params {
		if !sameBits(b.params[i].Data(), p.Data()) {
			t.Errorf("parameter %d differs", i)
		}
	}
}

// probe is y = x and keeps the value of x at the time of its Backward.
type probe struct {
	x, y *tensor
	seen []float32
}

func (op *probe) Backward(g *graph) {
	op.seen = slices.Clone(op.x.Data())
	dx := op.x.AccGrad(g)
	for i, d := range op.y.Grad() {
		dx[i] += d
	}
}

func look(g *graph, x *tensor) (*tensor, *probe) {
	op := &probe{x: x, y: g.NewLike(x.Shape())}
	copy(op.y.Data(), x.Data())
	g.Record(op.y, op, x)
	return op.y, op
}

// residuals is a chain of blocks y = relu(norm(x·w) + y), whose inner results and
// results but the last are discarded or not.
func residuals(g *graph, discard bool, in []*tensor) (*tensor, []*probe) {
	drop := func(t *tensor) {
		if discard {
			g.Discard(t)
			g.Discard(t) // again is the same
		}
	}
	var probes []*probe
	y := in[0]
	for _, w := range in[1:4] {
		z := g.BatchNorm(g.MatMul(y, w, false, false), in[4], in[5], nil, nil, autograd.BatchNormOptions{Training: true})
		s := g.Add(z, y)
		next := g.ReLU(s)
		seen, p := look(g, next)
		probes = append(probes, p)
		drop(z)
		drop(s)
		if y != in[0] {
			drop(y)
		}
		y = g.Add(next, g.Scale(seen, 0.5))
		drop(next)
		drop(seen) // of an operation that cannot compute it again
	}
	return y, probes
}

// TestDiscardChangesNoBit compares the gradients of a residual network, and what its
// operations see on the way, with and without.
func TestDiscardChangesNoBit(t *testing.T) {
	two := pool.New(2)
	defer two.Close()
	for _, p := range []*pool.Pool{nil, two} {
		var want [3][][]float32
		for _, discard := range []bool{false, true} {
			in := []*tensor{random[float32](1, 300, 40)}
			for i := range 3 {
				in = append(in, random[float32](2+i, 40, 40))
			}
			in = append(in, random[float32](6, 40), random[float32](7, 40))
			for _, x := range in {
				x.RequireGrad()
			}
			g := autograd.NewGraph[float32](p)
			g.Poison()
			for step := range want {
				y, probes := residuals(g, discard, in)
				got := [][]float32{slices.Clone(y.Data())}
				for range 1 + step%2 { // again: the tape is still whole
					g.BackwardFrom(y, random[float32](8, y.Len()).Data())
				}
				for _, p := range probes {
					got = append(got, p.seen)
				}
				for _, x := range in {
					got = append(got, slices.Clone(x.Grad()))
					x.ZeroGrad()
				}
				g.Reset()
				if !discard {
					want[step] = got
				}
				for k := range got {
					if !sameBits(got[k], want[step][k]) {
						t.Errorf("discard %v, step %d: tensor %d differs", discard, step, k)
					}
				}
			}
		}
	}
}

// TestDiscardSavesMemory: a chain of products, norms and ReLUs keeps only the products,
// and a result that is computed again is freed once Backward has passed its operation.
func TestDiscardSavesMemory(t *testing.T) {
	const layers, size = 8, 4 * 3000 * 40
	var most [2]int
	for i, discard := range []bool{false, true} {
		g := autograd.NewGraph[float32](nil)
		y := random[float32](1, 3000, 40)
		gamma, beta := random[float32](2, 40), random[float32](3, 40)
		for k := range layers {
			z := g.MatMul(y, random[float32](4+k, 40, 40).RequireGrad(), false, false)
			n := g.BatchNorm(z, gamma, beta, nil, nil, autograd.BatchNormOptions{Training: true})
			last := y
			y = g.ReLU(n)
			if discard {
				g.Discard(n)
				g.Discard(last)
			}
		}
		g.BackwardFrom(y, make([]float32, y.Len()))
		_, most[i] = g.Memory()
	}
	if without := 3 * layers * size; most[0] < without {
		t.Errorf("%d bytes without Discard, want %d", most[0], without)
	}
	// The products, the last result, two results computed again, two gradients, scratch.
	if with := (layers + 6) * size; most[1] > with {
		t.Errorf("%d bytes with Discard, want at most %d", most[1], with)
	}
}

// TestDiscardWithoutGrad: memory serves the next result at once.
func TestDiscardWithoutGrad(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	g.Poison()
	x := random[float32](1, 1000).RequireGrad()
	g.NoGrad(func() {
		y := g.Scale(x, 1)
		for range 100 {
			next := g.AddConst(y, 1)
			g.Discard(y)
			y = next
		}
		for i, v := range y.Data() {
			if math.Abs(float64(v-x.Data()[i]-100)) > 1e-3 {
				t.Fatalf("element %d is %v, want %v", i, v, x.Data()[i]+100)
			}
		}
	})
	if inUse, most := g.Memory(); most > 3*4*1008 || inUse != 4*1008 {
		t.Errorf("%d bytes in use, %d at most", inUse, most)
	}
}

// TestDiscardKeeps: Discard keeps every tensor that its comment excludes.
func TestDiscardKeeps(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	g.Poison()
	x := random[float32](1, 4, 6).RequireGrad()
	c := random[float32](2, 4, 6)
	leaf := g.NewTensor(4, 6).RequireGrad()
	copy(leaf.Data(), c.Data())
	viewed := g.ReLU(x)
	view := g.Reshape(viewed, 24)
	sliced := g.ReLU(x)
	part := g.Slice(sliced, 0, 1, 3)
	constant := g.AddConst(c, 1) // no operation on the tape makes it, but one uses it
	product := g.Mul(g.Mul(x, constant), leaf)
	for name, k := range map[string]*tensor{
		"the caller's": x, "the caller's constant": c, "a leaf": leaf, "a viewed tensor": viewed, "a view": view,
		"a sliced tensor": sliced, "a slice": part, "a constant in use": constant, "a product": product,
	} {
		before := slices.Clone(k.Data())
		g.Discard(k)
		if !slices.Equal(k.Data(), before) {
			t.Errorf("%s went", name)
		}
	}
	gone := g.AddConst(c, 1)
	g.Discard(gone)
	if gone.Data() != nil {
		t.Error("a constant that nothing uses stayed")
	}
	g.BackwardFrom(g.Sum(product, false), []float32{1})
	for i, d := range x.Grad() {
		if want := constantTimes(c, leaf, i); d != want {
			t.Fatalf("dx[%d] = %v, want %v", i, d, want)
		}
	}
}

func constantTimes(c, leaf *tensor, i int) float32 { return (c.Data()[i] + 1) * leaf.Data()[i] }

// TestSeedsAreOnlyRead: BackwardFrom works on the caller's own memory.
func TestSeedsAreOnlyRead(t *testing.T) {
	for name, f := range map[string]func(g *graph, x *tensor) *tensor{
		"Add":              func(g *graph, x *tensor) *tensor { return g.Add(x, g.Scale(x, 2)) },
		"Add to itself":    func(g *graph, x *tensor) *tensor { y := g.Scale(x, 2); return g.Add(y, y) },
		"Add row":          func(g *graph, x *tensor) *tensor { return g.Add(g.Scale(x, 2), random[float32](3, 5)) },
		"a view":           func(g *graph, x *tensor) *tensor { return g.Reshape(g.Scale(x, 2), 15) },
		"a view of a view": func(g *graph, x *tensor) *tensor { return g.Reshape(g.Reshape(g.AddConst(x, 2), 15), 5, 3) },
		"a leaf":           func(g *graph, x *tensor) *tensor { return x },
		"a view of a leaf": func(g *graph, x *tensor) *tensor { return g.Reshape(x, 15) },
	} {
		t.Run(name, func(t *testing.T) {
			g := autograd.NewGraph[float32](nil)
			x := random[float32](1, 3, 5).RequireGrad()
			y := f(g, x)
			seed := random[float32](2, 15).Data()
			given := slices.Clone(seed)
			g.BackwardFrom(y, seed)
			g.BackwardFrom(y, seed)
			if !slices.Equal(seed, given) {
				t.Error("a seed was written")
			}
			ones := autograd.NewGraph[float32](nil)
			in := random[float32](1, 3, 5).RequireGrad()
			out := f(ones, in)
			for range 2 {
				d := out.AccGrad(ones)
				for i, v := range seed {
					d[i] += v
				}
				if out != in {
					ones.BackwardFrom(out, make([]float32, 15))
				}
			}
			if !slices.Equal(x.Grad(), in.Grad()) {
				t.Errorf("gradient %v, want %v", x.Grad(), in.Grad())
			}
		})
	}
}

// TestSeedOfAResultInUse: other shares of the seeded gradient are added to a copy.
func TestSeedOfAResultInUse(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	x := autograd.FromSlice([]float64{1, 2}, 2).RequireGrad()
	trunk := g.Scale(x, 3)
	view := g.Reshape(trunk, 2, 1)
	branch := g.Scale(view, 5)
	branch.AccGrad(g)[0] = 1
	seed := []float64{10, 20}
	g.BackwardFrom(trunk, seed)
	if got := x.Grad(); got[0] != 45 || got[1] != 60 || seed[0] != 10 {
		t.Errorf("dx = %v, want [45 60]; seed %v", got, seed)
	}
}

func ExampleGraph_Discard() {
	g := autograd.NewGraph[float64](nil)
	x := autograd.FromSlice([]float64{-1, 2}, 2).RequireGrad()
	y := g.ReLU(x)
	z := g.Square(y)
	g.Discard(y) // Square's derivative needs y: Backward computes it again
	g.Backward(g.Sum(z, false))
	fmt.Println(x.Grad())
	// Output: [0 4]
}
