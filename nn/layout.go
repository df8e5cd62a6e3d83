package nn

import "anomem/simd"

// Layout says how a tensor is laid out in files, which follow PyTorch.
type Layout uint8

const (
	// Same is one layout in memory and in the file.
	Same Layout = iota
	// ConvWeight is [KH KW I O] in memory, as matrix products need it, and [O I KH KW]
	// in the file.
	ConvWeight
)

// fileShape returns the shape that a tensor of shape dims has in the file.
func (l Layout) fileShape(dims []int) []int {
	if l == ConvWeight {
		return []int{dims[3], dims[2], dims[0], dims[1]}
	}
	return dims
}

// fromFile converts src, the elements of a tensor in the layout of the file, to the
// layout in memory, where its shape is dims. It may return src, or overwrite it.
func fromFile[T Float](l Layout, src []T, dims []int) []T {
	if l != ConvWeight {
		return src
	}
	kernel, in, out := dims[0]*dims[1], dims[2], dims[3]
	// [O, I·K] → [I·K, O]; then whole rows of O: (i, k) → (k, i).
	t := make([]T, len(src))
	simd.Transpose(t, src, out, in*kernel)
	return swapRows(src, t, in, kernel, out)
}

// toFile does the inverse of fromFile, without overwriting src.
func toFile[T Float](l Layout, src []T, dims []int) []T {
	if l != ConvWeight {
		return src
	}
	kernel, in, out := dims[0]*dims[1], dims[2], dims[3]
	t := swapRows(make([]T, len(src)), src, kernel, in, out)
	dst := make([]T, len(src))
	simd.Transpose(dst, t, in*kernel, out)
	return dst
}

// swapRows copies row i·b+j of width elements of src to row j·a+i of dst, for all
// i < a and j < b, and returns dst.
func swapRows[T Float](dst, src []T, a, b, width int) []T {
	for i := range a {
		for j := range b {
			from, to := (i*b+j)*width, (j*a+i)*width
			copy(dst[to:to+width], src[from:from+width])
		}
	}
	return dst
}
