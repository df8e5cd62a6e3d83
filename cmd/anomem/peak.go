package main

import (
	"runtime"
	"sync"
	"time"

	"anomem/simd"
)

const (
	headlinePeakTime = 50 * time.Millisecond
	besidePeakTime   = 5 * time.Millisecond // before each run that is compared with it
)

// peak measures, for about d, the GFLOP/s of so many threads together. Threads beyond the
// cores add nothing.
func peak(threads int, d time.Duration) float64 {
	rates := make([]float64, min(threads, runtime.NumCPU()))
	var wg sync.WaitGroup
	for i := range rates {
		wg.Go(func() { rates[i] = simd.PeakFlops(d) })
	}
	wg.Wait()
	var sum float64
	for _, r := range rates {
		sum += r
	}
	return sum / 1e9
}
