package train

import (
	"anomem/autograd"
	"anomem/nn"
)

// running updates the running statistics of the norms once per step, although a step runs
// in chunks:
//
//	r ← (1-m)·r + (1/n)·Σ_chunks m·s
//
// Each chunk starts from statistics of 0, so that a norm leaves m·s.
type running[T nn.Float] struct {
	buffers  []*autograd.Tensor[T]
	old, sum [][]T
	chunks   int
}

// normMomentum is m, the same for every norm.
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

// begin starts a step and remembers the statistics.
func (r *running[T]) begin() {
	r.chunks = 0
	for i, b := range r.buffers {
		copy(r.old[i], b.Data())
		clear(r.sum[i])
	}
}

// before prepares the norms for a chunk.
func (r *running[T]) before() {
	for _, b := range r.buffers {
		clear(b.Data())
	}
}

// after adds up the statistics of a chunk.
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

// replace sets the statistics to the mean over the chunks, whatever they were before.
func (r *running[T]) replace() {
	n := T(r.chunks) * T(normMomentum)
	for i, b := range r.buffers {
		for j := range b.Data() {
			b.Data()[j] = r.sum[i][j] / n
		}
	}
}

// restore sets the statistics to what begin remembered.
func (r *running[T]) restore() {
	for i, b := range r.buffers {
		copy(b.Data(), r.old[i])
	}
}
