package simd

import (
	"slices"
	"time"
)

// PeakFlops measures the most floating-point operations a second that one thread of
// this machine reaches at the level in use: a loop of independent fused multiply-adds
// in registers, two operations each, run for about the given time. At level "purego"
// it is the rate of FMA32 on independent sums.
//
// The figure changes with the clock, which follows the load. Compare it only with what
// is measured at the same time.
func PeakFlops(d time.Duration) float64 {
	g := active.gemm
	if g.peak == nil {
		return peakGo(d)
	}
	return rate(d, g.peakFlops, func(n int) { g.peak(n) })
}

// rate runs f for about d, in calls of some 100 µs so that the goroutine can be
// preempted, and returns the operations a second in the median of the fastest quarter
// of the calls: others may have shared the core.
func rate(d time.Duration, flops int, f func(n int)) float64 {
	n := 1
	for { // find a size that takes 100 µs
		t := time.Now()
		f(n)
		if time.Since(t) > 100*time.Microsecond {
			break
		}
		n *= 2
	}
	var took []time.Duration
	for begin := time.Now(); time.Since(begin) < d; {
		t := time.Now()
		f(n)
		took = append(took, time.Since(t))
	}
	slices.Sort(took)
	if len(took) == 0 {
		return 0
	}
	return float64(n*flops) / took[len(took)/8].Seconds()
}

func peakGo(d time.Duration) float64 {
	var sums [64]float32
	row := make([]float32, len(sums))
	return rate(d, 2*len(sums), func(n int) {
		for range n {
			fmaRow(sums[:], 0.5, row)
		}
	})
}
