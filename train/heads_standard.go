package train

import (
	"math"

	"anomem"
	"anomem/nn"
)

// standard standardises the channels of a scale, (x - mean)/std. Deviations of unit vectors
// are small, whereas the initial weights of a linear layer expect values of about 1.
type standard[T nn.Float] struct{ mean, inverse []T }

// standardOf estimates the mean and the standard deviation of each channel from data
// [N channels]. It adds a ten-thousandth of the mean variance to each variance, so that a
// channel that hardly varies here does not outweigh all others when it later does.
func standardOf[T nn.Float](data []T, channels int) standard[T] {
	sum, square := make([]float64, channels), make([]float64, channels)
	for i, v := range data {
		sum[i%channels] += float64(v)
		square[i%channels] += float64(float64(v) * float64(v))
	}
	n := float64(len(data) / channels)
	st := standard[T]{make([]T, channels), make([]T, channels)}
	variance, mean := square, 0.0
	for c := range sum {
		m := sum[c] / n
		st.mean[c] = T(m)
		variance[c] = max(0, square[c]/n-float64(m*m))
		mean += variance[c] / float64(channels)
	}
	for c, v := range variance {
		st.inverse[c] = T(1 / math.Sqrt(v+mean/1e4+1e-12))
	}
	return st
}

// apply writes x [N C], standardised, to dst.
func (st *standard[T]) apply(dst, x []T) {
	c := len(st.mean)
	for i, v := range x {
		dst[i] = (v - st.mean[i%c]) * st.inverse[i%c]
	}
}

// fold changes h so that it gives for raw cells what it gave for standardised ones:
//
//	W·((x - m)/σ) + b = (W/σ)·x + (b - (W/σ)·m)
func (st *standard[T]) fold(h *anomem.Head[T]) {
	w, b, c := h.Hidden.Weight, h.Hidden.Bias, len(st.mean)
	in := w.Dim(1)
	for o := range w.Dim(0) {
		row := w.Data()[o*in : (o+1)*in]
		shift := 0.0
		for i := range row {
			row[i] *= st.inverse[i%c]
			shift += float64(float64(row[i]) * float64(st.mean[i%c]))
		}
		b.Data()[o] = T(float64(b.Data()[o]) - shift)
	}
}
