package main

import (
	"fmt"
	"slices"
)

const (
	quiet    = 0.03 // the share of the time that a quiet round may wait for a core
	attempts = 4    // the most rounds, as a multiple of the quiet ones wanted
)

// inTurn runs every side once a round, until the given number of rounds were quiet, and
// returns the images a second, a slice for each side. If too few rounds were quiet, it
// returns the least disturbed ones. waited is the worst share of the rounds returned.
func inTurn(sides []*side, rounds int) (images [][]float64, waited float64, err error) {
	type round struct {
		images []float64
		waited float64
	}
	var all []round
	for calm := 0; calm < rounds && len(all) < attempts*rounds; {
		var r round
		for _, s := range sides {
			a, err := s.run()
			if err != nil {
				return nil, 0, err
			}
			if a, b := sides[0].scheduling(), s.scheduling(); a != b {
				return nil, 0, fmt.Errorf("not scheduled alike: %s: %s; %s: %s", sides[0].cmd, a, s.cmd, b)
			}
			r.images = append(r.images, a.Images)
			r.waited = max(r.waited, a.waited)
		}
		if all = append(all, r); r.waited <= quiet {
			calm++
		}
	}
	slices.SortStableFunc(all, func(a, b round) int {
		switch {
		case a.waited < b.waited:
			return -1
		case a.waited > b.waited:
			return 1
		}
		return 0
	})
	images = make([][]float64, len(sides))
	for _, r := range all[:rounds] {
		for i, v := range r.images {
			images[i] = append(images[i], v)
		}
	}
	return images, all[rounds-1].waited, nil
}

// quotient compares two series of the same rounds.
type quotient struct {
	Ratio float64 `json:"ratio"`     // of the medians
	Least float64 `json:"ratio_min"` // of the rounds
	Most  float64 `json:"ratio_max"`
}

func (q quotient) String() string { return fmt.Sprintf("%5.2f  %.2f-%.2f", q.Ratio, q.Least, q.Most) }

func compare(a, b []float64) quotient {
	each := make([]float64, len(a))
	for i := range each {
		each[i] = a[i] / b[i]
	}
	return quotient{median(a) / median(b), slices.Min(each), slices.Max(each)}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}
