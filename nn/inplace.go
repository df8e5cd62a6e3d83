package nn

import (
	"errors"

	"anomem/nn/safetensors"
	"anomem/simd"
	"anomem/simd/pool"
)

// fillFrom reads entries from a file that has all of them, sharing the work on p.
func fillFrom[T Float](entries []Entry[T], f *safetensors.File, p *pool.Pool) error {
	t := filling[T]{entries, f, make([]error, len(entries))}
	p.Run(&t, len(entries))
	return errors.Join(t.errs...)
}

// filling reads entries, one a chunk.
type filling[T Float] struct {
	entries []Entry[T]
	f       *safetensors.File
	errs    []error
}

func (t *filling[T]) Chunk(i int) {
	e := &t.entries[i]
	if e.Layout == ConvWeight {
		t.errs[i] = readFilter(t.f, e.Name, e.Tensor.Data(), dimsOf(e.Tensor))
	} else {
		t.errs[i] = safetensors.Decode(t.f, e.Name, e.Tensor.Data())
	}
}

// readFilter reads a tensor [O I KH KW] of a file into dst [KH KW I O], of shape dims. It
// takes as many output channels at a time as a cache line holds, so that it writes whole
// lines while its source stays in the cache.
func readFilter[T Float](f *safetensors.File, name string, dst []T, dims []int) error {
	kernel, in, out := dims[0]*dims[1], dims[2], dims[3]
	const line = 16
	rows := make([]T, min(line, out)*in*kernel)
	columns := make([]T, len(rows))
	for lo := 0; lo < out; lo += line {
		n := min(line, out-lo)
		rows, columns := rows[:n*in*kernel], columns[:n*in*kernel]
		if err := safetensors.DecodeAt(f, name, lo*in*kernel, rows); err != nil {
			return err
		}
		simd.Transpose(columns, rows, n, in*kernel)
		for k := range kernel {
			for i := range in {
				copy(dst[(k*in+i)*out+lo:][:n], columns[(i*kernel+k)*n:])
			}
		}
	}
	return nil
}
