package train

import (
	"math"

	"anomem/nn"
)

// finite reports whether v is neither NaN nor infinite.
func finite[T nn.Float](v T) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// resized returns a slice of n elements with arbitrary values, in the memory of s if that
// is large enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// errorsOf returns the first error that is not nil, or nil.
func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
