package anomem_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/nn/rng"
)

// Of many calibrations by uniform scores, whose model has the rate 1 - threshold, the share
// that keeps the rate is at least the confidence. With the next smaller threshold it is not.
func TestConfidenceHolds(t *testing.T) {
	const draws = 4000
	for _, c := range []struct {
		n int
		p anomem.Promise
	}{
		{59, anomem.Promise{Alpha: 0.05, Confidence: 0.95}},
		{80, anomem.Promise{Alpha: 0.05, Confidence: 0.95}},
		{105, anomem.Promise{Alpha: 0.05, Confidence: 0.95}},
		{200, anomem.Promise{Alpha: 0.1, Confidence: 0.99}},
		{30, anomem.Promise{Alpha: 0.2, Confidence: 0.5}},
	} {
		kept, next := 0, 0
		r := rng.New(9, rng.Name("confidence"), uint64(c.n))
		for range draws {
			scores := make([]float64, c.n)
			for i := range scores {
				scores[i] = r.Float64()
			}
			cal := calibrated(t, scores)
			at, err := cal.Threshold(c.p)
			if err != nil {
				t.Fatal(err)
			}
			if 1-at <= c.p.Alpha {
				kept++
			}
			if i := slices.Index(cal.Scores, at); i > 0 && 1-cal.Scores[i-1] <= c.p.Alpha {
				next++
			}
		}
		se := math.Sqrt(c.p.Confidence * (1 - c.p.Confidence) / draws)
		if share := float64(kept) / draws; share < c.p.Confidence-3*se {
			t.Errorf("%d images, %v: %v of the calibrations keep the rate", c.n, c.p, share)
		}
		if share := float64(next) / draws; share >= c.p.Confidence-3*se {
			t.Errorf("%d images, %v: %v keep it with a smaller threshold, too", c.n, c.p, share)
		}
	}
}

// With a rate of 0.05 and a confidence of 0.95, the largest score serves from 59 images on, the
// second from 93, the third from 124 and the fourth from 153, as tables of tolerance limits
// have it.
func TestRanksAreThoseOfTables(t *testing.T) {
	p := anomem.Promise{Alpha: 0.05, Confidence: 0.95}
	var scores []float64
	for n := 1; n <= 160; n++ {
		scores = append(scores, float64(n)) // 1 to n
		rank := 0
		for _, from := range []int{59, 93, 124, 153} {
			if n >= from {
				rank++
			}
		}
		at, err := calibrated(t, scores).Threshold(p)
		if (err != nil) != (rank == 0) || err == nil && at != float64(n+1-rank) {
			t.Errorf("%d images: threshold %v, %v, want the largest score but %d", n, at, err, rank-1)
		}
	}
}

// Without a confidence, 38 of 100 calibrations by 19 images exceed 5 %, as Promise says.
func TestMeanIsExceeded(t *testing.T) {
	const draws = 20000
	over := 0
	r := rng.New(9, rng.Name("mean"))
	for range draws {
		worst := 0.0
		for range 19 {
			worst = max(worst, r.Float64())
		}
		if 1-worst > 0.05 {
			over++
		}
	}
	if share := float64(over) / draws; math.Abs(share-0.38) > 0.01 {
		t.Errorf("%v exceed it", share)
	}
}

// The number of images that a promise needs is exact: ⌈ln(1-confidence)/ln(1-alpha)⌉.
func TestHeldIsTheLeast(t *testing.T) {
	for p, want := range map[anomem.Promise]float64{
		{Alpha: 0.05}:                    19,
		{Alpha: 1. / 3}:                  2,
		{Alpha: 0.9}:                     1,
		{Alpha: 0.05, Confidence: 0.95}:  59,
		{Alpha: 0.01, Confidence: 0.95}:  299,
		{Alpha: 0.1, Confidence: 0.9}:    22,
		{Alpha: 0.5, Confidence: 0.75}:   2,
		{Alpha: 0.05, Confidence: 1e-9}:  1,
		{Alpha: 0.001, Confidence: 0.99}: 4603,
	} {
		if got := p.Held(); got != want {
			t.Errorf("%v takes %v, want %v", p, got, want)
		}
		n := int(want)
		if err := p.Check(n); err != nil {
			t.Errorf("with %d: %v", n, err)
		}
		if err := p.Check(n - 1); err == nil {
			t.Errorf("%v with %d", p, n-1)
		}
	}
}

// The smallest rate that a number of images promises is promised, and none below it.
func TestLeastIsPromised(t *testing.T) {
	for n := 1; n <= 500; n++ {
		for _, confidence := range []float64{0, 0.5, 0.95, 0.999} {
			p := anomem.Promise{Confidence: confidence}
			least := p.Least(n)
			p.Alpha = least * (1 + 1e-9)
			if err := p.Check(n); err != nil {
				t.Errorf("%v", err)
			}
			p.Alpha = least * (1 - 1e-9)
			if err := p.Check(n); err == nil {
				t.Errorf("%d images promise %v", n, p)
			}
		}
	}
	if l := (anomem.Promise{Confidence: 0.95}).Least(0); l != 1 {
		t.Errorf("no image promises %v", l)
	}
}

// A threshold with k scores above it promises Above, and nothing below that.
func TestAboveIsPromised(t *testing.T) {
	const n = 60
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = float64(i + 1)
	}
	cal := calibrated(t, scores)
	for _, confidence := range []float64{0, 0.5, 0.95} {
		for k := range n {
			p := anomem.Promise{Confidence: confidence}
			rate := p.Above(k, n)
			if rate == 1 { // no Promise has such an Alpha
				continue
			}
			p.Alpha = min(rate*(1+1e-9), 1-1e-12)
			if at, err := cal.Threshold(p); err != nil || at > float64(n-k) {
				t.Errorf("%v: threshold %v, %v, want %d", p, at, err, n-k)
			}
			p.Alpha = rate * (1 - 1e-9)
			if at, err := cal.Threshold(p); err == nil && at <= float64(n-k) {
				t.Errorf("%v: threshold %v with %d above %d", p, at, k, n-k)
			}
		}
		for _, k := range []int{n, n + 1} {
			if rate := (anomem.Promise{Confidence: confidence}).Above(k, n); rate != 1 {
				t.Errorf("%d of %d: %v", k, n, rate)
			}
		}
	}
}

func TestPromiseRefuses(t *testing.T) {
	for want, p := range map[string]anomem.Promise{
		"58 held-out normal images cannot promise a false-alarm rate of 0.05 with confidence 0.95, which takes 59 of them; " +
			"ask for 0.05034, the smallest rate that they can promise, or calibrate with more": {Alpha: 0.05, Confidence: 0.95},
		"confidence 1: want 0 (in the mean) or more, below 1":  {Alpha: 0.05, Confidence: 1},
		"confidence -1: want 0 (in the mean) or more, below 1": {Alpha: 0.05, Confidence: -1},
		"false-alarm rate 0: want one between 0 and 1":         {Confidence: 0.95},
	} {
		if err := p.Check(58); err == nil || err.Error() != "anomem: "+want {
			t.Errorf("%v: %v, want %q", p, err, want)
		}
	}
	nan := anomem.Promise{Alpha: 0.05, Confidence: math.NaN()}
	if err := nan.Check(58); err == nil {
		t.Error("a promise with confidence NaN")
	}
	one := anomem.Promise{Alpha: 0.05}
	if err := one.Check(1); err == nil || !strings.Contains(err.Error(), "anomem: 1 held-out normal image cannot") {
		t.Error(err)
	}
	for p, want := range map[anomem.Promise]string{one: "at most 0.05 in the mean", {Alpha: 0.1, Confidence: 0.9}: "at most 0.1 with confidence 0.9"} {
		if got := fmt.Sprint(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
