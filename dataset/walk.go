package dataset

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// walker reads folders. It treats those in skip as if they were not there.
type walker struct {
	skip []os.FileInfo
}

// look reads one folder. A link counts as what it leads to; one that leads nowhere
// counts as a file, so that reading a missing image fails and names it.
func (w *walker) look(dir string) (*folder, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	f := &folder{walker: w, path: dir}
	for _, e := range entries {
		name, kind := e.Name(), e.Type()
		if hidden(name) {
			f.hidden++
			continue
		}
		full := filepath.Join(dir, name)
		if kind&fs.ModeSymlink != 0 {
			kind = 0
			if info, err := os.Stat(full); err == nil {
				kind = info.Mode().Type()
			}
		}
		switch {
		case kind.IsDir():
			skip, err := w.skipped(full)
			if err != nil {
				return nil, err
			}
			if !skip {
				f.dirs = append(f.dirs, name)
			}
		case !kind.IsRegular():
			f.other++ // opening a pipe would wait for ever
		case IsImage(name):
			f.images = append(f.images, name)
		default:
			f.files = append(f.files, name)
		}
	}
	return f, nil
}

// skipped reports whether dir is in w.skip.
func (w *walker) skipped(dir string) (bool, error) {
	if len(w.skip) == 0 {
		return false, nil
	}
	info, err := os.Stat(dir)
	return err == nil && slices.ContainsFunc(w.skip, func(s os.FileInfo) bool { return os.SameFile(s, info) }), err
}

// images returns the image files below dir as paths relative to it, with "/" between
// the parts, in byte order, and counts the rest in p, which may be nil. It enters no
// further folder once it has most images; 0: no limit. A folder that a link leads to a
// second time is not read again.
func (w *walker) images(dir string, most int, p *Passed) ([]string, error) {
	if p == nil {
		p = new(Passed)
	}
	var names []string
	var seen []os.FileInfo
	var walk func(dir, rel string) error
	walk = func(dir, rel string) error {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(seen, func(s os.FileInfo) bool { return os.SameFile(s, info) }) {
			return nil
		}
		seen = append(seen, info)
		f, err := w.look(dir)
		if err != nil {
			return err
		}
		p.passOver(f)
		for _, name := range f.images {
			names = append(names, path.Join(rel, name))
		}
		for _, name := range f.dirs {
			if most > 0 && len(names) >= most {
				break
			}
			if err := walk(filepath.Join(dir, name), path.Join(rel, name)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(dir, ""); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}
