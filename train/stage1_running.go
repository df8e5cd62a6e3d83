package train

import (
	"anomem/autograd"
	"anomem/nn"
)

// running makes one update of the norms' running statistics of a step that runs in
// chunks:
//
//	r ← (1-m)·r + (1/n)·Σ_chunks m·s
//
// A norm that starts from 0 leaves m·s, so that is what each chunk starts it from.
type running[T nn.Float] struct {
	buffers  []*autograd.Tensor[T]
	old, sum [][]T
	chunks   int
}

// normMomentum is m, that of every norm here.
const normMomentum = 0.1

func newRunning[T nn.Float](m nn.Params[T]) *running[T] {
	r := &running[T]{}
	for _, e := range nn.Entries(m, "") {
		if e.Buffer {
			r.buffers = append(r.buffers, e.Tensor)
			r.old = append(r.old, make([]T, e.Tensor.Len()))
			r.sum = append(r.sum, make([]T, e.Tensor.Len()))
		}
	}
	return r
}

// begin starts a step.
func (r *running[T]) begin() {
	r.chunks = 0
	for i, b := range r.buffers {
		copy(r.old[i], b.Data())
		clear(r.sum[i])
	}
}

// before readies the norms for a chunk, after takes its statistics.
func (r *running[T]) before() {
	for _, b := range r.buffers {
		clear(b.Data())
	}
}

func (r *running[T]) after() {
	r.chunks++
	for i, b := range r.buffers {
		sum := r.sum[i]
		for j, v := range b.Data() {
			sum[j] += v
		}
	}
}

// end makes the update.
func (r *running[T]) end() {
	n := T(r.chunks)
	for i, b := range r.buffers {
		sum, old := r.sum[i], r.old[i]
		for j := range b.Data() {
			b.Data()[j] = T((1-normMomentum)*old[j]) + sum[j]/n
		}
	}
}

// replace makes the statistics the mean over the chunks, whatever they were before.
func (r *running[T]) replace() {
	n := T(r.chunks) * T(normMomentum)
	for i, b := range r.buffers {
		for j := range b.Data() {
			b.Data()[j] = r.sum[i][j] / n
		}
	}
}

// restore leaves the statistics as begin found them.
func (r *running[T]) restore() {
	for i, b := range r.buffers {
		copy(b.Data(), r.old[i])
	}
}
