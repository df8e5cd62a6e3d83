package augment

import (
	"sync"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
)

const (
	noiseNumbers = 1 << 16
	noiseRun     = 3 * 256 // how many of them follow each other in a view
)

// noiseTable holds numbers of the standard normal distribution. An inverse distribution
// function for each value of a view takes longer than all the rest of it, and so does
// any generator of its own that computes more than a few operations: views read runs of
// a table instead, each from a random place. The numbers within a run are independent;
// two runs share some only where their places happen to be near each other, and then
// shifted, which no network can use.
var noiseTable = sync.OnceValue(func() []float32 {
	r := rng.New(0, rng.Name("augment noise table"))
	table := make([]float32, noiseNumbers)
	for i := range table {
		table[i] = float32(r.Norm())
	}
	return table
})

// noise adds numbers of a normal distribution to views.
type noise struct {
	gain [noiseRun]float32 // its standard deviations, channel by channel
}

// set fits the noise to deviation·(the range of a byte).
func (z *noise) set(deviation float64, n imageio.Norm) {
	for i := range z.gain {
		z.gain[i] = float32(deviation) / n.Std[i%3]
	}
}

func (z *noise) add(view []float32, r *rng.Stream) {
	table := noiseTable()
	for len(view) > 0 {
		n := min(noiseRun, len(view))
		from := r.IntN(noiseNumbers - noiseRun + 1)
		simd.MulAdd(view[:n], z.gain[:n], table[from:from+n])
		view = view[n:]
	}
}
