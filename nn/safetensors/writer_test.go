package safetensors

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// zeros is the Data of n bytes.
func zeros(n int) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(make([]byte, n))
		return err
	}
}

// TestWriteOrder makes sure that bytes do not depend on the order of arguments.
func TestWriteOrder(t *testing.T) {
	tensors := []Tensor{
		FromSlice("b", []float32{1, 2, 3, 4, 5, 6}, 2, 3),
		FromSlice("a", []float64{7, 8}, 2),
		FromSlice("c", []float32{9}),
		FromSlice("a2", []float64{}, 0, 2),
		{"h", F16, []int{1}, zeros(2)},
	}
	meta := map[string]string{"z": "1", "a": "\x00\x1f\"\\\b\f\n\r\t/ü\u2028", "": ""}
	var first bytes.Buffer
	if err := Write(&first, tensors, meta); err != nil {
		t.Fatal(err)
	}
	const header = `{"__metadata__":{"":"","a":"\u0000\u001f\"\\\b\f\n\r\t/ü` + "\u2028" + `","z":"1"},` +
		`"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},` +
		`"a2":{"dtype":"F64","shape":[0,2],"data_offsets":[16,16]},` +
		`"b":{"dtype":"F32","shape":[2,3],"data_offsets":[16,40]},` +
		`"c":{"dtype":"F32","shape":[],"data_offsets":[40,44]},` +
		`"h":{"dtype":"F16","shape":[1],"data_offsets":[44,46]}}`
	text := first.Bytes()[8 : first.Len()-46]
	if got := strings.TrimRight(string(text), " "); got != header || len(text)%8 != 0 || len(text)-len(got) > 7 {
		t.Errorf("header\n%q\nwant\n%q and spaces to a multiple of 8", text, header)
	}
	for range 10 {
		tensors = append(tensors[2:], tensors[:2]...)
		slices.Reverse(tensors[1:])
		var again bytes.Buffer
		if err := Write(&again, tensors, meta); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), first.Bytes()) {
			t.Fatal("another order of tensors gives other bytes")
		}
	}
	f, err := open(first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Metadata()["a"]; got != meta["a"] {
		t.Errorf("metadata %q, want %q", got, meta["a"])
	}
}

// TestRoundTrip keeps every bit, NaN payloads included, over several chunks.
func TestRoundTrip(t *testing.T) {
	const n = 3*chunk/8 + 5
	f32, f64 := make([]float32, n), make([]float64, n)
	for i := range n {
		f32[i] = math.Float32frombits(uint32(i) * 2654435761)
		f64[i] = math.Float64frombits(uint64(i) * 11400714819323198485)
	}
	var out bytes.Buffer
	if err := Write(&out, []Tensor{FromSlice("f32", f32, n), FromSlice("f64", f64, n)}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := open(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	g32, g64 := make([]float32, n), make([]float64, n)
	if err := errors.Join(Decode(f, "f32", g32), Decode(f, "f64", g64)); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if math.Float32bits(g32[i]) != math.Float32bits(f32[i]) || math.Float64bits(g64[i]) != math.Float64bits(f64[i]) {
			t.Fatalf("element %d: %x %x, want %x %x", i, math.Float32bits(g32[i]), math.Float64bits(g64[i]), math.Float32bits(f32[i]), math.Float64bits(f64[i]))
		}
	}
	if f.Metadata() != nil {
		t.Errorf("metadata %v from none", f.Metadata())
	}
}

func TestWriteErrors(t *testing.T) {
	boom := errors.New("boom")
	fails := func(w io.Writer) error { w.Write(make([]byte, 2)); return boom }
	for _, tc := range []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		want    string
		written bool
	}{
		{"twice", []Tensor{{"a", F32, nil, zeros(4)}, {"a", F32, nil, zeros(4)}}, nil, `tensor "a": given twice`, false},
		{"twice, two types", []Tensor{{"a", F32, nil, zeros(4)}, {"a", F64, nil, zeros(8)}}, nil, `tensor "a": given twice`, false},
		{"reserved", []Tensor{{"__metadata__", F32, nil, zeros(4)}}, nil, "reserved", false},
		{"name", []Tensor{{"\xff", F32, nil, zeros(4)}}, nil, "not valid UTF-8", false},
		{"metadata", nil, map[string]string{"k": "\xff"}, `metadata "k" is not valid UTF-8`, false},
		{"type", []Tensor{{"a", "X", nil, zeros(4)}}, nil, `unknown dtype "X"`, false},
		{"negative", []Tensor{{"a", F32, []int{-1}, zeros(4)}}, nil, "overflows or is negative", false},
		{"product", []Tensor{{"a", F32, []int{1 << 30, 1 << 30, 1 << 30}, zeros(4)}}, nil, "overflows or is negative", false},
		{"half bytes", []Tensor{{"a", "F4", []int{3}, zeros(2)}}, nil, "ends inside a byte", false},
		{"too long a file", []Tensor{{"a", "U8", []int{1 << 30, 1 << 30, 7}, nil}, {"b", "U8", []int{1 << 30, 1 << 30, 7}, nil}}, nil, `tensor "b": the file would be longer`, false},
		{"too long a header", nil, map[string]string{"k": strings.Repeat("k", maxHeader)}, "100000000 are allowed", false},
		{"too few bytes", []Tensor{{"a", F32, []int{2}, zeros(7)}}, nil, `tensor "a": F32 of shape [2] takes 8 bytes, 7 were given`, true},
		{"too many bytes", []Tensor{{"a", F32, []int{2}, zeros(9)}}, nil, `tensor "a": 1 bytes more than dtype and shape say`, true},
		{"failing source", []Tensor{{"a", F32, []int{2}, fails}}, nil, `tensor "a": boom`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Write(&out, tc.tensors, tc.meta)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
			if !tc.written && out.Len() > 0 {
				t.Errorf("%d bytes were written before the fault was found", out.Len())
			}
			if tc.name == "failing source" && !errors.Is(err, boom) {
				t.Error("the cause is lost")
			}
		})
	}
}

// shortWriter fails after left bytes.
type shortWriter struct{ left int }

var errFull = errors.New("full")

func (s *shortWriter) Write(b []byte) (int, error) {
	if len(b) > s.left {
		n := s.left
		s.left = 0
		return n, errFull
	}
	s.left -= len(b)
	return len(b), nil
}

// TestWriterFails lets the destination fail after every number of bytes.
func TestWriterFails(t *testing.T) {
	tensors := []Tensor{FromSlice("a", make([]float32, 3), 3), FromSlice("b", make([]float64, 2), 2)}
	var whole bytes.Buffer
	if err := Write(&whole, tensors, nil); err != nil {
		t.Fatal(err)
	}
	for n := range whole.Len() {
		if err := Write(&shortWriter{n}, tensors, nil); !errors.Is(err, errFull) {
			t.Fatalf("after %d of %d bytes: %v", n, whole.Len(), err)
		}
	}
	if err := Write(&shortWriter{whole.Len()}, tensors, nil); err != nil {
		t.Error(err)
	}
}
