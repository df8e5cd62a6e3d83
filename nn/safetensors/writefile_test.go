package safetensors

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"anomem/internal/atomicfile"
)

func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	for i := range 3 {
		if err := WriteFile(path, []Tensor{FromSlice("a", []float32{float32(i)}, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		checkFile(t, path, float32(i))
	}
}

// checkFile makes sure that path has tensor a of value want, and is alone in its
// folder.
func checkFile(t *testing.T, path string, want float32) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got [1]float32
	if err := Decode(f, "a", got[:]); err != nil || got[0] != want {
		t.Errorf("%s holds %v, %v, want %v", path, got[0], err, want)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Errorf("beside the file there are others: %v", files)
	}
}

// TestWriteFileFailing lets the source of a tensor fail half-way: the old file
// stays, the new one goes, and without an old file there is none.
func TestWriteFileFailing(t *testing.T) {
	boom := errors.New("boom")
	const n = 1 << 20
	failing := []Tensor{
		FromSlice("a", make([]float64, n), n),
		{Name: "b", DType: F32, Shape: []int{n}, Data: func(w io.Writer) error {
			if err := Encode(w, make([]float32, n/2)); err != nil {
				return err
			}
			return boom
		}},
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	check := func(err error) {
		t.Helper()
		if want := path + `: tensor "b": boom`; !errors.Is(err, boom) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	check(WriteFile(path, failing, nil))
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 0 {
		t.Errorf("a failed write left %v", files)
	}
	if err := WriteFile(path, []Tensor{FromSlice("a", []float32{5}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	check(WriteFile(path, failing, nil))
	checkFile(t, path, 5)

	// A source that panics leaves nothing either.
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		WriteFile(path, []Tensor{{Name: "a", DType: F32, Data: func(io.Writer) error { panic("boom") }}}, nil)
	}()
	checkFile(t, path, 5)
}

func TestWriteFileErrors(t *testing.T) {
	dir := t.TempDir()
	one := []Tensor{FromSlice("a", []float32{1}, 1)}
	absent := filepath.Join(dir, "absent", "m.safetensors")
	if err := WriteFile(absent, one, nil); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), absent) != 1 {
		t.Errorf("no folder: %v", err)
	}
	if err := WriteFile(dir, one, nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder in its place: %v", err)
	}
}

func TestWriteFileKeeps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows has other permissions, and links need a privilege")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "real", "m.safetensors")
	if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	one := []Tensor{FromSlice("a", []float32{1}, 1)}
	if err := WriteFile(path, one, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, []Tensor{FromSlice("a", []float32{2}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	checkFile(t, path, 2)
	if fi, err := os.Lstat(link); err != nil || fi.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is no more: %v, %v", fi, err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("permissions are %v, %v, want 0640", fi.Mode(), err)
	}
}

// TestWriteFileThroughLinks: a link to a file that is not there yet stays a link,
// and the file appears where it points.
func TestWriteFileThroughLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"real", "real/sub", "links"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) string {
		name = filepath.Join(dir, name)
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	path := filepath.Join(dir, "real", "m.safetensors")
	link(filepath.Join("real", "sub"), "folder")
	link(filepath.Join(dir, "real", "m.safetensors"), "links/absolute")
	for _, name := range []string{
		link(filepath.Join("..", "real", "m.safetensors"), "links/relative"),
		link("absolute", "links/twice"),
		// The folder is a link itself: .. is that of the folder it names.
		link("../folder/../m.safetensors", "links/around"),
	} {
		if err := WriteFile(name, []Tensor{FromSlice("a", []float32{3}, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		if fi, err := os.Lstat(name); err != nil || fi.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s: the link is no more: %v, %v", name, fi, err)
		}
		// The new file must lie beside the one that it replaces.
		new, err := atomicfile.Stage(name)
		if err != nil {
			t.Fatal(err)
		}
		var at string
		if err := new.Fill(func(f *os.File) error { at = f.Name(); return nil }); err != nil {
			t.Fatal(err)
		}
		if beside, err := filepath.EvalSymlinks(at); err != nil || filepath.Dir(beside) != filepath.Dir(path) {
			t.Errorf("%s: the new file is %s, %v, want one beside %s", name, beside, err, path)
		}
		new.Discard()
		if fi, err := os.Lstat(path); err != nil || !fi.Mode().IsRegular() {
			t.Errorf("%s: no file where it points: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	circle := link("circle", "links/circle")
	if err := WriteFile(circle, nil, nil); err == nil || !strings.Contains(err.Error(), "links") {
		t.Errorf("a link to itself: %v", err)
	}
}

// TestWriteFileKeepsNoPermissions replaces a file that nobody may read.
func TestWriteFileKeepsNoPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows has other permissions")
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []Tensor{FromSlice("a", []float32{1}, 1)}, nil); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0 || fi.Size() == 0 {
		t.Errorf("permissions are %v, size %d, %v, want none", fi.Mode(), fi.Size(), err)
	}
}

// TestWriteFilesTogether lets the second of two files fail: the first one stays as it was.
func TestWriteFilesTogether(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(a, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	good, boom := FromSlice("t", []float32{1}, 1), errors.New("boom")
	bad := good
	bad.Data = func(io.Writer) error { return boom }
	err := WriteFiles(Output{Path: a, Tensors: []Tensor{good}}, Output{Path: b, Tensors: []Tensor{bad}})
	if !errors.Is(err, boom) || !strings.Contains(err.Error(), b) {
		t.Errorf("%v, want the error of %s", err, b)
	}
	if text, _ := os.ReadFile(a); string(text) != "old" {
		t.Errorf("the first file is %q, although the second was not written", text)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := WriteFiles(Output{Path: a, Tensors: []Tensor{good}}, Output{Path: b}); err != nil {
		t.Fatal(err)
	}
	for path, tensors := range map[string]int{a: 1, b: 0} {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(f.Tensors()); n != tensors {
			t.Errorf("%s has %d tensors, want %d", path, n, tensors)
		}
		f.Close()
	}
}
