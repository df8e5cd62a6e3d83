package autograd

import "anomem/simd"

const (
	convSegment = 1 << 12 // positions of y that a segment of dw covers at least
	convGroup   = 8       // segments that are summed at the same time, with memory of their own
	convBand    = 1 << 17 // elements of x, copied row by row, that a product works on at a time
)

// backwardWeights is the product of x's rows, as the filter sees them, transposed,
// with dy, segment by segment.
func (op *convOp[T]) backwardWeights(g *Graph[T], dw []T) {
	s := &op.s
	if s.n*s.oh*s.ow == 0 || len(dw) == 0 {
		return
	}
	m := g.mark()
	defer g.release(m)
	t := NewOp[weightsTask[T]](g)
	images := (convSegment + s.oh*s.ow - 1) / (s.oh * s.ow)
	segments := (s.n + images - 1) / images
	*t = weightsTask[T]{g: g, op: op, images: images}
	t.sums = g.floats.take(min(segments, convGroup) * len(dw))
	if !s.pointwise() {
		t.taps, t.x = op.outputTaps(g)
		t.band = max(1, convBand/(s.kh*s.kw*s.cin))
		t.bands = g.floats.take(min(segments, convGroup) * t.band * s.kh * s.kw * s.cin)
	}
	for t.first = 0; t.first < segments; t.first += convGroup {
		group := min(convGroup, segments-t.first)
		g.pool.Run(t, group)
		for i := range group {
			simd.Add(dw, dw, t.sums[i*len(dw):(i+1)*len(dw)])
		}
	}
}

// weightsTask sums segments of dw, each for itself.
type weightsTask[T Float] struct {
	g           *Graph[T]
	op          *convOp[T]
	images      int // a segment
	first       int // segment of the group
	taps        convTaps
	x           []T // that taps refers to
	band        int // rows of x that are copied at a time
	sums, bands []T
}

// Chunk sums one segment of the group.
func (t *weightsTask[T]) Chunk(i int) {
	s := &t.op.s
	cols, positions := s.kh*s.kw*s.cin, s.oh*s.ow
	dw := t.sums[i*cols*s.cout:][:cols*s.cout]
	row := (t.first + i) * t.images * positions
	end := min(row+t.images*positions, s.n*positions)
	x := simd.Operand[T]{Stride: cols, Trans: true}
	dy := simd.Operand[T]{Stride: s.cout}
	if s.pointwise() {
		x.Data, dy.Data = t.op.x.data[row*cols:], t.op.y.grad[row*s.cout:]
		simd.Gemm(t.g.pool, dw, s.cout, x, dy, cols, s.cout, end-row, simd.Epilogue[T]{})
		return
	}
	x.Data = t.bands[i*t.band*cols:][:t.band*cols]
	for n := 0; row < end; row += n {
		n = min(t.band, end-row)
		copyRows(&t.taps, x.Data, t.x, row, n)
		dy.Data = t.op.y.grad[row*s.cout:]
		first := row == (t.first+i)*t.images*positions
		simd.Gemm(t.g.pool, dw, s.cout, x, dy, cols, s.cout, n, simd.Epilogue[T]{Accumulate: !first})
	}
}
