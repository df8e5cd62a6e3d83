package nn

import (
	"fmt"
	"hash/fnv"
	"testing"

	"anomem/autograd"
	"anomem/simd"
	"anomem/simd/pool"
)

// TestSameBits: training a network gives the same bits at every level that this CPU
// can run, and for any number of threads.
func TestSameBits(t *testing.T) {
	was := simd.Level()
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}()
	want, first := uint64(0), ""
	defer func() { t.Logf("digest %#x", want) }()
	for _, level := range simd.Levels() {
		if len(level.Missing) > 0 {
			t.Logf("level %s is not tried: this CPU lacks %v", level.Name, level.Missing)
			continue
		}
		if err := simd.Use(level.Name); err != nil {
			t.Error(err)
			continue
		}
		for _, threads := range []int{1, 2, 4} {
			name := fmt.Sprintf("%s, %d threads", level.Name, threads)
			got := train(t, threads)
			if first == "" {
				want, first = got, name
			}
			if got != want {
				t.Errorf("%s gives other bits than %s", name, first)
			}
		}
	}
}

// train makes five steps with a network whose sizes fit no tile, and returns a
// digest of its state.
func train(t *testing.T, threads int) uint64 {
	p := pool.New(threads)
	defer p.Close()
	m := NewSequential[float32](
		NewConv2D[float32](3, 19, 3, 3, autograd.Conv{PadH: 1, PadW: 1}, WithoutBias),
		NewBatchNorm2D[float32](19),
		ReLU[float32]{},
		NewConv2D[float32](19, 37, 3, 3, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}),
		ReLU[float32]{},
		NewBatchNorm2D[float32](37),
		average[float32]{},
		NewMLP[float32](37, 21, 3),
	)
	Init(m, 9)
	params := Parameters(m)
	velocity := velocities(params)
	g := autograd.NewGraph[float32](p)
	x, target := random[float32](t, 1, 6, 9, 7, 3), oneHot[float32](6)
	for range 5 {
		step(g, m, x, target, params, velocity, &fixture{LR: 0.1, Momentum: 0.9, WeightDecay: 1e-3})
	}
	h := fnv.New64a()
	for _, e := range Entries(m, "") {
		hashOf(h, e.Tensor)
	}
	return h.Sum64()
}
