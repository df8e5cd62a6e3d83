package hopfield

import (
	"fmt"

	"anomem/autograd"
)

// Retriever answers queries [R C] with rows of the same shape.
type Retriever[T autograd.Float] interface {
	Retrieve(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T]
	// Scale is where the answers lie.
	Scale() Similarity
}

// Mem is eq. 3,
//
//	Mem(z, y) = y·HF(z) + (1 - y)·z
//
// for z [B C] and the B labels normal (y = 1): a normal row becomes what the memory
// returns for it, an anomalous row, of which the memory knows nothing, stays. It is
// selected, not multiplied by 0 or 1, and the memory is not asked about it. The result
// has the shape of z. Mem panics unless z is [B C] with B labels and, where a row is
// normal, where Retrieve does.
func Mem[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	return Replace(g, z, normal, &Memory[T]{Patterns: patterns, Config: c})
}

// Replace is Mem with any other source of the answers.
func Replace[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool, m Retriever[T]) *autograd.Tensor[T] {
	rows := NormalRows(g, z, normal)
	if len(rows) == 0 {
		return z
	}
	return ScatterRows(g, z, rows, m.Retrieve(g, g.GatherRows(z, rows)))
}

// NormalRows returns the indices of the normal rows of z [B C], in the memory of g. It
// panics on another shape or number of labels.
func NormalRows[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool) []int32 {
	if z.Rank() != 2 || z.Dim(0) != len(normal) {
		panic(fmt.Sprintf("hopfield: %d labels for rows %v", len(normal), z.Shape()))
	}
	rows := g.Ints(len(normal))[:0]
	for k, y := range normal {
		if y {
			rows = append(rows, int32(k))
		}
	}
	return rows
}

// ScatterRows returns z [B C] with the given rows, in ascending order, replaced by those of
// values [len(rows) C]. It panics where Concat or GatherRows does.
func ScatterRows[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], rows []int32, values *autograd.Tensor[T]) *autograd.Tensor[T] {
	if len(rows) == z.Dim(0) {
		return values
	}
	from := g.Ints(z.Dim(0)) // of the values, followed by z
	for k := range from {
		from[k] = int32(len(rows) + k)
	}
	for i, k := range rows {
		from[k] = int32(i)
	}
	return g.GatherRows(g.Concat(0, values, z), from)
}
