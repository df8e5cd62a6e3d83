package hopfield

import (
	"fmt"

	"anomem/autograd"
)

// Retriever answers queries [R C] with rows of the same shape.
type Retriever[T autograd.Float] interface {
	Retrieve(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T]
	// Scale returns the similarity on whose scale the answers are.
	Scale() Similarity
}

// Mem is eq. 3,
//
//	Mem(z, y) = y·HF(z) + (1 - y)·z
//
// for z [B C] and the B labels normal (y = 1): the memory's answer replaces a normal row,
// and an anomalous row stays. Rows are selected, not multiplied by 0 or 1, and the memory
// is not queried with anomalous rows. The result has the shape of z. Mem panics unless z
// is [B C] with B labels and, where a row is normal, where Retrieve does.
func Mem[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	mem, _ := Recall(g, z, 1, normal, &Memory[T]{Patterns: patterns, Config: c})
	return mem
}

// Recall is eq. 3 with m as the memory, for the features z [P·B C] of P locations of a
// batch, location after location, and the B labels normal. It queries m once. It returns
// Mem of all rows and, for eq. 6, the answers of the normal rows alone, [P·R C] for R
// normal labels; without any, it returns z and nil. Recall panics unless z has P·B rows.
func Recall[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], locations int, normal []bool, m Retriever[T]) (mem, answers *autograd.Tensor[T]) {
	if z.Rank() != 2 || z.Dim(0) != locations*len(normal) {
		panic(fmt.Sprintf("hopfield: %d labels for rows %v at %d locations", len(normal), z.Shape(), locations))
	}
	rows := normalRows(g, locations, normal)
	if len(rows) == 0 {
		return z, nil
	}
	answers = m.Retrieve(g, g.GatherRows(z, rows))
	return ScatterRows(g, z, rows, answers), answers
}

// normalRows returns the indices of the normal rows of [P·B C], in the memory of g.
func normalRows[T autograd.Float](g *autograd.Graph[T], locations int, normal []bool) []int32 {
	rows := g.Ints(locations * len(normal))[:0]
	for p := range locations {
		for k, y := range normal {
			if y {
				rows = append(rows, int32(p*len(normal)+k))
			}
		}
	}
	return rows
}

// ScatterRows returns z [B C] with the given rows, in ascending order, replaced by those
// of values [len(rows) C]. It panics where Concat or GatherRows does.
func ScatterRows[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], rows []int32, values *autograd.Tensor[T]) *autograd.Tensor[T] {
	if len(rows) == z.Dim(0) {
		return values
	}
	from := g.Ints(z.Dim(0)) // indices into the values followed by z
	for k := range from {
		from[k] = int32(len(rows) + k)
	}
	for i, k := range rows {
		from[k] = int32(i)
	}
	return g.GatherRows(g.Concat(0, values, z), from)
}
