package anomem_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anomem"
	"anomem/nn/rng"
)

func calibrated(t *testing.T, scores []float64) *anomem.Calibration {
	t.Helper()
	c, err := anomem.NewCalibration(scores)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inTheMean is the confidence of a promise without one.
var inTheMean anomem.Promise

func TestPValueByHand(t *testing.T) {
	given := []float64{3, 1, 2, 2}
	c := calibrated(t, given)
	if !slices.Equal(c.Scores, []float64{1, 2, 2, 3}) || given[0] != 3 {
		t.Errorf("scores %v of %v", c.Scores, given)
	}
	for s, want := range map[float64]float64{
		4: 1. / 5, 3: 2. / 5, 2.5: 2. / 5, 2: 4. / 5, 1.5: 4. / 5, 1: 1, 0: 1,
		math.Inf(1): 1. / 5, math.Inf(-1): 1,
	} {
		if got := c.PValue(s); got != want {
			t.Errorf("p-value of %v is %v, want %v", s, got, want)
		}
	}
	if p := c.PValue(math.NaN()); !math.IsNaN(p) {
		t.Errorf("p-value of NaN is %v", p)
	}
}

// For all n up to 1000, as many scores lie above the threshold as ⌊alpha·(n+1)⌋ allows, in
// integers, and the threshold exists from n = ⌈1/alpha⌉ - 1 on.
func TestThresholdIsExact(t *testing.T) {
	alphas := []struct {
		alpha     float64
		over, den int // alpha as a fraction
	}{{0.01, 1, 100}, {0.05, 1, 20}, {0.1, 1, 10}, {1.0 / 3, 1, 3}, {0.07, 7, 100}, {0.29, 29, 100}, {2.0 / 3, 2, 3}, {0.999, 999, 1000}}
	var scores []float64
	for n := 1; n <= 1000; n++ {
		scores = append(scores, float64(n))
		c := calibrated(t, scores) // 1 to n
		if got, want := inTheMean.Least(len(c.Scores)), 1/float64(n+1); got != want {
			t.Errorf("n %d: smallest alpha %v, want %v", n, got, want)
		}
		for _, a := range alphas {
			k := a.over * (n + 1) / a.den
			got, err := c.Threshold(anomem.Promise{Alpha: a.alpha})
			if k == 0 {
				if err == nil || n >= (a.den+a.over-1)/a.over-1 {
					t.Errorf("n %d, alpha %v: threshold %v, %v", n, a.alpha, got, err)
				}
				continue
			}
			// Of the scores 1 to n, k-1 are above n+1-k.
			if want := float64(n + 1 - k); err != nil || got != want {
				t.Errorf("n %d, alpha %v: threshold %v, %v, want %v", n, a.alpha, got, err, want)
			}
		}
	}
}

// A score is above the threshold if and only if its p-value is at most alpha, with and
// without ties, and no smaller threshold would do.
func TestThresholdAndPValueAgree(t *testing.T) {
	r := rng.New(1)
	for n := 1; n <= 60; n++ {
		for _, values := range []int{3, 1_000_000} {
			scores := make([]float64, n)
			for i := range scores {
				scores[i] = float64(r.IntN(values)) / 7
			}
			c := calibrated(t, scores)
			for k := 1; k <= n; k++ {
				exact := float64(k) / float64(n+1)
				for _, alpha := range []float64{exact, math.Nextafter(exact, 0), math.Nextafter(exact, 1), r.Float64()} {
					at, err := c.Threshold(anomem.Promise{Alpha: alpha})
					if (err != nil) != (alpha < inTheMean.Least(len(c.Scores))) {
						t.Fatalf("n %d, alpha %v: %v", n, alpha, err)
					}
					if err != nil {
						continue
					}
					for _, s := range c.Scores {
						for _, s := range []float64{math.Nextafter(s, -1), s, math.Nextafter(s, 1e9)} {
							if p := c.PValue(s); (p <= alpha) != (s > at) {
								t.Errorf("n %d, alpha %v: %v has p-value %v, threshold %v", n, alpha, s, p, at)
							}
						}
					}
				}
			}
		}
	}
}

func TestCalibrationRefuses(t *testing.T) {
	for want, scores := range map[string][]float64{
		"anomem: calibration without a held-out normal image": nil,
		"anomem: calibration: score 1 of 2 is NaN":            {1, math.NaN()},
		"anomem: calibration: score 0 of 1 is -Inf":           {math.Inf(-1)},
	} {
		if _, err := anomem.NewCalibration(scores); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	c := calibrated(t, make([]float64, 60))
	for alpha, want := range map[float64]string{
		0.01: "anomem: 60 held-out normal images cannot promise a false-alarm rate of 0.01, which takes 99 of them; " +
			"the smallest rate that they can promise is 1/61: ask for 0.0164, or calibrate with more",
		1e-9:   "anomem: 60 held-out normal images cannot promise a false-alarm rate of 1e-09, which takes 999999999 of them; ",
		5e-324: "anomem: 60 held-out normal images cannot promise a false-alarm rate of 5e-324, which takes +Inf of them; ",
		0:      "anomem: false-alarm rate 0: want one between 0 and 1",
		1:      "anomem: false-alarm rate 1: want one between 0 and 1",
		-0.1:   "anomem: false-alarm rate -0.1: want one between 0 and 1",
	} {
		if _, err := c.Threshold(anomem.Promise{Alpha: alpha}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("alpha %v: error %v, want %q", alpha, err, want)
		}
	}
	if _, err := c.Threshold(anomem.Promise{Alpha: math.NaN()}); err == nil {
		t.Error("a threshold for NaN")
	}
	if _, err := c.Threshold(anomem.Promise{Alpha: 0.0164}); err != nil {
		t.Errorf("the rate that the error names: %v", err)
	}
}

// The rate and the number of images that the error asks for are accepted.
func TestWhatTheErrorTellsToDoWorks(t *testing.T) {
	var scores []float64
	for n := 1; n <= 1000; n++ {
		scores = append(scores, 0)
		alpha := 0.9 / float64(n+1)
		c := calibrated(t, scores)
		_, err := c.Threshold(anomem.Promise{Alpha: alpha})
		if err == nil {
			t.Fatalf("n %d: no error", n)
		}
		var least, denominator int
		var rate float64
		tail := err.Error()[strings.Index(err.Error(), "which takes"):]
		if _, err := fmt.Sscanf(tail, "which takes %d of them; the smallest rate that they can promise is 1/%d: ask for %g,", &least, &denominator, &rate); err != nil {
			t.Fatalf("%q: %v", tail, err)
		}
		if _, err := c.Threshold(anomem.Promise{Alpha: rate}); err != nil {
			t.Errorf("n %d: asked for %v: %v", n, rate, err)
		}
		if _, err := calibrated(t, make([]float64, least)).Threshold(anomem.Promise{Alpha: alpha}); err != nil {
			t.Errorf("n %d: with %d: %v", n, least, err)
		}
		if _, err := calibrated(t, make([]float64, least-1)).Threshold(anomem.Promise{Alpha: alpha}); err == nil {
			t.Errorf("n %d: with %d, too", n, least-1)
		}
	}
}

// Half of 20 to 30 images, drawn anew each time, keep in the mean what they can promise, and
// not much less: their largest score is exceeded by the share 1/(n/2+1) of normal images.
func TestFewImagesKeepTheirPromise(t *testing.T) {
	const draws = 20000
	for _, n := range []int{20, 25, 30} {
		held := n / 2
		least := inTheMean.Least(held)
		alpha, err := strconv.ParseFloat(anomem.RoundedUp(least), 64)
		if err != nil {
			t.Fatal(err)
		}
		r := rng.New(6, rng.Name("few"), uint64(n))
		var sum, squares float64
		for range draws {
			scores := make([]float64, held)
			for i := range scores {
				scores[i] = r.Float64()
			}
			at, err := calibrated(t, scores).Threshold(anomem.Promise{Alpha: alpha})
			if err != nil {
				t.Fatal(err)
			}
			sum += 1 - at
			squares += (1 - at) * (1 - at)
		}
		mean := sum / draws
		se := math.Sqrt((squares/draws - mean*mean) / (draws - 1))
		if mean > alpha+3*se || mean < least-3*se {
			t.Errorf("%d images, %d held out: %v of normals flagged, want %v (standard error %v)", n, held, mean, least, se)
		}
	}
}

// Over 1,000 random splits of frozen scores into calibration and test, the mean share of
// test normals that is flagged is at most alpha, up to two standard errors. Without ties it
// is at least alpha - 1/(n+1), up to as much.
func TestFalseAlarmsAreAsPromised(t *testing.T) {
	const all, held, splits = 600, 250, 1000
	for _, ties := range []bool{false, true} {
		draw := rng.New(5, rng.Name("scores"))
		frozen := make([]float64, all)
		for i := range frozen {
			frozen[i] = math.Exp(draw.Norm())
			if ties {
				frozen[i] = math.Round(2 * frozen[i])
			}
		}
		for _, alpha := range []float64{0.05, 0.01} {
			var sum, squares float64
			for split := range splits {
				r := rng.New(5, rng.Name("split"), uint64(split))
				order := r.Perm(all)
				calibration := make([]float64, held)
				for i := range calibration {
					calibration[i] = frozen[order[i]]
				}
				at, err := calibrated(t, calibration).Threshold(anomem.Promise{Alpha: alpha})
				if err != nil {
					t.Fatal(err)
				}
				flagged := 0
				for _, i := range order[held:] {
					if frozen[i] > at {
						flagged++
					}
				}
				rate := float64(flagged) / (all - held)
				sum += rate
				squares += rate * rate
			}
			mean := sum / splits
			se := math.Sqrt((squares/splits - mean*mean) / (splits - 1))
			if mean > alpha+2*se {
				t.Errorf("ties %v: %v of normals flagged, want %v at most (standard error %v)", ties, mean, alpha, se)
			}
			if !ties && mean < alpha-1./(held+1)-2*se {
				t.Errorf("%v of normals flagged, far below %v (standard error %v)", mean, alpha, se)
			}
		}
	}
}
