package patchcore

import (
	"context"
	"math"

	"anomem/baseline"
	"anomem/nn/rng"
	"anomem/simd"
)

// vectors are rows of d values.
type vectors struct {
	data []float32
	d    int
}

// projected returns rows [n width] as to values, by a matrix of normal random numbers, which keeps
// distances nearly in proportion (S. Dasgupta and A. Gupta, An elementary proof of a theorem of
// Johnson and Lindenstrauss, 2003). With to = 0, or no fewer than width, it returns the rows.
func projected(rows []float32, width, to int, o baseline.Options) vectors {
	if to == 0 || to >= width {
		return vectors{rows, width}
	}
	r := rng.New(o.Seed, rng.Name("PatchCore"), rng.Name("projection"))
	matrix := make([]float32, width*to)
	for i := range matrix {
		matrix[i] = float32(r.Norm() / math.Sqrt(float64(to)))
	}
	n := len(rows) / width
	out := make([]float32, n*to)
	simd.Gemm(o.Pool, out, to, simd.Operand[float32]{Data: rows, Stride: width}, simd.Operand[float32]{Data: matrix, Stride: to}, n, to, width, simd.Epilogue[float32]{})
	return vectors{out, to}
}

// coreset returns at most size of the rows such that none of the others is far from all of these:
// from one that is drawn on, it takes the row that is farthest from those it has, the first of
// several (algorithm 1; O. Sener and S. Savarese, Active learning for convolutional neural
// networks: a core-set approach, ICLR 2018). It ends early where each row is one that it has. It
// returns ctx's error once that is done.
func coreset(ctx context.Context, v vectors, size int, o baseline.Options) ([]int, error) {
	n := len(v.data) / v.d
	r := rng.New(o.Seed, rng.Name("PatchCore"), rng.Name("coreset"))
	f := &farthest{vectors: v, next: r.IntN(n), gap: make([]float32, n), of: make([]int, (n+rowsAtOnce-1)/rowsAtOnce)}
	simd.Fill(f.gap, float32(math.Inf(1)))
	var chosen []int
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chosen = append(chosen, f.next)
		if len(chosen) >= size {
			return chosen, nil
		}
		o.Pool.Run(f, len(f.of))
		f.next = f.of[0]
		for _, i := range f.of {
			if f.gap[i] > f.gap[f.next] {
				f.next = i
			}
		}
		if !(f.gap[f.next] > 0) {
			return chosen, nil
		}
	}
}

// rowsAtOnce is the number of rows of a chunk of work.
const rowsAtOnce = 1024

// farthest finds the rows that are farthest from those chosen, of which next is the last.
type farthest struct {
	vectors
	next int
	gap  []float32 // the squared distance of each row from the nearest that is chosen
	of   []int     // of each chunk, the row with the largest
}

// Chunk implements pool.Task.
func (f *farthest) Chunk(k int) {
	scratch := make([]float32, f.d)
	from := f.data[f.next*f.d : (f.next+1)*f.d]
	lo := k * rowsAtOnce
	f.of[k] = lo
	for i := lo; i < min(len(f.gap), lo+rowsAtOnce); i++ {
		simd.Sub(scratch, f.data[i*f.d:(i+1)*f.d], from)
		f.gap[i] = min(f.gap[i], simd.SumSq(scratch))
		if f.gap[i] > f.gap[f.of[k]] {
			f.of[k] = i
		}
	}
}
