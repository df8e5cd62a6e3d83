// Package cholesky factors the covariances by which distances are measured. Its float64 has the
// same bits everywhere.
package cholesky

import "math"

// Inverse returns L⁻¹ of the symmetric matrix LLᵀ [c c], L lower triangular; false
// unless the matrix is positive definite.
func Inverse(a []float64, c int) ([]float64, bool) {
	l := make([]float64, c*c)
	for i := range c {
		for j := range i + 1 {
			sum := a[i*c+j]
			for k := range j {
				sum -= float64(l[i*c+k] * l[j*c+k])
			}
			if i > j {
				l[i*c+j] = sum / l[j*c+j]
			} else if l[i*c+i] = math.Sqrt(sum); !(l[i*c+i] > 0) {
				return nil, false
			}
		}
	}
	inverse, column := make([]float64, c*c), make([]float64, c) // large encoders have thousands of channels
	for j := range c {
		column[j] = 1 / l[j*c+j]
		for i := j + 1; i < c; i++ {
			var sum float64
			for k, v := range l[i*c+j : i*c+i] {
				sum += float64(v * column[j+k])
			}
			column[i] = -sum / l[i*c+i]
		}
		for i := j; i < c; i++ {
			inverse[i*c+j] = column[i]
		}
	}
	return inverse, true
}
