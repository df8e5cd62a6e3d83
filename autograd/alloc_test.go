package autograd_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"anomem/autograd"
	"anomem/check/gradients"
	"anomem/simd/pool"
)

// allocations returns how often n calls of step allocate, once it has run a few times:
// the fewest of many tries. The runtime itself allocates now and then, such as when a
// goroutine waits in a new place, which takes a while to settle if there are more
// threads than cores. What step allocates at each call shows in every try.
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

const (
	longRun     = 300 // calls
	runtimesOwn = 4   // allocations in a long run, however long, that are the runtime's
)

// longRunAllocations returns how often a long run allocates: the fewest of a few tries,
// since the runtime's own vary. What step allocates only at some calls, such as every
// 30th, shows in every long run, though a short one may miss it.
func longRunAllocations(step func()) uint64 {
	// A collection empties the runtime's caches, which it then fills anew.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	least := ^uint64(0)
	for try := 0; try < 10 && least > runtimesOwn; try++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range longRun {
			step()
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	return least
}

// checkSteady fails if step, once it has run a few times, allocates: in all of many
// runs of n calls, or in a long run more than the runtime does.
func checkSteady(t *testing.T, what string, n int, step func()) {
	t.Helper()
	if got := allocations(n, step); got != 0 {
		t.Errorf("%s: %d calls made %d allocations", what, n, got)
	}
	if got := longRunAllocations(step); got > runtimesOwn {
		t.Errorf("%s: %d calls made %d allocations", what, longRun, got)
	}
}

// TestRareAllocationsAreFound: an allocation at every 30th call is found.
func TestRareAllocationsAreFound(t *testing.T) {
	calls := 0
	var kept []byte
	got := longRunAllocations(func() {
		if calls++; calls%30 == 0 {
			kept = make([]byte, 1000)
		}
	})
	if got < longRun/30 {
		t.Errorf("%d allocations found, %d made", got, longRun/30)
	}
	runtime.KeepAlive(kept)
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
			checkSteady(t, "training", 10, func() { last = n.step() })
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
	checkSteady(t, "evaluation", 30, func() {
		n.g.NoGrad(func() { sum += n.logits(false).Data()[0] })
		n.g.Reset()
	})
}

// TestVaryingShapesSettle alternates between batch sizes, as the last batch of an
// epoch makes a training loop do.
func TestVaryingShapesSettle(t *testing.T) {
	a := newNetwork[float32](nil, 8, 1)
	small := newNetwork[float32](nil, 3, 1)
	small.g = a.g
	checkSteady(t, "two sizes", 10, func() { a.step(); small.step() })
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
	for _, row := range gradients.Rows[T]() {
		for _, c := range row.Cases {
			if c.Constants {
				continue
			}
			for _, in := range c.In {
				in.RequireGrad()
			}
			seed := make([]T, c.F(g, c.In).Len())
			g.Reset()
			checkSteady(t, row.Op+", "+c.Name, 10, func() {
				g.BackwardFrom(c.F(g, c.In), seed)
				g.Reset()
			})
		}
	}
}
