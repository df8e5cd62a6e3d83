package autograd

import (
	"anomem/simd"
	"anomem/simd/pool"
)

const (
	convSegment = 1 << 12 // positions of y that a segment of dw covers at least
	convGroup   = 8       // segments that are summed at the same time, with memory of their own
)

// backwardWeights adds to dw. Directly, it is the product of the transpose of x's rows,
// as the filter sees them, with dy, segment by segment.
func (op *convOp[T]) backwardWeights(g *Graph[T], dw []T) {
	s := &op.s
	if s.n*s.oh*s.ow == 0 || len(dw) == 0 {
		return
	}
	if a := op.algorithms.Weights; a != Direct {
		simd.WinogradWeights(g.pool, dw, op.x.data, op.y.grad, s.winograd(a), true)
		return
	}
	m := g.mark()
	defer g.release(m)
	t := NewOp[weightsTask[T]](g)
	*t = weightsTask[T]{op: op, pool: g.pool, images: (convSegment + s.oh*s.ow - 1) / (s.oh * s.ow)}
	segments := (s.n + t.images - 1) / t.images
	t.sums = g.floats.take(min(segments, convGroup) * len(dw))
	if !s.pointwise() {
		t.taps, t.x = op.outputTaps(g)
	}
	for t.first = 0; t.first < segments; t.first += convGroup {
		group := min(convGroup, segments-t.first)
		g.pool.Run(t, group)
		for i := range group {
			simd.Add(dw, dw, t.sums[i*len(dw):(i+1)*len(dw)])
		}
	}
}

// weightsTask sums segments of dw, one a chunk.
type weightsTask[T Float] struct {
	op     *convOp[T]
	pool   *pool.Pool
	images int // a segment
	first  int // segment of the group
	taps   convTaps
	x      []T // that taps refers to
	sums   []T
}

// Chunk sums one segment of the group.
func (t *weightsTask[T]) Chunk(i int) {
	s := &t.op.s
	rows, positions := s.kh*s.kw*s.cin, s.oh*s.ow
	dw := t.sums[i*rows*s.cout:][:rows*s.cout]
	image := (t.first + i) * t.images
	end := min(image+t.images, s.n)
	if s.pointwise() {
		x := simd.Operand[T]{Data: t.op.x.data[image*positions*rows:], Stride: rows, Trans: true}
		simd.Gemm(t.pool, dw, s.cout, x, t.dy(image), rows, s.cout, (end-image)*positions, simd.Epilogue[T]{})
		return
	}
	table := simd.RowTable{Off: t.taps.off, Taps: t.taps.taps}
	var ep simd.Epilogue[T]
	for n := 0; image < end; image += n {
		n = min(t.taps.images, end-image)
		simd.GatherGemmT(t.pool, dw, s.cout, t.x[image*t.taps.size:], table, t.dy(image), t.taps.channels, s.cout, n*positions, ep)
		ep.Accumulate = true
	}
}

// dy returns the gradient of y from an image on.
func (t *weightsTask[T]) dy(image int) simd.Operand[T] {
	s := &t.op.s
	return simd.Operand[T]{Data: t.op.y.grad[image*s.oh*s.ow*s.cout:], Stride: s.cout}
}
