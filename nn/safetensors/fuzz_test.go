package safetensors

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"

	"anomem/nn/safetensors/safetensorstest"
)

// FuzzOpen: nothing panics, memory is bounded by the size of the file, and a file
// that is accepted stays the same when it is written and read again.
func FuzzOpen(f *testing.F) {
	for _, s := range safetensorstest.Files() {
		f.Add(s.Bytes)
	}
	official, err := os.ReadFile("testdata/official.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(official)
	f.Fuzz(func(t *testing.T, b []byte) {
		var file *File
		var err error
		// The engine allocates beside us, so the bound is looser than in TestFiles.
		if got, limit := allocations(func() { file, err = open(b) }), 4*memoryLimit(len(b))+1<<20; got > limit {
			t.Errorf("allocated %d bytes for a file of %d", got, len(b))
		}
		if err != nil {
			if e, ok := err.(*Error); !ok || e.File != "test" {
				t.Errorf("error %#v does not name the file", err)
			}
			return
		}
		checkAccepted(t, file)
	})
}

// FuzzHeader holds the JSON scanner against encoding/json: what the one accepts as
// a header, the other must read to the same.
func FuzzHeader(f *testing.F) {
	for _, s := range safetensorstest.Files() {
		if len(s.Bytes) >= 8 {
			f.Add(s.Bytes[8:])
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		// Take the end of the last range for the size of the data, so that more
		// headers get through.
		var loose map[string]json.RawMessage
		size := int64(0)
		json.Unmarshal(text, &loose)
		for _, v := range loose {
			var e struct {
				Offsets []float64 `json:"data_offsets"`
			}
			if json.Unmarshal(v, &e) == nil && len(e.Offsets) == 2 && e.Offsets[1] < 1<<40 {
				size = max(size, int64(e.Offsets[1]))
			}
		}
		h, herr := parseHeader(text, size)
		if herr != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("accepted %q, encoding/json says %v", text, err)
		}
		tensors := 0
		for name, v := range want {
			if name == metadataKey {
				var m map[string]string
				if err := json.Unmarshal(v, &m); err != nil || len(m) != len(h.metadata) {
					t.Errorf("metadata %v, want %v, %v", h.metadata, m, err)
				}
				for k := range m {
					if h.metadata[k] != m[k] {
						t.Errorf("metadata %q is %q, want %q", k, h.metadata[k], m[k])
					}
				}
				continue
			}
			tensors++
			var e struct {
				DType   string
				Shape   []int
				Offsets [2]int64 `json:"data_offsets"`
			}
			if err := json.Unmarshal(v, &e); err != nil {
				t.Fatalf("tensor %q: %v", name, err)
			}
			i, ok := h.index[name]
			if !ok {
				t.Fatalf("tensor %q was lost", name)
			}
			got := h.tensors[i]
			if string(got.DType) != e.DType || got.Begin != e.Offsets[0] || got.End != e.Offsets[1] || len(got.Shape) != len(e.Shape) {
				t.Fatalf("tensor %q is %v, want %v", name, got, e)
			}
			for j := range e.Shape {
				if got.Shape[j] != e.Shape[j] {
					t.Fatalf("tensor %q is %v, want %v", name, got, e)
				}
			}
		}
		if tensors != len(h.tensors) {
			t.Errorf("%d tensors, want %d", len(h.tensors), tensors)
		}
	})
}

// FuzzWrite: whatever is written is read back.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b", "k", "v", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add("", "\"\\\x00\u2028😀", "", "\n", []byte{})
	f.Add("__metadata__", "\xff", "__metadata__", "\xff", []byte{0, 0, 192, 127})
	f.Fuzz(func(t *testing.T, name1, name2, key, value string, b []byte) {
		v := make([]float32, len(b)/4)
		decode(v, b, F32)
		w := make([]float64, len(b)/8)
		decode(w, b, F64)
		var out bytes.Buffer
		if err := Write(&out, []Tensor{FromSlice(name1, v, len(v)), FromSlice(name2, w, 1, len(w))}, map[string]string{key: value}); err != nil {
			if out.Len() > 0 {
				t.Errorf("%d bytes were written before %v", out.Len(), err)
			}
			return
		}
		file, err := open(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := file.Metadata()[key]; !ok || got != value || len(file.Metadata()) != 1 {
			t.Errorf("metadata %q, want %q: %q", file.Metadata(), key, value)
		}
		got1, got2 := make([]float32, len(v)), make([]float64, len(w))
		if err := Decode(file, name1, got1); err != nil {
			t.Fatal(err)
		}
		if err := Decode(file, name2, got2); err != nil {
			t.Fatal(err)
		}
		for i := range v {
			if math.Float32bits(v[i]) != math.Float32bits(got1[i]) {
				t.Fatalf("element %d is %v, want %v", i, got1[i], v[i])
			}
		}
		for i := range w {
			if math.Float64bits(w[i]) != math.Float64bits(got2[i]) {
				t.Fatalf("element %d is %v, want %v", i, got2[i], w[i])
			}
		}
		checkAccepted(t, file)
	})
}
