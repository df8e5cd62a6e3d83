package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"anomem/nn/safetensors/safetensorstest"
)

// TestPython compares verdicts, tensors and bytes with the reference
// implementation, if Python has it. PYTHON names an interpreter other than python3.
func TestPython(t *testing.T) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import safetensors").CombinedOutput(); err != nil {
		t.Skipf("%s has no module safetensors: %v: %s", python, err, bytes.TrimSpace(out))
	}
	files := safetensorstest.Files()
	var ours bytes.Buffer
	if err := Write(&ours, []Tensor{
		FromSlice("a.weight", []float32{1, 2, 3, 4, 5, 6}, 2, 3),
		FromSlice("ü\"\\\n\x01", []float64{1}, 1, 1),
		FromSlice("none", []float32{}, 0),
		FromSlice("scalar", []float32{1}),
		{"counter", I64, nil, zeros(8)},
	}, map[string]string{"k": "v\n\"", "": ""}); err != nil {
		t.Fatal(err)
	}
	files = append(files, safetensorstest.File{Name: "written by this package", Bytes: ours.Bytes()})

	dir := t.TempDir()
	args := []string{"testdata/verdicts.py"}
	for i, f := range files {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, f.Bytes, 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command(python, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []struct {
		Error   string
		Tensors map[string][3]any
	}
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(files) {
		t.Fatalf("%d verdicts for %d files: %v", len(verdicts), len(files), err)
	}
	for i, f := range files {
		v := verdicts[i]
		accepts := v.Error == ""
		if want := f.Fault == "" || f.Lenient; accepts != want {
			t.Errorf("%s: Python accepts it: %v (%s), want %v", f.Name, accepts, v.Error, want)
		}
		if !accepts || f.Fault != "" {
			continue
		}
		g, err := open(f.Bytes)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		if len(v.Tensors) != len(g.Tensors()) {
			t.Errorf("%s: %d tensors, Python has %d", f.Name, len(g.Tensors()), len(v.Tensors))
		}
		for _, info := range g.Tensors() {
			p := v.Tensors[info.Name]
			sum := sha256.Sum256(raw(t, g, info.Name))
			got := [3]string{string(info.DType), fmt.Sprint(append([]int{}, info.Shape...)), hex.EncodeToString(sum[:])}
			want := [3]string{fmt.Sprint(p[0]), fmt.Sprint(p[1]), fmt.Sprint(p[2])}
			if !slices.Equal(got[:], want[:]) {
				t.Errorf("%s: tensor %q is %v, in Python %v", f.Name, info.Name, got, want)
			}
		}
	}
}
