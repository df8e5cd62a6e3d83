package watch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Anomalies are moved, normal images and errors stay.
func TestMoves(t *testing.T) {
	o := Options{Dir: t.TempDir(), Move: filepath.Join(t.TempDir(), "out")}
	b := newBench(t, o)
	for _, text := range []string{"20.", "21."} { // one after the other, under one name
		b.put("sub/bad.png", text)
		b.put("good.png", "1.")
		b.after(0)
		b.after(settle)
		gone(t, filepath.Join(o.Dir, "sub/bad.png"))
		if err := os.Remove(filepath.Join(o.Dir, "good.png")); err != nil {
			t.Error(err)
		}
	}
	holds(t, filepath.Join(o.Move, "sub/bad.png"), "20.")
	holds(t, filepath.Join(o.Move, "sub/bad-2.png"), "21.")
}

func gone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there: %v", path, err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if got := string(readFile(t, path)); got != want {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

// What a crash left between the record and the move is moved at the next start: an image by
// itself, and the shots of a part.
func TestMovesAfterCrash(t *testing.T) {
	for _, group := range []*regexp.Regexp{nil, regexp.MustCompile("(bad)")} {
		o := Options{Dir: t.TempDir(), Output: filepath.Join(t.TempDir(), "r.csv"), Group: group}
		b := newBench(t, o)
		b.put("bad.png", "20.")
		b.after(0)
		b.after(settle)
		b.after(10 * settle)
		b.w.journal.close()
		o.Move = t.TempDir()
		again := newBench(t, o)
		again.after(0)
		again.want()
		holds(t, filepath.Join(o.Move, "bad.png"), "20.")
		gone(t, filepath.Join(o.Dir, "bad.png"))
	}
}

// A copy of what is to be moved, as a crash leaves it, is not kept twice.
func TestMovesOverItsCopy(t *testing.T) {
	from, dir := filepath.Join(t.TempDir(), "a.png"), t.TempDir()
	for _, path := range []string{from, filepath.Join(dir, "a.png")} {
		if err := os.WriteFile(path, []byte("1."), 0o666); err != nil {
			t.Fatal(err)
		}
		at := fileInfo(t).ModTime()
		if path != from {
			at = stat(t, from).ModTime()
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if to, err := moveFile(from, dir, "a.png"); err != nil || to != filepath.Join(dir, "a.png") {
		t.Errorf("%s, %v", to, err)
	}
	gone(t, from)
	gone(t, filepath.Join(dir, "a-2.png"))
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// Anomalies are linked, once, and stay.
func TestLinks(t *testing.T) {
	o := Options{Dir: t.TempDir(), Link: filepath.Join(t.TempDir(), "out")}
	for range 2 { // without records the second start scores it again
		b := newBench(t, o)
		if len(b.lines) == 0 {
			if _, err := os.Stat(filepath.Join(o.Dir, "bad.png")); err != nil {
				b.put("bad.png", "20.")
			}
		}
		b.after(0)
		b.after(settle)
		b.want("anomalous 20.00000 0.0476 bad.png")
	}
	if !os.SameFile(stat(t, filepath.Join(o.Dir, "bad.png")), stat(t, filepath.Join(o.Link, "bad.png"))) {
		t.Error("it is no link")
	}
	gone(t, filepath.Join(o.Link, "bad-2.png"))
}

// To another file system a file is copied, with its time of change.
func TestMovesAcross(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "anomem")
	if err != nil {
		t.Skipf("no second file system: %v", err)
	}
	defer os.RemoveAll(dir)
	from := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(from, []byte("1."), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(from, filepath.Join(dir, "probe")); err == nil {
		t.Skip("/dev/shm and the folder of tests are one file system")
	}
	before := stat(t, from)
	to, err := linkFile(from, dir, "linked.png")
	if err != nil {
		t.Fatal(err)
	}
	holds(t, to, "1.")
	if to, err = moveFile(from, dir, "a.png"); err != nil {
		t.Fatal(err)
	}
	holds(t, to, "1.")
	gone(t, from)
	if !stat(t, to).ModTime().Equal(before.ModTime()) {
		t.Error("its time of change is another")
	}
}

// The folder that is watched cannot take its own anomalies.
func TestMovesElsewhere(t *testing.T) {
	dir := t.TempDir()
	if _, err := newWatcher(Options{Dir: dir, Move: dir + "/."}, &fakeModel{}); err == nil {
		t.Error("it can")
	}
}
