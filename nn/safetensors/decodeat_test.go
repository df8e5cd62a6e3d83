package safetensors

import (
	"bytes"
	"slices"
	"testing"
)

// TestDecodeAt reads every part of a tensor, and refuses what lies beside it.
func TestDecodeAt(t *testing.T) {
	const n = 5
	values := []float64{1, 2, 3, 4, 5}
	var b bytes.Buffer
	if err := Write(&b, []Tensor{FromSlice("a", values, n), FromSlice("b", []float32{9}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for at := -1; at <= n+1; at++ {
		for size := 0; size <= n+1; size++ {
			got := make([]float64, size)
			err := DecodeAt(f, "a", at, got)
			switch inside := at >= 0 && at+size <= n; {
			case inside != (err == nil):
				t.Errorf("%d elements from %d on: %v", size, at, err)
			case inside && !slices.Equal(got, values[at:at+size]):
				t.Errorf("%d elements from %d on: %v", size, at, got)
			}
		}
	}
	if err := DecodeAt(f, "c", 0, []float32{}); err == nil {
		t.Error("a tensor that is not there is read")
	}
}
