package safetensors

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// The checksum of tensors is that of the file that they make, in any order, and counts
// names, types, shapes, values and metadata.
func TestChecksum(t *testing.T) {
	tensors := []Tensor{FromSlice("b", []float32{1, 2, 3, 4}, 2, 2), FromSlice("a", []float64{5}), FromSlice("none", []float32{}, 0)}
	meta := map[string]string{"k": "v", "sum": "x"}
	sum := func(tensors []Tensor, meta map[string]string) string {
		t.Helper()
		s, err := Checksum(tensors, meta, "sum")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := sum(tensors, meta)
	var file bytes.Buffer
	if err := Write(&file, tensors, meta); err != nil {
		t.Fatal(err)
	}
	f, err := open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Checksum("sum"); err != nil || got != want {
		t.Errorf("of the file %s, of its tensors %s: %v", got, want, err)
	}
	if got := sum([]Tensor{tensors[2], tensors[0], tensors[1]}, map[string]string{"k": "v"}); got != want {
		t.Errorf("in another order, without what does not count: %s, want %s", got, want)
	}
	for what, other := range map[string]string{
		"a value":  sum([]Tensor{FromSlice("b", []float32{1, 2, 3, 5}, 2, 2), tensors[1], tensors[2]}, meta),
		"a shape":  sum([]Tensor{FromSlice("b", []float32{1, 2, 3, 4}, 4), tensors[1], tensors[2]}, meta),
		"a name":   sum([]Tensor{FromSlice("c", []float32{1, 2, 3, 4}, 2, 2), tensors[1], tensors[2]}, meta),
		"a type":   sum([]Tensor{tensors[0], {"a", "I64", nil, tensors[1].Data}, tensors[2]}, meta),
		"metadata": sum(tensors, map[string]string{"k": "w"}),
		"a tensor": sum(tensors[:2], meta),
	} {
		if other == want {
			t.Errorf("%s does not count", what)
		}
	}
	broken := errors.New("broken")
	if _, err := Checksum([]Tensor{{"a", F32, nil, func(io.Writer) error { return broken }}}, nil, ""); !errors.Is(err, broken) {
		t.Errorf("a tensor that cannot be written: %v", err)
	}
}
