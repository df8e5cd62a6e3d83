//go:build linux || darwin

package dataset

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in a folder is passed over, whatever its name: reading it would wait for ever.
// One that is named is taken.
func TestFilesPassesOverPipes(t *testing.T) {
	root := files(t, images("a.png", "sub/b.png"))
	pipe := filepath.Join(root, "sub", "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip("no named pipes here: ", err)
	}
	link(t, root, map[string]string{"link.png": pipe})
	wantFiles(t, root, root, Passed{Unknown: Count{2, "link.png"}}, "a.png", "sub/b.png")
	wantFiles(t, root, pipe, Passed{}, "sub/pipe.png")
	if d := mustOpen(t, root, Options{Layout: Flat}); len(d.Items) != 2 || d.Passed.Unknown.N != 2 {
		t.Errorf("Open found %d images and passed over %+v", len(d.Items), d.Passed)
	}
}
