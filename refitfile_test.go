package anomem

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anomem/nn/safetensors"
)

// TestReplayBeside saves a model and its replay, and loads them from one file and from two.
func TestReplayBeside(t *testing.T) {
	m, dir := completeModel(t), t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	if err := os.WriteFile(one, fileOf(t, m), 0o666); err != nil { // as earlier versions did
		t.Fatal(err)
	}
	if err := m.Save(two); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{one, two} {
		back, err := Load(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := back.ReplayError(); err != nil || !reflect.DeepEqual(back.Replay(), m.Replay()) {
			t.Errorf("%s: another replay: %v", path, err)
		}
	}
	a, _ := os.Stat(one)
	if b, err := os.Stat(two); err != nil || b.Size() >= a.Size() {
		t.Errorf("%d bytes with the replay beside, %d with all", b.Size(), a.Size())
	}
	light, err := Load(two, nil, ForScoring())
	if err != nil || light.Replay() != nil {
		t.Errorf("for scoring: %v, replay %v", err, light.Replay())
	}
}

// TestReplayOfAnother puts files beside a model that are not its own.
func TestReplayOfAnother(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m")
	m := completeModel(t)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(RefitPath(path))
	if err != nil {
		t.Fatal(err)
	}
	other := completeModel(t)
	other.replay.Scales[0][0]++
	if err := other.Save(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	others, _ := os.ReadFile(RefitPath(filepath.Join(dir, "other")))
	damaged := bytes.Clone(own)
	damaged[len(damaged)-1] ^= 1
	plain := written(t, []safetensors.Tensor{safetensors.FromSlice("a", []float32{1}, 1)}, nil)
	for _, c := range []struct {
		beside []byte // nil: nothing
		want   string
	}{
		{nil, "there is no " + RefitPath(path)},
		{others, "is of another model"},
		{damaged, "is damaged"},
		{plain, "holds nothing that this program can refit a model with"},
		{own[:5], "too few for a safetensors file"},
	} {
		os.Remove(RefitPath(path))
		if c.beside != nil {
			if err := os.WriteFile(RefitPath(path), c.beside, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		back, err := Load(path, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		if err := back.ReplayError(); back.Replay() != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
		// Saved again, the model still pairs with its own file, and with no other.
		if err := back.Save(path); err != nil {
			t.Fatal(err)
		}
		if c.beside == nil {
			continue
		}
		if b, _ := os.ReadFile(RefitPath(path)); !bytes.Equal(b, c.beside) {
			t.Errorf("%s: the file beside was changed", c.want)
		}
	}
	if err := os.WriteFile(RefitPath(path), own, 0o666); err != nil {
		t.Fatal(err)
	}
	if back, err := Load(path, nil); err != nil || back.ReplayError() != nil {
		t.Errorf("with its own file: %v, %v", err, back.ReplayError())
	}
}

// TestForgetHeld takes the held-out images out of a replay, before and after it is read.
func TestForgetHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	m := completeModel(t)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	m.ForgetHeld()
	r := m.Replay()
	if err := r.check(&m.config); err != nil || r.Len() == 0 || slices.Contains(r.Role, RoleHeld) {
		t.Fatalf("roles %v: %v", r.Role, err)
	}
	away := filepath.Join(t.TempDir(), "away")
	if err := os.Rename(RefitPath(path), away); err != nil {
		t.Fatal(err)
	}
	var back *Model
	for range 2 { // a model that is saved again does not forget that it forgot
		var err error
		if back, err = Load(path, nil); err != nil || back.Replay() != nil {
			t.Fatal(err)
		}
		if !back.heldLater {
			back.ForgetHeld()
		}
		if err := back.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(away, RefitPath(path)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // nor one whose replay was read
		var err error
		if back, err = Load(path, nil); err != nil || !reflect.DeepEqual(back.Replay(), r) {
			t.Fatalf("read %v, %v", back.Replay(), err)
		}
		if err := back.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	// A later replay is kept as it is.
	later := completeModel(t).Replay()
	if err := back.SetReplay(later); err != nil {
		t.Fatal(err)
	}
	if err := back.Save(path); err != nil {
		t.Fatal(err)
	}
	if back, err := Load(path, nil); err != nil || !reflect.DeepEqual(back.Replay(), later) {
		t.Errorf("a later replay: %v", err)
	}
}

// TestNoReplay saves a model that keeps nothing over one that does.
func TestNoReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	m := completeModel(t)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if err := m.SetReplay(nil); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(RefitPath(path)); err == nil {
		t.Error("the file of the earlier model is still there")
	}
	back, err := Load(path, nil)
	if err != nil || !errors.Is(back.ReplayError(), ErrNoReplay) {
		t.Errorf("%v, %v, want %v", err, back.ReplayError(), ErrNoReplay)
	}
	// What is no replay is not removed.
	if err := os.WriteFile(RefitPath(path), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := back.Save(path); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(RefitPath(path)); string(b) != "mine" {
		t.Errorf("a file of the user holds %q", b)
	}
}

func TestRefitPathFollowsLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on windows")
	}
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("to", link); err != nil { // nothing is there yet
		t.Fatal(err)
	}
	if got, want := RefitPath(link), filepath.Join(dir, "to.refit"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
