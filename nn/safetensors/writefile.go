package safetensors

import (
	"errors"
	"os"

	"anomem/internal/atomicfile"
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
	var ready []*atomicfile.File
	defer func() { // also when writing panics
		for _, s := range ready {
			s.Discard()
		}
	}()
	for _, file := range files {
		s, err := atomicfile.Stage(file.Path)
		if err == nil {
			ready = append(ready, s)
			err = s.Fill(func(f *os.File) error {
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
		if err := s.Rename(); err != nil {
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
