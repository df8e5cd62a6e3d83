package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// walker reads folders. It treats the folders and images in skip as if they were not
// there.
type walker struct {
	skip   []os.FileInfo
	normal []string // Options.Normal: folders of these names hold no masks
}

// look reads one folder. A link counts as what it leads to; one that leads nowhere
// counts as a file, so that reading a missing image fails and names it.
func (w *walker) look(dir string) (*folder, error) {
	if isHeatmaps(dir) {
		return nil, fmt.Errorf("%s has heatmaps that anomem wrote, not images (remove %s from it if that is wrong)", dir, OutputMarker)
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	f := &folder{walker: w, path: dir}
	for _, e := range entries {
		if err := f.add(e); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// add puts an entry of f where it belongs.
func (f *folder) add(e os.DirEntry) error {
	name, kind := e.Name(), e.Type()
	if IsHidden(name) {
		f.hidden = append(f.hidden, name)
		return nil
	}
	full := filepath.Join(f.path, name)
	if kind&fs.ModeSymlink != 0 {
		kind = 0
		if info, err := os.Stat(full); err == nil {
			kind = info.Mode().Type()
		}
	}
	switch {
	case kind.IsDir():
		skip, err := f.walker.skipped(full)
		switch {
		case err != nil:
			return err
		case skip:
		case isHeatmaps(full):
			f.heatmaps = append(f.heatmaps, name)
		default:
			f.dirs = append(f.dirs, name)
		}
	case !kind.IsRegular():
		f.other = append(f.other, name) // opening a pipe would wait for ever
	case IsImage(name):
		if skip, err := f.walker.skipped(full); err != nil || !skip {
			f.images = append(f.images, name)
		}
	default:
		f.files = append(f.files, name)
	}
	return nil
}

// skipped reports whether a file or folder is in w.skip.
func (w *walker) skipped(name string) (bool, error) {
	if len(w.skip) == 0 {
		return false, nil
	}
	info, err := os.Stat(name)
	return err == nil && slices.ContainsFunc(w.skip, func(s os.FileInfo) bool { return os.SameFile(s, info) }), err
}

// images returns the image files below dir as paths that begin with rel, with "/" between
// the parts, in byte order, and counts the rest in p, which may be nil. A folder that a
// link leads to a second time is not read again.
func (w *walker) images(dir, rel string, p *Passed) ([]string, error) {
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
		p.passOver(f, rel)
		for _, name := range f.images {
			names = append(names, path.Join(rel, name))
		}
		for _, name := range f.dirs {
			if err := walk(filepath.Join(dir, name), path.Join(rel, name)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(dir, rel); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}
