package train

import (
	"math"

	"anomem"
	"anomem/nn"
	"anomem/simd"
)

// finite reports whether v is neither NaN nor infinite.
func finite[T nn.Float](v T) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// scaleConvolutions multiplies the weights of the encoder's convolutions by f.
func scaleConvolutions(parts *anomem.Parts[float32], f float32) {
	for _, e := range nn.Entries(parts.Encoder, "") {
		if e.Layout == nn.ConvWeight {
			simd.Scale(e.Tensor.Data(), e.Tensor.Data(), f)
		}
	}
}

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
