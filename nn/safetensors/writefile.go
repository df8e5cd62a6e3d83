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
	return WriteFiles(Output{path, tensors, metadata})
}

// Output is a file for WriteFiles.
type Output struct {
	Path     string
	Tensors  []Tensor
	Metadata map[string]string
}

// WriteFiles writes files that belong together, each as WriteFile does. None is replaced
// before all are written, and then they are renamed in order: a full disk leaves all of the
// old ones, and only a failure between two renames leaves some.
func WriteFiles(files ...Output) error {
	var ready []*staged
	defer func() { // also when writing panics
		for _, s := range ready {
			s.discard()
		}
	}()
	for _, file := range files {
		s, err := stage(file.Path)
		if err == nil {
			ready = append(ready, s)
			err = s.fill(func(f *os.File) error {
				if err := write(f, file.Tensors, file.Metadata); err != nil {
					err.File = file.Path
					return err
				}
				return nil
			})
		}
		if err != nil {
			return writing(file.Path, err)
		}
	}
	for i, s := range ready {
		if err := s.rename(); err != nil {
			return writing(files[i].Path, err)
		}
	}
	return nil
}

// writing returns err as an *Error of the file at path.
func writing(path string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{File: path, Fault: "write", Err: unpath(err)}
}

// staged is a new file beside the one that it is to replace.
type staged struct {
	path    string // to be replaced, without symbolic links
	file    *os.File
	renamed bool
}

// stage makes a new file to replace the one at path.
func stage(path string) (*staged, error) {
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
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	s := &staged{path: path, file: f}
	if old != nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// fill writes the file by do, syncs it and closes it.
func (s *staged) fill(do func(*os.File) error) error {
	if err := do(s.file); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	return s.file.Close()
}

// rename puts the file in its place.
func (s *staged) rename() error {
	if err := os.Rename(s.file.Name(), s.path); err != nil {
		return err
	}
	s.renamed = true
	return syncFolder(folder(s.path))
}

// discard removes the file unless it is in its place.
func (s *staged) discard() {
	if !s.renamed {
		s.file.Close() // a second Close does no harm
		os.Remove(s.file.Name())
	}
}

// Follow resolves symbolic links at path as WriteFile does, whether the file exists or not.
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
