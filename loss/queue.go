package loss

import (
	"fmt"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/simd"
)

// Queue holds the last M features pushed, on the unit sphere. It is a Retriever without
// learned parameters: the answer to a query is its nearest neighbour in the queue, as in
// Dwibedi et al. 2021, and passes no gradient.
type Queue[T autograd.Float] struct {
	rows     []T // ring of M rows of C
	channels int
	size     int // rows held
	next     int // the row that the next feature overwrites
}

// NewQueue returns an empty queue for m features of c channels. It panics unless both are
// at least 1.
func NewQueue[T autograd.Float](m, c int) *Queue[T] {
	if m < 1 || c < 1 {
		panic(fmt.Sprintf("loss: NewQueue: %d features of %d channels", m, c))
	}
	return &Queue[T]{rows: make([]T, m*c), channels: c}
}

// Len returns how many features the queue holds.
func (q *Queue[T]) Len() int { return q.size }

// Push appends the normal rows of z [B C], in order, over the oldest ones. It leaves out
// rows without direction. It panics on another shape or number of labels.
func (q *Queue[T]) Push(g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool) {
	q.check("Push", z)
	if len(normal) != z.Dim(0) {
		panic(fmt.Sprintf("loss: Queue: Push: %d labels for rows %v", len(normal), z.Shape()))
	}
	c := q.channels
	g.NoGrad(func() {
		unit := g.L2Normalize(z, shortest).Data()
		for k, y := range normal {
			row := unit[k*c : (k+1)*c]
			if !y || simd.SumSq(row) == 0 {
				continue
			}
			copy(q.rows[q.next*c:], row)
			q.next = (q.next + 1) % (len(q.rows) / c)
			q.size = min(q.size+1, len(q.rows)/c)
		}
	})
}

// Ring returns the features held, [Len() C] in the order of the ring, and the row that the
// next feature goes to. The features share the queue's memory.
func (q *Queue[T]) Ring() (rows []T, next int) { return q.rows[:q.size*q.channels], q.next }

// SetRing replaces the queue's contents with what Ring returned. It is an error if no
// queue of this size holds these.
func (q *Queue[T]) SetRing(rows []T, next int) error {
	m, size := len(q.rows)/q.channels, len(rows)/q.channels
	if len(rows)%q.channels != 0 || size > m || next < 0 || next >= m || size < m && next != size {
		return fmt.Errorf("loss: Queue: %d values and position %d for %d features of %d channels", len(rows), next, m, q.channels)
	}
	copy(q.rows, rows)
	q.size, q.next = size, next
	return nil
}

// Retrieve returns for each row of query [R C] the feature with the largest cosine, the
// first in the ring of several. An empty queue returns query. Retrieve panics on other
// channels than the queue's.
func (q *Queue[T]) Retrieve(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	q.check("Retrieve", query)
	if q.size == 0 {
		return query
	}
	// The length of a query does not change which feature is nearest.
	r, c := query.Dim(0), q.channels
	likeness := g.Scratch(r * q.size)
	held := simd.Operand[T]{Data: q.rows, Stride: c, Trans: true}
	simd.Gemm(g.Pool(), likeness, q.size, simd.Operand[T]{Data: query.Data(), Stride: c}, held, r, q.size, c, simd.Epilogue[T]{})
	out := g.NewTensor(r, c)
	for i := range r {
		row := likeness[i*q.size : (i+1)*q.size]
		best := 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		copy(out.Data()[i*c:(i+1)*c], q.rows[best*c:(best+1)*c])
	}
	return out
}

// Scale implements hopfield.Retriever.
func (q *Queue[T]) Scale() hopfield.Similarity { return hopfield.Unit }

func (q *Queue[T]) check(name string, x *autograd.Tensor[T]) {
	if x.Rank() != 2 || x.Dim(1) != q.channels {
		panic(fmt.Sprintf("loss: Queue: %s: shape %v: want [R %d]", name, x.Shape(), q.channels))
	}
}
