package autograd_test

import (
	"fmt"
	"runtime"
	"testing"

	"anomem/autograd"
	"anomem/autograd/autogradtest"
	"anomem/simd/pool"
)

// allocations is how many times n calls of step allocate once it has run a few
// times: the fewest of many tries, because the runtime allocates now and then for
// itself, for one when a goroutine waits in a new place, which goes on for a while
// where more threads run than there are cores. What step allocates at each call
// shows in every try.
func allocations(n int, step func()) uint64 {
	for range 3 {
		step()
	}
	least := ^uint64(0)
	for try := 0; try < 50 && least > 0; try++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n {
			step()
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	return least
}

// TestTrainingStepAllocatesNothing trains the small network, at several numbers of
// threads.
func TestTrainingStepAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(threads, " threads"), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			p := pool.New(threads)
			defer p.Close()
			n := newNetwork[float32](p, 8, 1)
			first, last := n.step(), float32(0)
			if got := allocations(10, func() { last = n.step() }); got != 0 {
				t.Errorf("10 training steps made %d allocations", got)
			}
			if !(last < first) {
				t.Errorf("loss %v after training, %v before: the step does nothing", last, first)
			}
		})
	}
}

// TestEvaluationAllocatesNothing is the same for the forward pass alone.
func TestEvaluationAllocatesNothing(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	n := newNetwork[float32](p, 8, 1)
	sum := float32(0)
	got := allocations(30, func() {
		n.g.NoGrad(func() { sum += n.logits(false).Data()[0] })
		n.g.Reset()
	})
	if got != 0 {
		t.Errorf("30 evaluations made %d allocations", got)
	}
}

// TestVaryingShapesSettle alternates between batch sizes, as the last batch of an
// epoch makes a training loop do.
func TestVaryingShapesSettle(t *testing.T) {
	a := newNetwork[float32](nil, 8, 1)
	small := newNetwork[float32](nil, 3, 1)
	small.g = a.g
	if got := allocations(10, func() { a.step(); small.step() }); got != 0 {
		t.Errorf("10 steps of two sizes each made %d allocations", got)
	}
}

// TestOperationsAllocateNothing goes through the gradient table: forward and
// backward of each case, except those that make constants of their own.
func TestOperationsAllocateNothing(t *testing.T) {
	t.Run("float32", testOperationsAllocateNothing[float32])
	t.Run("float64", testOperationsAllocateNothing[float64])
}

func testOperationsAllocateNothing[T autograd.Float](t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	g := autograd.NewGraph[T](p)
	for _, row := range autogradtest.Rows[T]() {
		for _, c := range row.Cases {
			if c.Constants {
				continue
			}
			for _, in := range c.In {
				in.RequireGrad()
			}
			seed := make([]T, c.F(g, c.In).Len())
			g.Reset()
			if got := allocations(10, func() {
				g.BackwardFrom(c.F(g, c.In), seed)
				g.Reset()
			}); got != 0 {
				t.Errorf("%s, %s: 10 steps made %d allocations", row.Op, c.Name, got)
			}
		}
	}
}
