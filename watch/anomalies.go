package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"anomem/internal/atomicfile"
)

// moveFile moves a file below the folder at dir, under its name there, and returns the path
// that it has then.
func moveFile(from, dir, name string) (string, error) {
	to, err := place(from, dir, name, rename)
	if err == nil {
		if err = os.Remove(from); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return to, err
}

// linkFile makes a hard link to a file below the folder at dir, or a symbolic one where the
// folder is on another file system, and returns its path.
func linkFile(from, dir, name string) (string, error) {
	return place(from, dir, name, func(from, to string) error {
		err := os.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if from, err = filepath.Abs(from); err != nil {
			return err
		}
		return os.Symlink(from, to)
	})
}

// place puts a file at dir/name by do. If another file is there already, NAME-2.png and so on
// take its place. If it is there itself, which a crash may have left, nothing is done.
func place(from, dir, name string, do func(from, to string) error) (string, error) {
	info, err := os.Stat(from)
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return "", err
	}
	stem, ext := strings.TrimSuffix(to, filepath.Ext(to)), filepath.Ext(to)
	for n := 2; n < 1000; n++ {
		there, err := os.Stat(to)
		switch {
		case err == nil:
			if is, err := sameImage(from, info, to, there); is || err != nil {
				return to, err
			}
		case errors.Is(err, fs.ErrNotExist):
			if err := do(from, to); !errors.Is(err, fs.ErrExist) {
				return to, err
			}
		default:
			return "", err
		}
		to = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
	return "", fmt.Errorf("%s: there are too many files of this name", to)
}

// sameImage reports whether two files are one, or copies with one time of change.
func sameImage(a string, infoA fs.FileInfo, b string, infoB fs.FileInfo) (bool, error) {
	switch {
	case os.SameFile(infoA, infoB):
		return true, nil
	case infoA.Size() != infoB.Size() || !infoA.ModTime().Equal(infoB.ModTime()):
		return false, nil
	}
	one, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	other, err := os.ReadFile(b)
	return bytes.Equal(one, other), err
}

// rename moves a file, if need be to another file system: a copy is complete and synced before
// it has its name, and the file stays.
func rename(from, to string) error {
	err := os.Rename(from, to)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := atomicfile.Stage(to)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := out.Fill(func(w *os.File) error {
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
		return os.Chtimes(w.Name(), info.ModTime(), info.ModTime())
	}); err != nil {
		return err
	}
	return out.Rename()
}
