package safetensors

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// WriteFile writes the file at path as [Write] does, atomically: it writes a new file
// beside it (.NAME.NUMBER.tmp), syncs it, renames it and syncs the folder. If it fails,
// path is unchanged and the new file is removed, with two exceptions: a process that
// is killed leaves the new file beside the old one, and if only the last sync fails,
// the new file is in place but a power failure may undo the rename. If path is a
// symbolic link, the file that it points to is replaced.
//
// The folder cannot be synced on Windows and on some network file systems, where a
// power failure right after WriteFile may bring the old file back.
func WriteFile(path string, tensors []Tensor, metadata map[string]string) error {
	err := replace(path, func(f *os.File) error {
		if err := write(f, tensors, metadata); err != nil {
			err.File = path
			return err
		}
		return nil
	})
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{File: path, Fault: "write", Err: unpath(err)}
}

// replace replaces the file at path by what fill writes.
func replace(path string, fill func(*os.File) error) error {
	path, err := follow(path)
	if err != nil {
		return err
	}
	// The permissions of a new file are the umask's; a replaced file keeps its own.
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return errors.New("it exists and is not a regular file")
	}
	f, err := create(path)
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // also when fill panics
		if !renamed {
			f.Close() // a second Close does no harm
			os.Remove(f.Name())
		}
	}()
	if old != nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := fill(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	renamed = true
	return syncFolder(folder(path))
}

// follow resolves symbolic links at path, whether the file exists or not.
func follow(path string) (string, error) {
	for range 255 {
		fi, err := os.Lstat(path)
		if err != nil || fi.Mode()&fs.ModeSymlink == 0 {
			return path, nil // opening it returns the error
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = folder(path) + target
		}
		path = target
	}
	return "", errors.New("too many symbolic links")
}

// folder returns the folder of path with a separator at its end. Unlike filepath.Dir it
// keeps "..", which after a link is another folder.
func folder(path string) string {
	f, _ := filepath.Split(path)
	if f == "" {
		f = "." + string(filepath.Separator)
	}
	return f
}

// create makes a new file beside path.
func create(path string) (*os.File, error) {
	_, name := filepath.Split(path)
	for range 1000 {
		// Any number does that no other file has.
		temp := folder(path) + "." + name + "." + strconv.FormatUint(uint64(rand.Uint32()), 10) + ".tmp"
		f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, errors.New("no free name for the new file")
}
