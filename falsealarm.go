package anomem

import (
	"fmt"
	"math"
	"strconv"
)

// SmallestAlpha returns the smallest false-alarm rate that n held-out normal images can
// promise, 1/(n+1).
func SmallestAlpha(n int) float64 { return 1 / float64(n+1) }

// CheckAlpha returns an error unless n held-out normal images can promise the false-alarm
// rate alpha. The error says how many images alpha needs, and which rate n can promise.
func CheckAlpha(alpha float64, n int) error {
	if !(alpha > 0 && alpha < 1) {
		return fmt.Errorf("anomem: false-alarm rate %g: want one between 0 and 1", alpha)
	}
	if SmallestAlpha(n) > alpha {
		return fmt.Errorf("anomem: %d held-out normal images cannot promise a false-alarm rate of %g, which takes %.0f of them; "+
			"the smallest rate that they can promise is 1/%d: ask for %s, or calibrate with more",
			n, alpha, HeldFor(alpha), n+1, RoundedUp(SmallestAlpha(n)))
	}
	return nil
}

// HeldFor returns the number of held-out normal images needed to promise the false-alarm
// rate alpha, 0 < alpha < 1: the least n with 1/(n+1) <= alpha, which is ⌈1/alpha⌉ - 1. It
// is a float64 because alpha may be tiny.
func HeldFor(alpha float64) float64 {
	n := math.Floor(1 / alpha)
	if n > 1<<52 {
		return n // exact up to the precision of float64
	}
	for n > 1 && 1/n <= alpha {
		n--
	}
	for 1/(n+1) > alpha {
		n++
	}
	return n
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
