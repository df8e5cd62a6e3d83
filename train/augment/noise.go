package augment

import (
	"sync"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
)

const (
	noiseNumbers = 1 << 16
	noiseRun     = 3 * 256 // numbers in a row from one place of the table
)

// noiseTable holds standard normal numbers. To draw one for each value of a view would
// take longer than the rest of the view, so views read runs of a table, each from a
// random place. The numbers within a run are independent. Two runs share numbers only if
// their places are near each other, and then shifted, which no network can use.
var noiseTable = sync.OnceValue(func() []float32 {
	r := rng.New(0, rng.Name("augment noise table"))
	table := make([]float32, noiseNumbers)
	for i := range table {
		table[i] = float32(r.Norm())
	}
	return table
})

// noise adds normal noise to views.
type noise struct {
	gain [noiseRun]float32 // standard deviations, channel by channel
}

// set sets the standard deviation to deviation·255 levels.
func (z *noise) set(deviation float64, n imageio.Norm) {
	for i := range z.gain {
		z.gain[i] = float32(deviation) / n.Std[i%3]
	}
}

// add adds noise to a normalised view [size size 3].
func (z *noise) add(view []float32, r *rng.Stream) {
	table := noiseTable()
	for len(view) > 0 {
		n := min(noiseRun, len(view))
		from := r.IntN(noiseNumbers - noiseRun + 1)
		simd.MulAdd(view[:n], z.gain[:n], table[from:from+n])
		view = view[n:]
	}
}
