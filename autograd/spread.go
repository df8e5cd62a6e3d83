package autograd

import "anomem/simd"

// spread stores src in dst, of shape s, repeated along axes, or adds it: the inverse
// direction of collapse.
func (g *Graph[T]) spread(dst, src []T, s Shape, axes axisSet, add bool) {
	if len(dst) == 0 {
		return
	}
	s, axes = s.grouped(axes)
	if s.rank == 0 {
		s.rank, s.dims[0] = 1, 1
	}
	op := NewOp[spreadTask[T]](g)
	*op = spreadTask[T]{dst: dst, src: src, shape: s, axes: axes, add: add}
	last := s.rank - 1
	g.forward(op, s.span(0, last), s.dims[last])
}

type spreadTask[T Float] struct {
	dst, src []T
	shape    Shape
	axes     axisSet
	add      bool
}

// forward fills runs lo, ..., hi-1 of the innermost axis.
func (op *spreadTask[T]) forward(lo, hi int) {
	last := op.shape.rank - 1
	n := op.shape.dims[last]
	for i := lo; i < hi; i++ {
		run, j := op.dst[i*n:(i+1)*n], op.source(i)
		switch repeat := op.axes.has(last); {
		case repeat && op.add:
			simd.AddScalar(run, run, op.src[j])
		case repeat:
			simd.Fill(run, op.src[j])
		case op.add:
			simd.Add(run, run, op.src[j*n:(j+1)*n])
		default:
			copy(run, op.src[j*n:(j+1)*n])
		}
	}
}

func (op *spreadTask[T]) backward(int, int, []T) {}

// source returns the number of the run of src, or of the element, that run i repeats:
// i's index without the repeated axes.
func (op *spreadTask[T]) source(i int) int {
	j, stride := 0, 1
	for a := op.shape.rank - 2; a >= 0; a-- {
		d := op.shape.dims[a]
		if !op.axes.has(a) {
			j += i % d * stride
			stride *= d
		}
		i /= d
	}
	return j
}
