package train

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anomem/nn/safetensors"
)

// twoCheckpoints returns the path of the checkpoint after five steps, with that after four
// beside it, and the bytes of both.
func twoCheckpoints(t *testing.T) (path string, newer, older []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "c")
	r := smallRun(t, uprights("normal", 12))
	r.Checkpoint, r.Every = path, 1
	var errs []error
	r.OnStep = func(p Progress) {
		if p.Step == 5 { // that of this step is not written yet
			var err [2]error
			newer, err[0] = os.ReadFile(path)
			older, err[1] = os.ReadFile(Previous(path))
			errs = append(errs, err[:]...)
		}
	}
	_, err := r.Train(t.Context(), nil)
	errs = append(errs, err, os.WriteFile(path, newer, 0o666), os.WriteFile(Previous(path), older, 0o666))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return path, newer, older
}

// Of a checkpoint that is cut off, has a flipped bit or is missing, the one before takes the
// place.
func TestRecoverTakesTheNewestGood(t *testing.T) {
	path, newer, older := twoCheckpoints(t)
	restore := func() {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, newer, 0o666), os.WriteFile(Previous(path), older, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	restore()
	good, damage, err := Recover(path)
	if err != nil || damage != nil {
		t.Fatalf("both are good: %v, %v", damage, err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, newer) {
		t.Errorf("%v, or the good one has changed", err)
	}
	before := func(what string) {
		t.Helper()
		s, damage, err := Recover(path)
		if err != nil || damage == nil || s.Step >= good.Step {
			t.Errorf("%s: step %d, %v, %v", what, s.Step, damage, err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, older) {
			t.Errorf("%s: %v, or it is not the one before", what, err)
		}
		restore()
	}
	for k := range 40 { // from the first byte to the last
		at := k * (len(newer) - 1) / 39
		if err := os.Truncate(path, int64(at)); err != nil {
			t.Fatal(err)
		}
		before("cut off")
		flipped := bytes.Clone(newer)
		flipped[at] ^= 1 << (k % 8)
		if err := os.WriteFile(path, flipped, 0o666); err != nil {
			t.Fatal(err)
		}
		before("a flipped bit")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	before("missing")
}

// Where no checkpoint is good, the error says so and what to do.
func TestRecoverFindsNone(t *testing.T) {
	path, newer, _ := twoCheckpoints(t)
	cut := func(path string) {
		t.Helper()
		if err := os.WriteFile(path, newer[:len(newer)-1], 0o666); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(want ...string) {
		t.Helper()
		_, _, err := Recover(path)
		for _, text := range want {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%v, want %q", err, text)
			}
		}
	}
	cut(path)
	cut(Previous(path))
	fails(path, Previous(path), "train without --resume")
	if err := os.Remove(Previous(path)); err != nil {
		t.Fatal(err)
	}
	fails(path, "there is none before it: train without --resume")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Recover(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// A new training keeps no checkpoint of another one as its previous.
func TestFirstCheckpointHasNoPrevious(t *testing.T) {
	path, _, _ := twoCheckpoints(t)
	r := smallRun(t, uprights("normal", 12))
	r.Checkpoint = path // written once, after stage 1
	if _, err := r.Train(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(Previous(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// Checkpoints of earlier versions have no checksum, and are resumed.
func TestCheckpointWithoutChecksum(t *testing.T) {
	path, _, _ := twoCheckpoints(t)
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	meta := f.Metadata()
	delete(meta, checksumKey)
	var tensors []safetensors.Tensor
	for _, info := range f.Tensors() {
		v := make([]float32, (info.End-info.Begin)/4)
		if err := safetensors.Decode(f, info.Name, v); err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, safetensors.FromSlice(info.Name, v, info.Shape...))
	}
	f.Close()
	if err := safetensors.WriteFile(path, tensors, meta); err != nil {
		t.Fatal(err)
	}
	if s, damage, err := Recover(path); err != nil || damage != nil || s.Step == 0 {
		t.Errorf("step %d, %v, %v", s.Step, damage, err)
	}
	r := smallRun(t, uprights("normal", 12))
	r.Checkpoint = path
	if _, err := r.Resume(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
