package dataset

import (
	"os"
	"slices"
	"testing"
)

// Images beyond the budget of memory are kept in a temporary file, up to its own, and are not
// decoded again. The file has no name.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	d, decoded := sized(t, 4, 2, 0, 3, 5, 1)
	l := NewLoader(d, LoaderOptions{Budget: 3 * 4, Spill: 3 * 6, OnBroken: Skip})
	if _, err := l.Warm(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("the folder for temporary files holds %v, %v", files, err)
	}
	for i, again := range []int64{0, 0, 1, 0, 1, 0} {
		before := decoded.Load()
		img, err := l.Load(i)
		if n := decoded.Load() - before; n != again {
			t.Errorf("item %d was decoded %d times more, want %d", i, n, again)
		}
		if i == 2 {
			continue // the broken one
		}
		want, broken := l.decode(i)
		if err != nil || broken != nil || !slices.Equal(img.Pix, want.Pix) || img.W != want.W || img.H != want.H {
			t.Errorf("item %d: %v, %v: not the pixels of its file", i, err, broken)
		}
	}
}

// Where no temporary file can be written, images are decoded again.
func TestSpillWithoutRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/nowhere")
	d, decoded := sized(t, 4, 2, 3)
	l := NewLoader(d, LoaderOptions{Spill: 1 << 20})
	if _, err := l.Warm(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for i := range d.Items {
		if img, err := l.Load(i); err != nil || img.W != []int{4, 2, 3}[i] {
			t.Errorf("item %d: %v", i, err)
		}
	}
	if n := decoded.Load(); n != 6 {
		t.Errorf("decoded %d times, want twice each", n)
	}
}
