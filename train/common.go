package train

import (
	"math"

	"anomem/nn"
)

// finite reports whether v is a number, and not an infinite one.
func finite[T nn.Float](v T) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// resized returns n elements of any values, in the memory of s if that is enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// errorsOf returns the first error that is not nil.
func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
