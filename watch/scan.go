package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"anomem/dataset"
)

// scanner finds the images of a folder and of the folders below it. Hidden files and folders,
// folders of results and links to folders are left out.
type scanner struct {
	root  string
	own   []os.FileInfo // folders that are written to, and the file of records
	named map[string]bool
	said  func(text string)
	found func(path string, info fs.FileInfo) // an image, by its path below the root
	enter func(path string) error             // a folder, before it is read
}

// name tells of something, once.
func (s *scanner) name(key, text string) {
	if !s.named[key] {
		s.named[key] = true
		s.said(text)
	}
}

// file returns the path of a name below the root.
func (s *scanner) file(name string) string { return filepath.Join(s.root, filepath.FromSlash(name)) }

// notice looks at a file or folder that has changed, unless it lies in a folder that is left
// out.
func (s *scanner) notice(name string) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		info, err := os.Stat(s.file(dir))
		if err != nil || dataset.IsHidden(path.Base(dir)) || s.results(dir, info) {
			return
		}
	}
	s.look(name)
}

// look looks at a file or folder, "." for the root. What has gone meanwhile is no error, but
// for the root.
func (s *scanner) look(name string) {
	if name != "." && dataset.IsHidden(path.Base(name)) {
		return
	}
	info, err := os.Lstat(s.file(name))
	if err == nil && info.Mode()&fs.ModeSymlink != 0 || name == "." {
		if info, err = os.Stat(s.file(name)); err == nil && info.IsDir() && name != "." {
			s.name(name, fmt.Sprintf("passed over: %s, a link to a folder", name))
			return
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && name != ".":
	case err != nil:
		s.fails(name, err)
	case info.IsDir():
		s.folder(name, info)
	case !info.Mode().IsRegular():
		s.name(name, fmt.Sprintf("passed over: %s, a pipe, device or socket", name))
	case !dataset.IsImage(name) && s.isOwn(info):
	case !dataset.IsImage(name):
		ext := strings.ToLower(path.Ext(name))
		s.name("*"+ext, fmt.Sprintf("passed over: %s and what else is %s", name, kindOf(ext)))
	default:
		s.found(name, info)
	}
}

// kindOf describes the files of an extension that is none of images.
func kindOf(ext string) string {
	if ext == "" {
		return "without an extension"
	}
	return "named *" + ext
}

// folder looks at all in a folder, unless it holds results.
func (s *scanner) folder(name string, info fs.FileInfo) {
	if s.results(name, info) {
		return
	}
	if err := s.enter(name); err != nil {
		s.fails(name, err)
		return
	}
	entries, err := os.ReadDir(s.file(name))
	if err == nil {
		delete(s.named, name) // it may fail again
	} else if name == "." || !errors.Is(err, fs.ErrNotExist) {
		s.fails(name, err)
	}
	for _, e := range entries {
		s.look(path.Join(name, e.Name()))
	}
}

// fails tells of an error, once for as long as it lasts.
func (s *scanner) fails(name string, err error) {
	s.name(name, fmt.Sprintf("%s cannot be read: %v", s.file(name), cause(err)))
}

// cause returns an error of the file system without the path.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// isOwn reports whether watch writes to a folder or file.
func (s *scanner) isOwn(info fs.FileInfo) bool {
	return slices.ContainsFunc(s.own, func(o os.FileInfo) bool { return os.SameFile(o, info) })
}

// results reports whether watch, or another command, writes to a folder.
func (s *scanner) results(name string, info fs.FileInfo) bool {
	if s.isOwn(info) {
		return true
	}
	_, err := os.Lstat(filepath.Join(s.file(name), dataset.OutputMarker))
	return err == nil
}
