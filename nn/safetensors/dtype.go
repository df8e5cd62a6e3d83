package safetensors

import "math/bits"

// DType is the type of a tensor's elements, by the name it has in the file.
type DType string

// The types that can be decoded to numbers. [Encode] writes F32 and F64.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"  // IEEE binary16
	BF16 DType = "BF16" // the upper half of an F32
)

// I64 is the type of PyTorch's counters.
const I64 DType = "I64"

// dtypes lists the types of the reference implementation, in its order. It writes
// tensors in descending order of this list, so that wide elements come first and every
// tensor is aligned.
var dtypes = []struct {
	name DType
	bits int
}{
	{"BOOL", 8},
	{"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6},
	{"U8", 8}, {"I8", 8},
	{"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8},
	{"I16", 16}, {"U16", 16}, {F16, 16}, {BF16, 16},
	{"I32", 32}, {"U32", 32}, {F32, 32},
	{"C64", 64}, {F64, 64}, {I64, 64}, {"U64", 64},
}

// Bits returns the size of one element in bits, or 0 if d is unknown.
func (d DType) Bits() int {
	if i := d.rank(); i >= 0 {
		return dtypes[i].bits
	}
	return 0
}

// rank returns the position of d in dtypes, or -1.
func (d DType) rank() int {
	for i := range dtypes {
		if dtypes[i].name == d {
			return i
		}
	}
	return -1
}

// Decodable reports whether elements of d can become float32 and float64.
func (d DType) Decodable() bool {
	return d == F64 || d == F32 || d == F16 || d == BF16
}

// elements returns the product of shape; ok is false if it overflows, even if an axis
// has length 0.
func elements(shape []int) (n int64, ok bool) {
	product, zero := uint64(1), false
	for _, d := range shape {
		if d == 0 {
			zero = true
			continue
		}
		hi, lo := bits.Mul64(product, uint64(d))
		if d < 0 || hi != 0 || int64(lo) < 0 {
			return 0, false
		}
		product = lo
	}
	if zero {
		return 0, true
	}
	return int64(product), true
}

// byteSize returns the bytes that n elements of width bits take, or a problem if they
// overflow or end inside a byte.
func byteSize(n int64, width int) (size int64, problem string) {
	hi, lo := bits.Mul64(uint64(n), uint64(width))
	switch {
	case hi >= 1<<2: // from 2⁶⁶ bits on the bytes do not fit an int64
		return 0, "its size overflows"
	case lo%8 != 0:
		return 0, "its last element ends inside a byte"
	}
	return int64(hi<<61 | lo>>3), ""
}
