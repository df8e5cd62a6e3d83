package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// link makes symbolic links below root, or skips the test where there are none.
func link(t *testing.T, root string, links map[string]string) {
	t.Helper()
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
}

// wantFiles holds what Files returns against the names below root that it should.
func wantFiles(t *testing.T, root, path string, passed Passed, names ...string) {
	t.Helper()
	got, p, err := Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range names {
		want = append(want, filepath.Join(root, filepath.FromSlash(name)))
	}
	if !slices.Equal(got, want) || p != passed {
		t.Errorf("%s: got %q, passed over %+v; want %q, %+v", path, got, p, want, passed)
	}
}

func TestFilesOfAFolder(t *testing.T) {
	root := files(t, images("b/1.png", "a10.PNG", "a9.jpg", "b-c/2.webp", "empty/",
		".hidden.png", ".git/x.png", "__MACOSX/._y.png", "b/.z.png", "notes.txt", "b/noextension"))
	want := []string{"a10.PNG", "a9.jpg", "b-c/2.webp", "b/1.png"}
	passed := Passed{Hidden: Count{4, ".git"}, Unknown: Count{2, "notes.txt"}}
	wantFiles(t, root, root, passed, want...)
	wantFiles(t, root, root+string(filepath.Separator), passed, want...)
	t.Chdir(root)
	wantFiles(t, ".", ".", passed, want...)
	wantFiles(t, root, filepath.Join(root, "empty"), Passed{})
}

// Files lists what Open reads, in the same order.
func TestFilesAreThoseOfOpen(t *testing.T) {
	root := files(t, images("2.png", "10.png", "sub/a.gif", "sub.d/b.tif", ".x.png", "sub/read.me"))
	d := mustOpen(t, root, Options{Layout: Flat})
	got, passed, err := Files(root)
	if err != nil || passed != d.Passed {
		t.Errorf("passed over %+v, %v; Open %+v", passed, err, d.Passed)
	}
	var want []string
	for _, it := range d.Items {
		want = append(want, it.Path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, Open %q", got, want)
	}
}

// A file that is named is taken, though a folder that holds it would pass it over.
func TestFilesTakesANamedFile(t *testing.T) {
	root := files(t, images(".hidden.png", "noextension", "__MACOSX/._x.png"))
	for _, name := range []string{".hidden.png", "noextension", "__MACOSX/._x.png"} {
		wantFiles(t, root, filepath.Join(root, filepath.FromSlash(name)), Passed{}, name)
	}
	wantFiles(t, root, filepath.Join(root, "__MACOSX"), Passed{Hidden: Count{1, "._x.png"}})
	_, _, err := Files(filepath.Join(root, "gone.png"))
	wantError(t, err, "gone.png")
}

// Links are followed, loops end, and a link that leads nowhere is listed, so that it is
// missed by name.
func TestFilesFollowsLinks(t *testing.T) {
	root := files(t, images("good/a.png", "store/b.png", "elsewhere/c.png"))
	link(t, root, map[string]string{
		"good/b.png":    filepath.Join("..", "store", "b.png"),
		"good/more":     filepath.Join("..", "elsewhere"),
		"good/self":     "self",
		"good/up":       "..",
		"good/gone.png": "nowhere.png",
		"whole":         "good",
	})
	want := []string{"a.png", "b.png", "gone.png", "more/c.png", "up/store/b.png"}
	wantFiles(t, filepath.Join(root, "good"), filepath.Join(root, "good"), Passed{Unknown: Count{1, "self"}}, want...)
	wantFiles(t, filepath.Join(root, "whole"), filepath.Join(root, "whole"), Passed{Unknown: Count{1, "self"}}, want...)
	wantFiles(t, root, filepath.Join(root, "good", "b.png"), Passed{}, "good/b.png")
}
