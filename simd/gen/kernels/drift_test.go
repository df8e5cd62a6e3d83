package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestDrift fails where a file in the tree is not what this generator writes.
func TestDrift(t *testing.T) {
	dir := t.TempDir()
	generate(dir)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing generated: %v", err)
	}
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs: run go generate in simd", f.Name())
		}
	}
}
