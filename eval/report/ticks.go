package report

import (
	"iter"
	"math"
	"strconv"
	"strings"
)

// ticks yields round numbers within [low, high]: multiples of 1, 2 or 5 times a power of
// ten, at most wanted+1 of them, each with enough digits to tell it from the next.
func ticks(low, high float64, wanted int) iter.Seq2[float64, string] {
	rough := (high - low) / float64(wanted)
	power := math.Floor(math.Log10(rough))
	step := math.Pow(10, power)
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= rough {
			step *= m
			break
		}
	}
	digits := 1 + int(math.Log10(max(math.Abs(low), math.Abs(high)))-power)
	return func(yield func(float64, string) bool) {
		for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
			if !yield(i*step, rounded(i*step, max(digits, 1))) {
				return
			}
		}
	}
}

// number writes a number with four digits.
func number(v float64) string { return rounded(v, 4) }

// rounded writes a number with the given digits, without zeros at its end.
func rounded(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'g', digits, 64)
	if r, err := strconv.ParseFloat(s, 64); err == nil && (math.Abs(r) >= 1e-4 && math.Abs(r) < 1e7 || r == 0) {
		s = strconv.FormatFloat(r+0, 'f', -1, 64)
	}
	return strings.ReplaceAll(s, "-", "\u2212")
}
