package safetensors

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// Tensor describes a tensor to write.
type Tensor struct {
	Name  string
	DType DType
	Shape []int

	// Data writes the elements, little-endian, as many bytes as DType and Shape say;
	// see [Encode]. Write calls it once, when it reaches the tensor, so that tensors
	// need not be in memory together.
	Data func(w io.Writer) error
}

// FromSlice returns a tensor with the elements of data, F32 or F64, in row-major order.
// data is read when the tensor is written.
func FromSlice[T Float](name string, data []T, shape ...int) Tensor {
	t := Tensor{Name: name, DType: F32, Shape: shape}
	if _, ok := any(data).([]float64); ok {
		t.DType = F64
	}
	t.Data = func(w io.Writer) error { return Encode(w, data) }
	return t
}

// Encode writes data little-endian, float32 as F32 and float64 as F64.
func Encode[T Float](w io.Writer, data []T) error {
	var buf []byte
	for len(data) > 0 {
		buf = buf[:0]
		n := min(len(data), chunk/8)
		switch part := any(data[:n]).(type) {
		case []float32:
			for _, v := range part {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
		case []float64:
			for _, v := range part {
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
			}
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// Write writes tensors and metadata to w. The bytes depend only on the arguments, and
// not on the order of tensors: they are ordered as by the reference implementation, by
// descending dtype (8-byte elements first, so that all are aligned), then by name;
// metadata are ordered by key. The header is padded with spaces to a multiple of 8
// bytes.
//
// Errors are names that occur twice or are not valid UTF-8, unknown types, shapes whose
// product overflows, and a Data that writes too many or too few bytes; all but the last
// are found before anything is written.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	if err := write(w, tensors, metadata); err != nil {
		return err
	}
	return nil
}

func write(w io.Writer, tensors []Tensor, metadata map[string]string) *Error {
	tensors = slices.Clone(tensors)
	slices.SortFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType.rank(), a.DType.rank()), cmp.Compare(a.Name, b.Name))
	})
	header, err := appendHeader(nil, tensors, metadata)
	if err != nil {
		return err
	}
	bw := bufio.NewWriterSize(w, chunk)
	if _, err := bw.Write(header); err != nil {
		return &Error{Fault: "header", Err: unpath(err)}
	}
	for i := range tensors {
		t := &tensors[i]
		size, _ := t.size() // appendHeader has checked it
		lw := &exactWriter{w: bw, left: size}
		if err := t.Data(lw); err != nil {
			return &Error{Tensor: t.Name, Err: unpath(err)}
		}
		if lw.left != 0 {
			return fault(t.Name, "%s of shape %s takes %d bytes, %d were given", t.DType, dims(t.Shape), size, size-lw.left)
		}
	}
	if err := bw.Flush(); err != nil {
		return &Error{Err: unpath(err)}
	}
	return nil
}

// exactWriter refuses to write more than left bytes.
type exactWriter struct {
	w    io.Writer
	left int64
}

func (e *exactWriter) Write(b []byte) (int, error) {
	if int64(len(b)) > e.left {
		return 0, fmt.Errorf("%d bytes more than dtype and shape say", int64(len(b))-e.left)
	}
	n, err := e.w.Write(b)
	e.left -= int64(n)
	return n, err
}

// size returns the bytes of t, or an error if dtype or shape is invalid.
func (t *Tensor) size() (int64, *Error) {
	width := t.DType.Bits()
	if width == 0 {
		return 0, fault(t.Name, "unknown dtype %s", quote(string(t.DType)))
	}
	n, ok := elements(t.Shape)
	if !ok {
		return 0, fault(t.Name, "the product of shape %s overflows or is negative", dims(t.Shape))
	}
	size, problem := byteSize(n, width)
	if problem != "" {
		return 0, fault(t.Name, "%s of shape %s: %s", t.DType, dims(t.Shape), problem)
	}
	return size, nil
}
