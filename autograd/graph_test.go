package autograd

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"
)

func TestLeafGradientsAccumulate(t *testing.T) {
	g := NewGraph[float64](nil)
	x := FromSlice([]float64{1, 2, 3}, 3).RequireGrad()
	for step := 1; step <= 3; step++ {
		g.Backward(g.Sum(g.Mul(x, x), false))
		for i, v := range x.Data() {
			if got, want := x.Grad()[i], float64(step)*2*v; got != want {
				t.Errorf("step %d: dx[%d] = %v, want %v", step, i, got, want)
			}
		}
		g.Reset()
	}
	x.ZeroGrad()
	for i, d := range x.Grad() {
		if d != 0 {
			t.Errorf("after ZeroGrad dx[%d] = %v", i, d)
		}
	}
}

func TestBackwardTwiceOnOneTape(t *testing.T) {
	g := NewGraph[float64](nil)
	x := FromSlice([]float64{3}, 1).RequireGrad()
	y := g.Mul(x, x)
	z := g.Sum(g.Add(y, x), false)
	g.Backward(z) // 2x + 1 = 7
	g.Backward(z)
	g.Backward(y) // 2x = 6
	if got := x.Grad()[0]; got != 20 {
		t.Errorf("dx = %v, want 20", got)
	}
}

func TestBackwardFromSeveralResults(t *testing.T) {
	g := NewGraph[float64](nil)
	x := FromSlice([]float64{1, 2}, 2).RequireGrad()
	trunk := g.Mul(x, x)
	a, b := g.Scale(trunk, 3), g.Scale(trunk, 5)
	a.AccGrad(g)[0] += 10
	g.BackwardFrom(b, []float64{1, 1})
	// dtrunk = 3·[10 0] + 5·[1 1], times 2x
	if got := x.Grad(); got[0] != 70 || got[1] != 20 {
		t.Errorf("dx = %v, want [70 20]", got)
	}
}

func TestNoGradRecordsNothing(t *testing.T) {
	g := NewGraph[float32](nil)
	x := FromSlice([]float32{1}, 1).RequireGrad()
	var y *Tensor[float32]
	g.NoGrad(func() {
		if g.Recording() {
			t.Error("recording inside NoGrad")
		}
		y = g.Mul(x, x)
	})
	if !g.Recording() || y.RequiresGrad() || len(g.tape) != 0 {
		t.Errorf("recording %v, result needs a gradient %v, tape of %d", g.Recording(), y.RequiresGrad(), len(g.tape))
	}
	g.Backward(g.Sum(y, false)) // a constant: nothing to do
	if x.Grad() != nil {
		t.Errorf("a gradient came through NoGrad: %v", x.Grad())
	}
}

func TestNoGradEndsWithAPanic(t *testing.T) {
	g := NewGraph[float32](nil)
	func() {
		defer func() { recover() }()
		g.NoGrad(func() { panic("stop") })
	}()
	if !g.Recording() {
		t.Error("not recording after a panic inside NoGrad")
	}
}

func TestConstantsGetNoGradient(t *testing.T) {
	g := NewGraph[float32](nil)
	x := FromSlice([]float32{1, 2}, 2).RequireGrad()
	c := FromSlice([]float32{3, 4}, 2)
	g.Backward(g.Sum(g.Mul(x, c), false))
	if c.Grad() != nil {
		t.Errorf("a constant's gradient is %v", c.Grad())
	}
}

func TestLeafInGraphMemory(t *testing.T) {
	g := NewGraph[float64](nil)
	x := g.NewTensor(2).RequireGrad()
	x.Data()[0], x.Data()[1] = 3, 4
	g.Backward(g.Sum(g.Mul(x, x), false))
	if got := x.Grad(); got[0] != 6 || got[1] != 8 {
		t.Errorf("dx = %v, want [6 8]", got)
	}
}

func TestResetBoundsMemory(t *testing.T) {
	g := NewGraph[float32](nil)
	x := New[float32](1000)
	for step := range 50 {
		y := x
		for range 1 + step%7 {
			y = g.Mul(x, x)
		}
		_ = y
		g.Reset()
	}
	if n := g.floats.cap(); n > 3*7*1008 {
		t.Errorf("arena of %d elements for steps of at most 7008", n)
	}
}

// TestForgetLetsMemoryGo: once the graph has forgotten a step, nothing but the
// arenas holds their chunks, so that Reset never needs the old and the new at once.
func TestForgetLetsMemoryGo(t *testing.T) {
	g := NewGraph[float32](nil)
	x, w := New[float32](200, 100), New[float32](100).RequireGrad()
	step := func() {
		y := g.Concat(0, x, x)
		for range 20 {
			y = g.Softmax(g.BatchNorm(g.Mul(y, w), w, w, w, w, BatchNormOptions{Training: true}), -1)
		}
		y = g.Where(make([]bool, y.Len()), y, g.Neg(y))
		g.Backward(g.Sum(g.MatMul(y, y, false, true), false))
	}
	step()
	var freed atomic.Int64
	chunks := watch(g.floats.chunks, &freed) + watch(g.doubles.chunks, &freed) + watch(g.bools.chunks, &freed)
	if chunks < 8 {
		t.Fatalf("a step of only %d chunks", chunks)
	}
	// A tensor that owns its memory, which lists of arguments refer to.
	leaf := New[float32](1)
	g.Concat(0, leaf, leaf)
	held := weak.Make(leaf)
	leaf = nil
	g.forget()
	clear(g.floats.chunks)
	clear(g.doubles.chunks)
	clear(g.bools.chunks)
	for range 100 {
		runtime.GC()
		if freed.Load() == chunks && held.Value() == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d of %d chunks were collected, and the argument: %v", freed.Load(), chunks, held.Value() == nil)
	runtime.KeepAlive(g)
}

// watch counts in freed the chunks that are collected, and returns how many there are.
func watch[E any](chunks [][]E, freed *atomic.Int64) int64 {
	for _, c := range chunks {
		runtime.AddCleanup(&c[0], func(n *atomic.Int64) { n.Add(1) }, freed)
	}
	return int64(len(chunks))
}

// wrongDouble is y = 2x with a derivative of 3 in element 4.
type wrongDouble struct{ x, y *Tensor[float64] }

func (op *wrongDouble) Backward(g *Graph[float64]) {
	dx := op.x.AccGrad(g)
	for i, d := range op.y.Grad() {
		dx[i] += 2 * d
		if i == 4 {
			dx[i] += d
		}
	}
}

func TestGradCheckFindsAWrongGradient(t *testing.T) {
	f := func(g *Graph[float64], in []*Tensor[float64]) *Tensor[float64] {
		x := g.Mul(in[0], in[1])
		op := NewOp[wrongDouble](g)
		op.x, op.y = x, g.NewLike(x.Shape())
		for i, v := range x.Data() {
			op.y.Data()[i] = 2 * v
		}
		g.Record(op.y, op, x)
		return op.y
	}
	in := []*Tensor[float64]{
		FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3),
		FromSlice([]float64{1, 1, 1, 1, 1, 1}, 2, 3),
	}
	err := GradCheck("wrong", f, in)
	var r *GradReport
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a report", err)
	}
	if r.Input != 1 || r.Index[0] != 1 || r.Index[1] != 1 || r.Offenders != 2 || r.Compared != 12 {
		t.Errorf("report %+v, want input 1, index [1 1], 2 of 12", r)
	}
	if math.Abs(r.Gradient/r.Numeric-1.5) > 1e-6 {
		t.Errorf("gradient %v, numeric %v, want 3 to 2", r.Gradient, r.Numeric)
	}
	for _, part := range []string{"wrong: input 1 [2 3], index [1 1]", "2 of 12 differ"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if err := GradCheck("wrong", f, in, GradDirections(3)); err == nil {
		t.Error("directions did not find a wrong gradient")
	}
}

func TestGradCheckFindsNaN(t *testing.T) {
	f := func(g *Graph[float64], in []*Tensor[float64]) *Tensor[float64] { return g.Div(in[0], in[1]) }
	in := []*Tensor[float64]{FromSlice([]float64{0}, 1), FromSlice([]float64{0}, 1)}
	if err := GradCheck("0/0", f, in); err == nil {
		t.Error("a NaN passed")
	}
}

func TestGradCheckPassesARightGradient(t *testing.T) {
	f := func(g *Graph[float64], in []*Tensor[float64]) *Tensor[float64] {
		return g.Sum(g.Div(g.Mul(in[0], in[0]), in[1]), false, 1)
	}
	in := []*Tensor[float64]{
		FromSlice([]float64{1, -2, 3, 4, 5, 6}, 2, 3),
		FromSlice([]float64{1, 2, -4}, 3),
	}
	for _, opts := range [][]GradOption{nil, {GradDirections(3)}, {GradStep(1e-6), GradTolerance(1e-5, 1e-5)}} {
		if err := GradCheck("right", f, in, opts...); err != nil {
			t.Error(err)
		}
	}
	if in[0].Grad() != nil {
		t.Error("GradCheck touched its input's gradient")
	}
}
