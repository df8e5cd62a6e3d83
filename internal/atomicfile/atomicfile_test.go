package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// content returns the only file of a folder, and what it holds.
func content(t *testing.T, dir string) (name, text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	return entries[0].Name(), string(b)
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"one", "another"} {
		if err := Write(filepath.Join(dir, "a"), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if name, got := content(t, dir); name != "a" || got != text {
			t.Errorf("%s has %q, want %q", name, got, text)
		}
	}
	if err := Write(dir, nil); err == nil {
		t.Error("a folder was replaced")
	}
	if err := Write(filepath.Join(dir, "none", "a"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// Of many writers at once one succeeds, and the others leave nothing behind.
func TestWriteNewKeepsTheFirst(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	var wrote atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			switch err := WriteNew(path, []byte(strconv.Itoa(i))); {
			case err == nil:
				wrote.Add(1)
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, before := content(t, dir)
	if wrote.Load() != 1 {
		t.Errorf("%d writers succeeded", wrote.Load())
	}
	if err := WriteNew(path, []byte("late")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if _, after := content(t, dir); after != before {
		t.Errorf("%q became %q", before, after)
	}
}
