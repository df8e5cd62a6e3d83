// Package oracle holds package safetensors against another reader and writer of
// the format, github.com/nlpodyssey/safetensors. It is a module of its own, so that
// the product does not depend on that.
package oracle

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"anomem/nn/safetensors"
	"anomem/nn/safetensors/safetensorstest"
	other "github.com/nlpodyssey/safetensors"
)

// disagreements are the files of safetensorstest on which the other reader's
// verdict differs. (It also refuses to write a scalar, though it reads one.)
var disagreements = map[string]bool{
	// It takes what we refuse: repeated keys of any kind (the last one wins), white
	// space first, null for no metadata, an overflow behind a zero.
	"name twice":               true,
	"name twice, once escaped": true,
	"dtype twice":              true,
	"shape twice":              true,
	"offsets twice":            true,
	"metadata twice":           true,
	"metadata key twice":       true,
	"metadata null":            true,
	"space first":              true,
	"huge shape behind a zero": true,

	// It does not know the types that came after it.
	"less than a byte an element": true,
	"every width":                 true,
}

func open(t *testing.T, b []byte) *safetensors.File {
	t.Helper()
	f, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)), "test")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestVerdicts(t *testing.T) {
	known := maps.Clone(disagreements)
	for _, tc := range safetensorstest.Files() {
		_, ours := safetensors.NewReader(bytes.NewReader(tc.Bytes), int64(len(tc.Bytes)), "test")
		st, theirs := other.Deserialize(tc.Bytes)
		if _, ok := known[tc.Name]; ok {
			delete(known, tc.Name)
			if (ours == nil) == (theirs == nil) {
				t.Errorf("%s: listed as a disagreement, but both say %v", tc.Name, ours)
			}
			continue
		}
		if (ours == nil) != (theirs == nil) {
			t.Errorf("%s: we say %v, the other reader %v", tc.Name, ours, theirs)
		}
		if ours == nil && theirs == nil {
			compare(t, open(t, tc.Bytes), st)
		}
	}
	for name := range known {
		t.Errorf("%s: listed as a disagreement, but there is no such file", name)
	}
}

// compare makes sure that both readers see the same tensors.
func compare(t *testing.T, f *safetensors.File, st other.SafeTensors) {
	t.Helper()
	if len(f.Tensors()) != st.Len() {
		t.Errorf("%d tensors, the other reader has %d", len(f.Tensors()), st.Len())
	}
	for _, info := range f.Tensors() {
		v, ok := st.Tensor(info.Name)
		if !ok {
			t.Errorf("%q: the other reader does not have it", info.Name)
			continue
		}
		shape := make([]int, len(v.Shape()))
		for i, d := range v.Shape() {
			shape[i] = int(d)
		}
		if v.DType().String() != string(info.DType) || !slices.Equal(shape, info.Shape) {
			t.Errorf("%q: %s %v, the other reader has %s %v", info.Name, info.DType, info.Shape, v.DType(), shape)
		}
		r, err := f.Raw(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, v.Data()) {
			t.Errorf("%q: other bytes", info.Name)
		}
	}
}

// TestGenerated writes random files with either writer and reads them with both
// readers; for types that both know in the same order, the bytes agree too.
func TestGenerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var ours []safetensors.Tensor
		theirs := map[string]other.TensorView{}
		for i := range rng.IntN(6) {
			shape, n := make([]int, 1+rng.IntN(3)), 1
			their := make([]uint64, len(shape))
			for j := range shape {
				shape[j] = rng.IntN(5)
				their[j] = uint64(shape[j])
				n *= shape[j]
			}
			name := strconv.Itoa(rng.IntN(1000)) + "." + strconv.Itoa(i) + []string{"", "\"", "ü\n"}[rng.IntN(3)]
			var data []byte
			var dtype other.DType
			if rng.IntN(2) == 0 {
				v := make([]float32, n)
				for k := range v {
					v[k] = float32(rng.NormFloat64())
					data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v[k]))
				}
				ours, dtype = append(ours, safetensors.FromSlice(name, v, shape...)), other.F32
			} else {
				v := make([]float64, n)
				for k := range v {
					v[k] = rng.NormFloat64()
					data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v[k]))
				}
				ours, dtype = append(ours, safetensors.FromSlice(name, v, shape...)), other.F64
			}
			view, err := other.NewTensorView(dtype, their, data)
			if err != nil {
				t.Fatal(err)
			}
			theirs[name] = view
		}
		meta := map[string]string{"seed": "1"}
		var a bytes.Buffer
		if err := safetensors.Write(&a, ours, meta); err != nil {
			t.Fatal(err)
		}
		b, err := other.Serialize(theirs, meta)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range [][]byte{a.Bytes(), b} {
			st, err := other.Deserialize(file)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, open(t, file), st)
		}
		if data := len(b) - 8 - int(binary.LittleEndian.Uint64(b)); !bytes.Equal(a.Bytes()[a.Len()-data:], b[len(b)-data:]) {
			t.Errorf("the data buffers differ")
		}
	}
}
