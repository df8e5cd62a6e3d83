package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Changes are kept apart up to a number of them; then all may have changed.
func TestChanges(t *testing.T) {
	c := newChanges()
	for i := range mostChanges {
		c.send(fmt.Sprintf("%d.png", i))
		c.send(fmt.Sprintf("%d.png", i))
	}
	if got := c.take(); len(got) != mostChanges {
		t.Errorf("%d changes", len(got))
	}
	if len(c.come) != 1 {
		t.Error("nobody is woken")
	}
	for i := range mostChanges + 1 {
		c.send(fmt.Sprintf("%d.png", i))
	}
	c.send("a.png")
	if got := c.take(); !slices.Equal(got, []string{"."}) {
		t.Errorf("%d changes", len(got))
	}
}

// The system tells of files that are written, renamed, linked or touched, of new folders, and
// of what comes to these.
func TestNotifier(t *testing.T) {
	dir := t.TempDir()
	c := newChanges()
	n, err := newNotifier(dir, c)
	if err != nil {
		t.Skipf("folders are looked through here: %v", err)
	}
	defer n.close()
	var all []string
	wait := func(name string) {
		t.Helper()
		for late := time.After(10 * time.Second); ; {
			all = append(all, c.take()...)
			if slices.Contains(all, name) {
				all = nil
				return
			}
			select {
			case <-c.come:
			case <-late:
				t.Fatalf("no notice of %s: %q", name, all)
			}
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(n.add("."))
	path := func(name string) string { return filepath.Join(dir, name) }
	do(os.WriteFile(path("a.png"), []byte("1"), 0o666))
	wait("a.png")
	do(os.Rename(path("a.png"), path("b.png")))
	wait("b.png")
	do(os.Link(path("b.png"), path("c.png")))
	wait("c.png")
	do(os.Chtimes(path("c.png"), time.Unix(1e9, 0), time.Unix(1e9, 0)))
	wait("c.png")
	do(os.Mkdir(path("sub"), 0o777))
	wait("sub")
	do(n.add("sub"))
	do(os.WriteFile(path("sub/d.png"), []byte("1"), 0o666))
	wait("sub/d.png")
	do(os.Rename(path("sub"), path("other"))) // and all paths below with it
	wait(".")
	do(n.add("other"))
	do(os.WriteFile(path("other/e.png"), []byte("1"), 0o666))
	wait("other/e.png")
	do(n.add("none")) // it has gone already
}
