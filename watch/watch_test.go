package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A file is read when it has not changed for a while, and not before.
func TestSettles(t *testing.T) {
	b := newBench(t, Options{})
	b.put("a.png", "3.")
	b.after(0)
	b.after(settle - 1)
	b.want()
	b.after(1)
	b.want("normal 3.00000 0.2500 a.png")
	b.after(time.Hour)
	b.want()

	b.put("b.png", "1")
	b.after(0)
	b.put("b.png", "2")
	b.after(settle) // it has changed, and waits again
	b.put("b.png", ".")
	b.after(settle)
	b.after(settle - 1)
	b.want()
	b.after(1)
	b.want("anomalous 12.00000 0.0769 b.png")

	// The same name with other bytes is another image.
	if err := os.Remove(filepath.Join(b.w.Dir, "a.png")); err != nil {
		t.Fatal(err)
	}
	b.put("a.png", "44.")
	b.after(0)
	b.after(settle)
	b.want("anomalous 44.00000 0.0222 a.png")
}

// A file that cannot be decoded is tried again, at longer and longer intervals, until it
// changes or its time is over.
func TestGivesUp(t *testing.T) {
	b := newBench(t, Options{})
	b.put("cut.png", "7")
	b.put("late.png", "8")
	b.after(0)
	b.after(settle)
	b.put("late.png", ".")
	b.after(settle)
	b.after(settle)
	b.want("normal 8.00000 0.1111 late.png")
	b.after(7*settle - 1)
	b.want()
	b.after(1)
	b.want("unread - - cut.png (unexpected EOF)")
	b.heard(1, "cut.png cannot be read: unexpected EOF")
	b.after(time.Hour)
	b.want()
	b.put("cut.png", ".") // and still it may become whole
	b.after(0)
	b.after(settle)
	b.want("normal 7.00000 0.1250 cut.png")
}

// What goes before it is read is forgotten.
func TestGone(t *testing.T) {
	b := newBench(t, Options{})
	b.put("a.png", "3.")
	b.after(0)
	if err := os.Remove(filepath.Join(b.w.Dir, "a.png")); err != nil {
		t.Fatal(err)
	}
	b.after(time.Hour)
	b.want()
	if len(b.w.pending.all)+len(b.w.pending.byPath)+len(b.w.pending.parts) > 0 {
		t.Error("it is waited for")
	}
}

// Many images are scored in batches, in the order in which they came, and a step scores one.
func TestBatches(t *testing.T) {
	b := newBench(t, Options{})
	for i := range mostImages + 1 {
		b.put(string(rune('a'+i))+".png", "1.")
	}
	b.after(0)
	b.after(settle)
	if len(b.lines) != mostImages {
		t.Errorf("%d in the first batch", len(b.lines))
	}
	if !b.w.next().Before(b.clock.Add(1)) {
		t.Error("the rest is not due")
	}
	b.after(0)
	if !slices.Equal(b.model.scored, []int{mostImages, 1}) {
		t.Errorf("batches of %v", b.model.scored)
	}
}

// When it is to end, images that wait are not scored.
func TestEnds(t *testing.T) {
	b := newBench(t, Options{})
	b.put("a.png", "3.")
	b.after(0)
	b.clock = b.clock.Add(settle)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.w.step(ctx); err != nil {
		t.Fatal(err)
	}
	b.want()
}

// A changed model judges what comes after; one that cannot be loaded changes nothing.
func TestReload(t *testing.T) {
	b := newBench(t, Options{})
	b.model.failed = errors.New("it is cut off")
	b.after(modelEvery)
	b.after(modelEvery - 1)
	b.heard(1, "cannot be loaded; the model before goes on: it is cut off")
	other := &fakeModel{}
	b.model.failed, b.model.next = nil, other
	b.put("a.png", "3.")
	b.after(1)
	b.heard(1, "has changed and is loaded")
	b.after(settle)
	b.want("normal 3.00000 0.2500 a.png")
	if len(other.scored) != 1 || len(b.model.scored) != 0 {
		t.Error("the model before has scored")
	}
}

// What is no image is passed over, and named once for each kind.
func TestPassesOver(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, Options{Dir: dir, Move: filepath.Join(dir, "out"), Output: filepath.Join(dir, "r.jsonl")})
	for _, name := range []string{"sub/deep/a.PNG", ".hidden.png", ".git/b.png", "one.txt", "two.txt", "noext", "out/x.png", "heat/.anomem-output", "heat/y.png"} {
		b.put(name, "3.")
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop")); err != nil {
		t.Logf("no links here: %v", err)
	} else {
		defer b.heard(1, "passed over: loop, a link to a folder")
	}
	for range 3 {
		b.after(settle)
	}
	b.want("normal 3.00000 0.2500 sub/deep/a.PNG")
	b.heard(1, "passed over: one.txt and what else is named *.txt")
	b.heard(0, "two.txt")
	b.heard(1, "passed over: noext and what else is without an extension")
	b.heard(0, "jsonl")
	b.w.scanner.notice("out/x.png") // as a notice has it
	b.w.scanner.notice(".git/b.png")
	b.after(settle)
	b.want()
}

// The folder may go and come back, as a network share does.
func TestFolderGoes(t *testing.T) {
	b := newBench(t, Options{})
	b.put("a.png", "3.")
	b.after(0)
	b.after(settle)
	b.want("normal 3.00000 0.2500 a.png")
	away := b.w.Dir + "-away"
	for range 2 {
		if err := os.Rename(b.w.Dir, away); err != nil {
			t.Fatal(err)
		}
		b.after(settle)
		b.after(settle)
		if err := os.Rename(away, b.w.Dir); err != nil {
			t.Fatal(err)
		}
		b.after(settle)
		b.after(settle)
		b.want()
	}
	b.heard(2, "cannot be read: no such file or directory")
}
