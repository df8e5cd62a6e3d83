package autograd

import (
	"fmt"

	"anomem/simd"
)

// MatMul returns the product of two matrices, each transposed first where its flag
// is set: op(a) [m k] · op(b) [k n] = [m n].
//
//	Y = A·B      dA += dY·Bᵀ      dB += Aᵀ·dY
//
// and where a flag is set, the transpose of that. Each element is one chain of
// fused multiply-adds in increasing k.
func (g *Graph[T]) MatMul(a, b *Tensor[T], transA, transB bool) *Tensor[T] {
	if a.shape.rank != 2 || b.shape.rank != 2 {
		panic(fmt.Sprintf("autograd: MatMul: shapes %v and %v: both must be matrices", a.shape, b.shape))
	}
	m, k := flip(a.shape.dims[0], a.shape.dims[1], transA)
	k2, n := flip(b.shape.dims[0], b.shape.dims[1], transB)
	if k != k2 {
		panic(fmt.Sprintf("autograd: MatMul: shapes %v and %v, transposed %v and %v: inner dimensions %d and %d differ",
			a.shape, b.shape, transA, transB, k, k2))
	}
	op := NewOp[matMulOp[T]](g)
	*op = matMulOp[T]{a, b, g.NewTensor(m, n), transA, transB, m, n, k}
	simd.Gemm(g.pool, op.y.data, n, operand(a, transA), operand(b, transB), m, n, k, simd.Epilogue[T]{})
	g.Record(op.y, op, a, b)
	return op.y
}

type matMulOp[T Float] struct {
	a, b, y        *Tensor[T]
	transA, transB bool
	m, n, k        int
}

func (op *matMulOp[T]) Backward(g *Graph[T]) {
	m, n, k := op.m, op.n, op.k
	if da, fresh := op.a.gradFor(g); da != nil {
		ep := simd.Epilogue[T]{Accumulate: !fresh}
		dy := simd.Operand[T]{Data: op.y.grad, Stride: n}
		if op.transA { // dA [k m] += B·dYᵀ
			dy.Trans = true
			simd.Gemm(g.pool, da, m, operand(op.b, op.transB), dy, k, m, n, ep)
		} else { // dA [m k] += dY·Bᵀ
			simd.Gemm(g.pool, da, k, dy, operand(op.b, !op.transB), m, k, n, ep)
		}
	}
	if db, fresh := op.b.gradFor(g); db != nil {
		ep := simd.Epilogue[T]{Accumulate: !fresh}
		dy := simd.Operand[T]{Data: op.y.grad, Stride: n}
		if op.transB { // dB [n k] += dYᵀ·A
			dy.Trans = true
			simd.Gemm(g.pool, db, k, dy, operand(op.a, op.transA), n, k, m, ep)
		} else { // dB [k n] += Aᵀ·dY
			simd.Gemm(g.pool, db, n, operand(op.a, !op.transA), dy, k, n, m, ep)
		}
	}
}

func (op *matMulOp[T]) reads(t *Tensor[T]) bool { return t != op.y }

// operand returns the matrix t, or its transpose, as a factor.
func operand[T Float](t *Tensor[T], trans bool) simd.Operand[T] {
	return simd.Operand[T]{Data: t.data, Stride: t.shape.dims[1], Trans: trans}
}

func flip(a, b int, swap bool) (int, int) {
	if swap {
		return b, a
	}
	return a, b
}
