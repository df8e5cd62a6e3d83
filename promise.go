package anomem

import (
	"fmt"
	"math"
	"strconv"
)

// Promise is what a calibration promises of false alarms, the normal images that are called
// anomalous.
//
// Without a Confidence it holds in the mean over calibrations: the next normal image is a
// false alarm with probability at most Alpha, where the held-out images are drawn anew, too.
// The rate of one calibrated model scatters about that mean. With 19 held-out images and an
// Alpha of 0.05 it exceeds 0.05 in 38 of 100 calibrations.
//
// With a Confidence the rate of the model itself is at most Alpha in that share of all
// calibrations, by the exact distribution of a rank (Wilks, Determination of sample sizes
// for setting tolerance limits, 1941).
type Promise struct {
	Alpha      float64 // rate of false alarms, above 0 and below 1; 0: nothing is promised, and nothing called anomalous
	Confidence float64 // probability that one calibrated model keeps the rate, below 1; 0: in the mean
}

// String returns the promise in words: "at most 0.05 in the mean".
func (p Promise) String() string {
	if p.Confidence > 0 {
		return fmt.Sprintf("at most %g with confidence %g", p.Alpha, p.Confidence)
	}
	return fmt.Sprintf("at most %g in the mean", p.Alpha)
}

// Valid returns an error unless Alpha is above 0 and below 1, and Confidence 0 or more and
// below 1.
func (p Promise) Valid() error {
	if !(p.Alpha > 0 && p.Alpha < 1) {
		return fmt.Errorf("anomem: false-alarm rate %g: want one between 0 and 1", p.Alpha)
	}
	if !(p.Confidence >= 0 && p.Confidence < 1) {
		return fmt.Errorf("anomem: confidence %g: want 0 (in the mean) or more, below 1", p.Confidence)
	}
	return nil
}

// Check returns an error unless p is valid and n held-out normal images can promise it. The
// error says how many images p needs, and which rate n can promise.
func (p Promise) Check(n int) error {
	if err := p.Valid(); err != nil {
		return err
	}
	if p.kept(1, n) {
		return nil
	}
	return fmt.Errorf("anomem: %s cannot promise a false-alarm rate of %v, which takes %.0f of them; %s", heldImages(n), p.rate(), p.Held(), p.instead(n))
}

// instead says what to do if n held-out images are too few for p.
func (p Promise) instead(n int) string {
	switch least := p.Least(n); {
	case least == 1:
		return "calibrate with more"
	case p.Confidence > 0:
		return fmt.Sprintf("ask for %s, the smallest rate that they can promise, or calibrate with more", RoundedUp(least))
	default:
		return fmt.Sprintf("the smallest rate that they can promise is 1/%d: ask for %s, or calibrate with more", n+1, RoundedUp(least))
	}
}

// rate returns the rate, and the confidence if there is one.
func (p Promise) rate() string {
	if p.Confidence > 0 {
		return fmt.Sprintf("%g with confidence %g", p.Alpha, p.Confidence)
	}
	return fmt.Sprint(p.Alpha)
}

func heldImages(n int) string {
	if n == 1 {
		return "1 held-out normal image"
	}
	return fmt.Sprintf("%d held-out normal images", n)
}

// Least returns the smallest Alpha that n held-out normal images can promise with p's
// Confidence: 1/(n+1) in the mean, 1 - (1-Confidence)^(1/n) otherwise. It is 1, which is no
// rate, where none can be promised.
func (p Promise) Least(n int) float64 {
	if p.Confidence == 0 {
		return 1 / float64(n+1)
	}
	if n == 0 {
		return 1
	}
	return -math.Expm1(math.Log1p(-p.Confidence) / float64(n))
}

// Above returns the smallest Alpha that a threshold promises with p's Confidence where k of n
// held-out normal images score above it: (k+1)/(n+1) in the mean, otherwise the bound of
// Clopper and Pearson (1934) on the probability of what k of n images do. It is 1, which is no
// rate, where none can be promised. The threshold must be chosen by its rank or without the
// held-out scores: of one that was tried until the rate pleased, nothing is promised.
func (p Promise) Above(k, n int) float64 {
	switch {
	case k >= n:
		return 1
	case p.Confidence == 0:
		return float64(k+1) / float64(n+1)
	case k == 0:
		return p.Least(n)
	}
	lo, hi := 0.0, 1.0 // the bound lies above lo and not above hi
	for {
		q := lo + (hi-lo)/2
		if q <= lo || q >= hi {
			return hi
		}
		if binomialTail(k, n, q) <= 1-p.Confidence {
			hi = q
		} else {
			lo = q
		}
	}
}

// Held returns the number of held-out normal images that a valid p needs, the least n for
// which Check returns nil. In the mean that is ⌈1/Alpha⌉ - 1. It is a float64 because Alpha
// may be tiny.
func (p Promise) Held() float64 {
	n := math.Floor(1 / p.Alpha)
	if p.Confidence > 0 {
		n = math.Floor(math.Log1p(-p.Confidence) / math.Log1p(-p.Alpha))
	}
	if n > 1<<31 {
		return n // as exact as float64 is
	}
	least := int(max(n, 1))
	for least > 1 && p.kept(1, least-1) {
		least--
	}
	for !p.kept(1, least) {
		least++
	}
	return float64(least)
}

// kept reports whether the threshold at the k-th largest of n held-out scores keeps the
// promise.
//
// Without ties, the share of normal images above it has the distribution Beta(k, n+1-k),
// whatever that of the scores. Its mean is k/(n+1), and it exceeds Alpha with the
// probability that at most k-1 of n images lie above the score that a share of Alpha
// exceeds. Ties only lower the share.
func (p Promise) kept(k, n int) bool {
	if p.Confidence > 0 {
		return binomialTail(k-1, n, p.Alpha) <= 1-p.Confidence
	}
	// Rounded once, as a constant such as 0.05 is, k/(n+1) needs no tolerance: 1/20 equals
	// 0.05, and k/3k equals 1.0/3. A product with Alpha would.
	return float64(k)/float64(n+1) <= p.Alpha
}

// rank returns the largest k <= n for which kept holds, 0 for none.
func (p Promise) rank(n int) int {
	lo, hi := 0, n // kept holds at lo, or lo is 0, and does not hold above hi
	for lo < hi {
		if k := (lo + hi + 1) / 2; p.kept(k, n) {
			lo = k
		} else {
			hi = k - 1
		}
	}
	return lo
}

// binomialTail returns the probability of at most k successes in n trials that succeed with
// probability q, 0 < q < 1.
func binomialTail(k, n int, q float64) float64 {
	term := float64(n) * math.Log1p(-q) // the logarithm, which does not underflow
	odds := math.Log(q) - math.Log1p(-q)
	sum := math.Exp(term)
	for i := 1; i <= min(k, n); i++ {
		term += math.Log(float64(n-i+1)/float64(i)) + odds
		sum += math.Exp(term)
	}
	return min(sum, 1)
}

// RoundedUp formats a rate x > 0 with four digits, rounded up: the number is never below x.
func RoundedUp(x float64) string {
	for y := x; ; y *= 1 + 1e-4 {
		s := strconv.FormatFloat(y, 'g', 4, 64)
		if r, err := strconv.ParseFloat(s, 64); err == nil && r >= x {
			return s
		}
	}
}
