package serve

import (
	"math/rand/v2"
	"testing"
)

// Of streams without drift, no more than a share α ever has a p-value of α or less, though
// the calibration is small. One whose scores rise by a standard deviation, or fall, soon has.
func TestDrift(t *testing.T) {
	const streams, length = 300, 400
	rng := rand.New(rand.NewPCG(1, 2))
	run := func(shift float64, step float64) (p float64) {
		next := func(shift float64) float64 {
			v := rng.NormFloat64() + shift
			if step > 0 { // many scores are equal
				v = step * float64(int(v/step))
			}
			return v
		}
		var held []float64
		for range 29 {
			held = append(held, next(0))
		}
		d := newDrift(held)
		d.rng = rand.New(rand.NewPCG(rng.Uint64(), 1))
		for range length {
			d.add(next(shift))
		}
		return d.pValue()
	}
	for _, step := range []float64{0, 0.5} {
		low := 0
		for range streams {
			if run(0, step) <= 0.1 {
				low++
			}
		}
		// 30 are expected at most; 46 are three standard deviations above.
		if low > 46 {
			t.Errorf("steps of %v: %d of %d streams without drift have p-values of 0.1 or less", step, low, streams)
		}
		for _, shift := range []float64{-1, 1} {
			found := 0
			for range 50 {
				if run(shift, step) <= 0.01 {
					found++
				}
			}
			if found < 40 {
				t.Errorf("steps of %v, a shift of %v: %d of 50 streams have p-values of 0.01 or less", step, shift, found)
			}
		}
	}
}

// The scores that are kept do not grow for ever.
func TestDriftBeginsAgain(t *testing.T) {
	d := newDrift([]float64{1, 2, 3})
	for i := range 3 * mostBefore {
		d.add(float64(i))
		if len(d.before) > mostBefore {
			t.Fatalf("%d scores are kept", len(d.before))
		}
	}
}
