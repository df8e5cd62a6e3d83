package nn

import (
	"runtime"
	"runtime/debug"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// checkAllocations makes sure that a steady training step allocates nothing, at 2
// and 4 threads. It counts what the whole program allocates, since
// testing.AllocsPerRun would forbid all threads but one.
func checkAllocations(t *testing.T, m Module[float32], x *autograd.Tensor[float32]) {
	t.Helper()
	for _, threads := range []int{2, 4} {
		before := runtime.GOMAXPROCS(threads)
		p := pool.New(threads)
		g := autograd.NewGraph[float32](p)
		Init(m, 1)
		SetTraining(m, true)
		params := Parameters(m)
		velocity, target := velocities(params), oneHot[float32](x.Dim(0))
		f := &fixture{LR: 0.01, Momentum: 0.9, WeightDecay: 1e-4}
		run := func(n int) uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range n {
				step(g, m, x, target, params, velocity, f)
			}
			runtime.ReadMemStats(&after)
			return after.Mallocs - before.Mallocs
		}
		run(5)
		// The runtime itself allocates now and then, so one run without allocations is
		// enough; a step that allocates does so in every run.
		const n = 20
		least := run(n)
		for tries := 0; least > 0 && tries < 20; tries++ {
			least = min(least, run(n))
		}
		if least != 0 {
			t.Errorf("%d threads: %d allocations in %d steps", threads, least, n)
		}
		// A step that allocates now and then, say every 30th, shows in every long run.
		// However long it is, few are the runtime's, while no collection empties its
		// caches.
		const long, runtimesOwn = 300, 4
		percent := debug.SetGCPercent(-1)
		least = run(long)
		for tries := 0; least > runtimesOwn && tries < 5; tries++ {
			least = min(least, run(long))
		}
		debug.SetGCPercent(percent)
		if least > runtimesOwn {
			t.Errorf("%d threads: %d allocations in %d steps", threads, least, long)
		}
		p.Close()
		runtime.GOMAXPROCS(before)
	}
}

func TestMLPAllocatesNothing(t *testing.T) {
	checkAllocations(t, NewMLP[float32](20, 64, 48, 3), random[float32](t, 1, 128, 20))
}
