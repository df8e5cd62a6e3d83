package learn

import (
	"fmt"

	"anomem/autograd"
)

// CrossEntropy returns the mean over the rows of logits [N K] of
//
//	l_i = -ln softmax(logits_i)[class_i]
//
// a scalar. It panics on another shape, and on a class that is none of 0 to K-1.
func CrossEntropy[T autograd.Float](g *autograd.Graph[T], logits *autograd.Tensor[T], class []int) *autograd.Tensor[T] {
	if logits.Rank() != 2 || logits.Dim(0) != len(class) {
		panic(fmt.Sprintf("learn: CrossEntropy: logits %v of %d rows: want [N K]", logits.Shape(), len(class)))
	}
	n, k := logits.Dim(0), logits.Dim(1)
	at := g.Ints(n)
	for i, c := range class {
		if c < 0 || c >= k {
			panic(fmt.Sprintf("learn: CrossEntropy: logits %v: row %d has class %d", logits.Shape(), i, c))
		}
		at[i] = int32(i*k + c)
	}
	chosen := g.GatherRows(g.Reshape(g.LogSoftmax(logits, 1), n*k), at)
	return g.Neg(g.Mean(chosen, false))
}
