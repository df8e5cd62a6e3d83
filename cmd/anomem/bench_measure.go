package main

import (
	"math"
	"slices"
	"time"

	"anomem/simd/pool"
)

// runsPerFigure is how many runs a figure is the median of.
const runsPerFigure = 11

// measure times one benchmark for about the time of budget.
func measure(b benchmark, p *pool.Pool, budget time.Duration) result {
	r := result{Name: b.name, Threads: 1, Unit: b.unit}
	if b.parallel {
		r.Threads = p.Threads()
	}
	each := budget / runsPerFigure
	if b.setup == nil {
		var peaks []float64
		for range runsPerFigure {
			peaks = append(peaks, peak(r.Threads, each))
		}
		one := 1.0
		r.Value, r.OfPeak = round(median(peaks)), &one
		return r
	}
	var before int64
	if b.images > 0 {
		before = startMemoryPeak()
	}
	call := b.setup(p)
	calls := callsFor(call, each)
	var values, shares []float64
	for range runsPerFigure {
		var top float64
		if b.unit == unitFlops {
			top = peak(r.Threads, besidePeakTime)
		}
		start := time.Now()
		for range calls {
			call()
		}
		value := b.work * float64(calls) / time.Since(start).Seconds() / 1e9
		values = append(values, value)
		if top > 0 {
			shares = append(shares, value/top)
		}
	}
	r.Value = round(median(values))
	r.Images = round(r.Value * 1e9 / b.work * float64(b.images))
	if before > 0 {
		r.Memory = max(0, memoryPeak()-before)
	}
	if len(shares) > 0 {
		share := round(median(shares))
		r.OfPeak = &share
	}
	return r
}

// callsFor warms up and returns how many calls take about that time.
func callsFor(call func(), each time.Duration) int {
	call()
	for calls := 1; ; calls *= 2 {
		start := time.Now()
		for range calls {
			call()
		}
		if took := time.Since(start); took > each/4 {
			return max(1, int(math.Round(float64(calls)*float64(each)/float64(took))))
		}
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// round keeps four digits: more would be noise.
func round(v float64) float64 {
	if v <= 0 {
		return v
	}
	unit := math.Pow(10, 3-math.Floor(math.Log10(v)))
	return math.Round(v*unit) / unit
}
