// Package atomicfile writes files so that no reader and no crash sees half of one: a new file
// beside the old one (.NAME.NUMBER.tmp) is written, synced and renamed, and the folder is
// synced. A process that is killed leaves the new file beside the old one, until somebody
// writes in the folder again, ten minutes later or more: Stage removes what nobody writes.
//
// The folder cannot be synced on Windows and on some network file systems, where a power
// failure right after the rename may bring the old file back.
package atomicfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"

	"anomem/internal/filelock"
)

// Write writes a file in place of the one at path, if there is one.
func Write(path string, content []byte) error {
	s, err := staged(path, content)
	if err != nil {
		return err
	}
	defer s.Discard()
	return s.Rename()
}

// WriteNew writes a file at path unless there is one, which fs.ErrExist says. Of several that
// write at once, on one machine or several, one succeeds.
func WriteNew(path string, content []byte) error {
	s, err := staged(path, content)
	if err != nil {
		return err
	}
	defer s.Discard()
	switch err := os.Link(s.file.Name(), s.path); {
	case err == nil:
		return syncFolder(folder(s.path))
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// The file system has no links.
	if _, err := os.Lstat(s.path); err == nil {
		return &fs.PathError{Op: "create", Path: s.path, Err: fs.ErrExist}
	}
	return s.Rename()
}

// staged returns a new file with a content.
func staged(path string, content []byte) (*File, error) {
	s, err := Stage(path)
	if err != nil {
		return nil, err
	}
	err = s.Fill(func(f *os.File) error {
		_, err := f.Write(content)
		return err
	})
	if err != nil {
		s.Discard()
		return nil, err
	}
	return s, nil
}

// File is a new file beside the one that it is to replace.
type File struct {
	path    string // to be replaced, without symbolic links
	file    *os.File
	renamed bool
}

// Stage makes a new file to replace the one at path, or at the end of the symbolic links
// there. It is an error if something is there that is no file.
func Stage(path string) (*File, error) {
	path, err := Follow(path)
	if err != nil {
		return nil, err
	}
	// The permissions of a new file are the umask's; a replaced file keeps its own.
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return nil, err
	case !old.Mode().IsRegular():
		return nil, errors.New("it exists and is not a regular file")
	}
	sweep(folder(path))
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	s := &File{path: path, file: f}
	if old != nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			s.Discard()
			return nil, err
		}
	}
	return s, nil
}

// Fill writes the file by do and syncs it.
func (s *File) Fill(do func(*os.File) error) error {
	if err := do(s.file); err != nil {
		return err
	}
	return s.file.Sync()
}

// Rename puts the file in its place and closes it.
func (s *File) Rename() error {
	// Until it is renamed the file is open and its lock held, but on Windows, which renames
	// no open file.
	defer s.file.Close()
	if runtime.GOOS == "windows" {
		if err := s.file.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(s.file.Name(), s.path); err != nil {
		return err
	}
	s.renamed = true
	return syncFolder(folder(s.path))
}

// Discard removes the file unless it is in its place.
func (s *File) Discard() {
	if !s.renamed {
		s.file.Close() // a second Close does no harm
		os.Remove(s.file.Name())
	}
}

// Follow resolves symbolic links at path as Stage does, whether the file exists or not.
func Follow(path string) (string, error) {
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

// create makes a new file beside path, and locks it.
func create(path string) (*os.File, error) {
	_, name := filepath.Split(path)
	for range 1000 {
		f, err := os.OpenFile(folder(path)+temporary(name, rand.Uint32()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			// Nobody else locks a file as young as this. Without a lock it is its age that
			// keeps it.
			filelock.Try(f)
		}
		return f, err
	}
	return nil, errors.New("no free name for the new file")
}
