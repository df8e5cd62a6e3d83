package resnet

import (
	"runtime"
	"slices"
	"testing"

	"anomem/nn"
	"anomem/simd/pool"
)

// TestSteadyStepAllocatesNothing counts what the whole program allocates in training
// steps, at 2 and 4 threads (testing.AllocsPerRun would forbid all threads but one).
func TestSteadyStepAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []bitsCase{bitsCases[0], bitsCases[3]} {
		for _, threads := range []int{2, 4} {
			runtime.GOMAXPROCS(threads)
			p := pool.New(threads)
			net := newNet[float32](t, c.config)
			nn.Init(net, 1)
			tr := newTrainer(net, p, formulaInput[float32](4, c.size))
			const steps = 3
			least := leastAllocations(steps, func() { tr.step() })
			if least != 0 {
				t.Errorf("%s on %d threads: %d allocations in %d steps", c.name, threads, least, steps)
			}
			p.Close()
		}
	}
}

// leastAllocations returns how often n calls of step allocate, once it has run a few
// times: the fewest of several runs. The runtime itself allocates now and then; a step
// that allocates does so in every run.
func leastAllocations(n int, step func()) uint64 {
	run := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n {
			step()
		}
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	run(3)
	least := run(n)
	for tries := 0; least > 0 && tries < 10; tries++ {
		least = min(least, run(n))
	}
	return least
}

// TestTrainTogether trains two networks at once, on one pool: each becomes what it
// becomes alone.
func TestTrainTogether(t *testing.T) {
	p := pool.New(4)
	defer p.Close()
	train := func(c bitsCase) []float32 {
		net := newNet[float32](t, c.config)
		nn.Init(net, 1)
		tr := newTrainer(net, p, formulaInput[float32](4, c.size))
		result := []float32{tr.step(), tr.step(), tr.step()}
		for _, e := range nn.Entries(net, "") {
			result = append(result, e.Tensor.Data()...)
		}
		return result
	}
	cases := []bitsCase{bitsCases[0], bitsCases[2]}
	var together [2]chan []float32
	for i, c := range cases {
		together[i] = make(chan []float32, 1)
		go func() { together[i] <- train(c) }()
	}
	for i, c := range cases {
		got := <-together[i]
		if want := train(c); !slices.Equal(got, want) {
			t.Errorf("%s: trained beside another network it becomes another than alone", c.name)
		}
	}
}
