package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Float is the type that tensors are decoded to and encoded from.
type Float interface{ float32 | float64 }

// chunk is the number of bytes that are read or written at a time.
const chunk = 64 << 10

// Decode reads the tensor called name into dst, in the order of the file. F32, F16 and
// BF16 are exact; F64 in a float32 dst is rounded to nearest, and to an infinity if it
// is too large. Other types, and a dst whose length is not the tensor's, are errors.
func Decode[T Float](f *File, name string, dst []T) error {
	if t, ok := f.Lookup(name); ok && t.Len() != len(dst) {
		return &Error{File: f.name, Tensor: name, Fault: fmt.Sprintf("shape %s has %d elements, want %d", dims(t.Shape), t.Len(), len(dst))}
	}
	return DecodeAt(f, name, 0, dst)
}

// DecodeAt decodes len(dst) elements as Decode does, from element at on. It is an error
// if the tensor does not have them.
func DecodeAt[T Float](f *File, name string, at int, dst []T) error {
	t, ok := f.Lookup(name)
	switch {
	case !ok:
		return &Error{File: f.name, Tensor: name, Fault: "not in the file"}
	case !t.DType.Decodable():
		return &Error{File: f.name, Tensor: name, Fault: fmt.Sprintf("dtype %s cannot be decoded: want F64, F32, F16 or BF16", quote(string(t.DType)))}
	case at < 0 || at > t.Len()-len(dst):
		return &Error{File: f.name, Tensor: name, Fault: fmt.Sprintf("shape %s has %d elements, want those from %d to %d", dims(t.Shape), t.Len(), at, at+len(dst))}
	}
	width := t.DType.Bits() / 8
	buf := make([]byte, min(len(dst)*width, chunk))
	for from := f.data + t.Begin + int64(at*width); len(dst) > 0; {
		n := min(len(dst), len(buf)/width)
		b := buf[:n*width]
		if err := readFull(f.r, b, from); err != nil {
			return &Error{File: f.name, Tensor: name, Err: err}
		}
		decode(dst[:n], b, t.DType)
		dst = dst[n:]
		from += int64(len(b))
	}
	return nil
}

// decode converts len(dst) elements of type d.
func decode[T Float](dst []T, b []byte, d DType) {
	switch d {
	case F64:
		for i := range dst {
			dst[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
	case F32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		}
	case BF16:
		for i := range dst {
			dst[i] = T(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16))
		}
	case F16:
		for i := range dst {
			dst[i] = T(half(binary.LittleEndian.Uint16(b[2*i:])))
		}
	}
}

// half returns the value of an IEEE binary16 number: a sign, 5 bits of exponent
// with bias 15, 10 bits of fraction.
func half(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h & 0x3ff)
	switch exponent {
	case 0: // zero and subnormals: fraction · 2⁻²⁴, exact in float32
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinity and NaN, whose payload is kept
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
