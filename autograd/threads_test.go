package autograd_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"anomem/autograd"
	"anomem/check/gradients"
	"anomem/simd"
	"anomem/simd/pool"
)

// random fills a new tensor with values in [-1, 1).
func random[T autograd.Float](seed int, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	for k := range t.Data() {
		h := (uint64(seed)<<32 + uint64(k) + 1) * 0x9e3779b97f4a7c15
		h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
		h ^= h >> 32
		t.Data()[k] = T(float32(float64(h>>11)/(1<<52) - 1))
	}
	return t
}

// largeCall is an operation on tensors large enough to be cut into several chunks.
type largeCall struct {
	name string
	in   [][]int
	f    func(g *graph, in []*tensor) *tensor
}

var largeCalls = []largeCall{
	{"Add", [][]int{{300, 700}, {300, 700}}, func(g *graph, in []*tensor) *tensor { return g.Add(in[0], in[1]) }},
	{"Add row", [][]int{{3000, 70}, {70}}, func(g *graph, in []*tensor) *tensor { return g.Add(in[0], in[1]) }},
	{"Mul column", [][]int{{3000, 70}, {3000, 1}}, func(g *graph, in []*tensor) *tensor { return g.Mul(in[0], in[1]) }},
	{"Div", [][]int{{300, 700}}, func(g *graph, in []*tensor) *tensor { return g.Div(in[0], g.AddConst(in[0], 2)) }},
	{"Exp", [][]int{{200000}}, func(g *graph, in []*tensor) *tensor { return g.Exp(in[0]) }},
	{"ReLU", [][]int{{200000}}, func(g *graph, in []*tensor) *tensor { return g.ReLU(in[0]) }},
	{"LeakyReLU", [][]int{{200000}}, func(g *graph, in []*tensor) *tensor { return g.LeakyReLU(in[0], 0.01) }},
	{"MatMul", [][]int{{301, 203}, {203, 157}}, func(g *graph, in []*tensor) *tensor { return g.MatMul(in[0], in[1], false, false) }},
	{"Attention", [][]int{{1301, 31}, {403, 31}, {403, 19}}, func(g *graph, in []*tensor) *tensor {
		return g.Attention(in[0], in[1], in[2], 0.7)
	}},
	{"Sum of all", [][]int{{200003}}, func(g *graph, in []*tensor) *tensor { return g.Sum(in[0], false) }},
	{"Sum of rows", [][]int{{30, 9000}}, func(g *graph, in []*tensor) *tensor { return g.Sum(in[0], false, 1) }},
	{"Sum of columns", [][]int{{5003, 40}}, func(g *graph, in []*tensor) *tensor { return g.Sum(in[0], false, 0) }},
	{"Sum inside", [][]int{{7, 1001, 30}}, func(g *graph, in []*tensor) *tensor { return g.Sum(in[0], false, 1) }},
	{"Variance", [][]int{{5003, 40}}, func(g *graph, in []*tensor) *tensor { return g.Variance(in[0], true, false, 0) }},
	{"Max", [][]int{{5000, 40}}, func(g *graph, in []*tensor) *tensor { return g.Max(in[0], false, 1) }},
	{"LogSumExp", [][]int{{5000, 40}}, func(g *graph, in []*tensor) *tensor { return g.LogSumExp(in[0], false, 1) }},
	{"Softmax", [][]int{{5000, 40}}, func(g *graph, in []*tensor) *tensor { return g.Softmax(in[0], 1) }},
	{"LogSoftmax", [][]int{{40, 5000}}, func(g *graph, in []*tensor) *tensor { return g.LogSoftmax(in[0], 0) }},
	{"L2Normalize", [][]int{{5000, 40}}, func(g *graph, in []*tensor) *tensor { return g.L2Normalize(in[0], 1e-6) }},
	{"Transpose", [][]int{{30, 20, 25, 14}}, func(g *graph, in []*tensor) *tensor { return g.Transpose(in[0], 3, 1, 0, 2) }},
	{"BatchNorm", [][]int{{5003, 40}, {40}, {40}}, func(g *graph, in []*tensor) *tensor {
		return g.BatchNorm(in[0], in[1], in[2], nil, nil, autograd.BatchNormOptions{Training: true})
	}},
	{"Conv2D", [][]int{{9, 17, 16, 24}, {3, 3, 24, 20}, {20}}, func(g *graph, in []*tensor) *tensor {
		return g.Conv2D(in[0], in[1], in[2], autograd.Conv{PadH: 1, PadW: 1})
	}},
	{"Conv2D stride 2", [][]int{{9, 17, 16, 24}, {3, 3, 24, 20}}, func(g *graph, in []*tensor) *tensor {
		return g.Conv2D(in[0], in[1], nil, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	}},
	{"Conv2D pointwise", [][]int{{9, 17, 16, 24}, {1, 1, 24, 30}}, func(g *graph, in []*tensor) *tensor {
		return g.Conv2D(in[0], in[1], nil, autograd.Conv{})
	}},
	{"MaxPool", [][]int{{9, 17, 16, 24}}, func(g *graph, in []*tensor) *tensor {
		return g.MaxPool(in[0], autograd.Window{H: 3, W: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	}},
	{"AvgPoolTo", [][]int{{9, 17, 16, 24}}, func(g *graph, in []*tensor) *tensor { return g.AvgPoolTo(in[0], 3, 5) }},
	{"GlobalAvgPool", [][]int{{9, 17, 16, 24}}, func(g *graph, in []*tensor) *tensor { return g.GlobalAvgPool(in[0]) }},
	{"Resize", [][]int{{9, 9, 8, 24}}, func(g *graph, in []*tensor) *tensor { return g.Resize(in[0], 17, 16) }},
}

// run returns the result of the call and the gradients of its inputs.
func (c *largeCall) run(p *pool.Pool) [][]float32 {
	var in []*tensor
	for k, dims := range c.in {
		in = append(in, random[float32](k, dims...).RequireGrad())
	}
	g := autograd.NewGraph[float32](p)
	out := c.f(g, in)
	g.BackwardFrom(out, random[float32](9, out.Len()).Data())
	results := [][]float32{out.Data()}
	for _, t := range in {
		results = append(results, t.Grad())
	}
	return results
}

// TestThreadsDoNotChangeABit compares 1, 2 and 4 threads, operation by operation.
func TestThreadsDoNotChangeABit(t *testing.T) {
	two, four := pool.New(2), pool.New(4)
	defer two.Close()
	defer four.Close()
	for _, call := range largeCalls {
		want := call.run(nil)
		for _, p := range []*pool.Pool{two, four} {
			for k, got := range call.run(p) {
				if !sameBits(got, want[k]) {
					t.Errorf("%s: tensor %d differs between 1 and %d threads", call.name, k, p.Threads())
				}
			}
		}
	}
}

// TestChunksFitTogether goes through the gradient table with work cut into chunks of
// a few elements: what finite differences confirm in one piece must come out the
// same. Memory starts as NaN, so that a chunk left out shows.
func TestChunksFitTogether(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	run := func(c gradients.Case[float32], p *pool.Pool, grain, block int) [][]float32 {
		g := autograd.NewGraph[float32](p)
		g.SetGrain(grain, block)
		simd.Fill(g.Scratch(1<<17), float32(math.NaN()))
		g.Reset()
		for _, in := range c.In {
			in.RequireGrad().ZeroGrad()
		}
		out := c.F(g, c.In)
		g.BackwardFrom(out, random[float32](1, out.Len()).Data())
		results := [][]float32{slices.Clone(out.Data())}
		for _, in := range c.In {
			results = append(results, slices.Clone(in.Grad()))
		}
		return results
	}
	for _, row := range gradients.Rows[float32]() {
		for _, c := range row.Cases {
			want := run(c, nil, 1<<20, 1<<20)
			for _, cut := range [][2]int{{1, 1}, {5, 2}, {7, 7}} {
				for k, got := range run(c, p, cut[0], cut[1]) {
					if !sameBits(got, want[k]) {
						t.Errorf("%s, %s: tensor %d differs in chunks of %d", row.Op, c.Name, k, cut)
					}
				}
			}
			for _, d := range want {
				if slices.ContainsFunc(d, func(v float32) bool { return v != v }) {
					t.Errorf("%s, %s: a NaN", row.Op, c.Name)
				}
			}
		}
	}
}

// trained returns all parameters of the small network after a few steps.
func trained[T autograd.Float](p *pool.Pool, batch, seed, steps int) []T {
	n := newNetwork[T](p, batch, seed)
	for range steps {
		n.step()
	}
	var all []T
	for _, t := range append(n.params, n.stats...) {
		all = append(all, t.Data()...)
	}
	return all
}

// TestTrainingIsTheSameForAnyThreads compares networks trained on 1, 2 and 4 threads.
func TestTrainingIsTheSameForAnyThreads(t *testing.T) {
	want := trained[float32](nil, 32, 1, 3)
	for _, threads := range []int{1, 2, 4} {
		p := pool.New(threads)
		if !sameBits(trained[float32](p, 32, 1, 3), want) {
			t.Errorf("parameters differ after training on %d threads", threads)
		}
		p.Close()
	}
}

// TestTrainingIsTheSameAtEveryLevel compares networks trained at each level that
// this CPU has.
func TestTrainingIsTheSameAtEveryLevel(t *testing.T) {
	defer simd.Use(simd.Level())
	want := trained[float32](nil, 8, 1, 2)
	tried := 0
	for _, level := range simd.Levels() {
		if err := simd.Use(level.Name); err != nil {
			t.Logf("not tried: %v", err)
			continue
		}
		tried++
		if !sameBits(trained[float32](nil, 8, 1, 2), want) {
			t.Errorf("parameters differ after training at level %s", level.Name)
		}
	}
	if tried == 0 {
		t.Error("no level tried")
	}
}

// TestModelsTrainAtOnce trains models on goroutines of their own that share a pool:
// each must come out as it does alone. The race detector runs this.
func TestModelsTrainAtOnce(t *testing.T) {
	const models, steps = 4, 3
	p := pool.New(2)
	defer p.Close()
	got, got64 := make([][]float32, models), make([][]float64, models)
	var wg sync.WaitGroup
	for i := range models {
		wg.Go(func() { got[i] = trained[float32](p, 8, i, steps) })
		wg.Go(func() { got64[i] = trained[float64](p, 2, i, steps) })
	}
	wg.Wait()
	for i := range models {
		t.Run(fmt.Sprint("model ", i), func(t *testing.T) {
			if !sameBits(got[i], trained[float32](nil, 8, i, steps)) {
				t.Error("float32 parameters differ from those trained alone")
			}
			if !sameBits(got64[i], trained[float64](nil, 2, i, steps)) {
				t.Error("float64 parameters differ from those trained alone")
			}
		})
	}
}

// TestOneModelServesManyGraphs evaluates one set of parameters on several
// goroutines, each with a graph of its own, as a server does.
func TestOneModelServesManyGraphs(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	n := newNetwork[float32](p, 4, 1)
	n.step()
	want := append([]float32(nil), n.logits(false).Data()...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			mine := *n
			mine.g = autograd.NewGraph[float32](p)
			for range 3 {
				mine.g.NoGrad(func() {
					if !sameBits(mine.logits(false).Data(), want) {
						t.Error("results differ between graphs")
					}
				})
				mine.g.Reset()
			}
		})
	}
	wg.Wait()
}

// TestNetworkGradient checks the small network's gradient along random directions.
func TestNetworkGradient(t *testing.T) {
	n := newNetwork[float64](nil, 4, 3)
	f := func(g *graph64, in []*tensor64) *tensor64 {
		n.g, n.params = g, in
		z := n.logits(true)
		return g.LogSoftmax(z, 1)
	}
	if err := autograd.GradCheck("network", f, n.params, autograd.GradDirections(8)); err != nil {
		t.Error(err)
	}
}
