package autograd_test

import (
	"fmt"

	"anomem/autograd"
	"anomem/simd"
)

// A line is fitted to three points by gradient descent.
func Example() {
	x := autograd.FromSlice([]float64{0, 1, 2}, 3)
	y := autograd.FromSlice([]float64{1, 3, 5}, 3)
	slope := autograd.New[float64]().RequireGrad()
	offset := autograd.New[float64]().RequireGrad()

	g := autograd.NewGraph[float64](nil)
	for range 500 {
		line := g.Add(g.Mul(x, slope), offset)
		g.Backward(g.Mean(g.Square(g.Sub(line, y)), false))
		for _, p := range []*autograd.Tensor[float64]{slope, offset} {
			simd.Axpy(p.Data(), -0.2, p.Grad())
			p.ZeroGrad()
		}
		g.Reset()
	}
	fmt.Printf("y = %.3f·x + %.3f\n", slope.Item(), offset.Item())
	// Output: y = 2.000·x + 1.000
}

// cube is the record of an operation that another package adds: y = x³.
type cube[T autograd.Float] struct{ x, y *autograd.Tensor[T] }

func newCube[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	op := autograd.NewOp[cube[T]](g)
	op.x, op.y = x, g.NewLike(x.Shape())
	for i, v := range x.Data() {
		op.y.Data()[i] = v * v * v
	}
	g.Record(op.y, op, x)
	return op.y
}

// Backward adds 3·x²·dy to dx. It is called only if x needs a gradient: an
// operation with several inputs asks AccGrad of each and skips those that give nil.
func (op *cube[T]) Backward(g *autograd.Graph[T]) {
	dx := op.x.AccGrad(g)
	for i, dy := range op.y.Grad() {
		v := op.x.Data()[i]
		dx[i] += 3 * v * v * dy
	}
}

func ExampleNewOp() {
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return newCube(g, in[0])
	}
	x := autograd.FromSlice([]float64{-1, 0.5, 2}, 3)
	fmt.Println(autograd.GradCheck("cube", f, []*autograd.Tensor[float64]{x}))
	// Output: <nil>
}
