package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of image files, in lower case.
var extensions = []string{"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"}

// IsImage reports that a file of that name is taken for an image, by its extension.
func IsImage(name string) bool {
	ext := filepath.Ext(name)
	return ext != "" && slices.Contains(extensions, strings.ToLower(ext[1:]))
}

// hidden reports whether name is not meant to be seen: by the habit of Unix, or
// because it is what a Mac leaves in an archive.
func hidden(name string) bool { return name[0] == '.' || name == "__MACOSX" }

// stem returns a path without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// Passed counts what Open passed over.
type Passed struct {
	Hidden  int // files and folders
	Unknown int // files that are no images by their names, and what is no file
	Outside int // images where the layout has none, such as beside the class folders
	Masks   int // masks that belong to no image
}

// String lists what was passed over; "" for nothing.
func (p Passed) String() string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{p.Hidden, "hidden"},
		{p.Unknown, "of other kinds"},
		{p.Outside, "images outside the layout"},
		{p.Masks, "masks without an image"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

// folder is what a folder holds itself: names in byte order.
type folder struct {
	r      *reader
	path   string
	images []string // files that are images by their names
	files  []string // other files
	dirs   []string
	hidden int
	other  int // neither files nor folders
}

// look reads one folder. Links count as what they lead to; one that leads nowhere
// counts as a file, so that a missing image is missed by name.
func (r *reader) look(dir string) (*folder, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	f := &folder{r: r, path: dir}
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
			skip, err := r.skipped(full)
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

// skipped reports whether dir is one of those that are not the dataset's own.
func (r *reader) skipped(dir string) (bool, error) {
	if len(r.skip) == 0 {
		return false, nil
	}
	info, err := os.Stat(dir)
	return err == nil && slices.ContainsFunc(r.skip, func(s os.FileInfo) bool { return os.SameFile(s, info) }), err
}

func (f *folder) has(name string) bool {
	_, found := slices.BinarySearch(f.files, name)
	return found
}

func (f *folder) hasDir(name string) bool {
	_, found := slices.BinarySearch(f.dirs, name)
	return found
}

// in returns what the folder name within f holds; nothing where it cannot be read.
func (f *folder) in(name string) *folder {
	sub, err := f.r.look(filepath.Join(f.path, name))
	if err != nil {
		return &folder{r: f.r}
	}
	return sub
}

// filled returns the folders within f that have images, at any depth.
func (f *folder) filled() []string {
	var names []string
	for _, name := range f.dirs {
		images, err := f.r.images(filepath.Join(f.path, name), 1, nil)
		if err == nil && len(images) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// passOver counts what of f itself is no image.
func (p *Passed) passOver(f *folder) {
	p.Hidden += f.hidden
	p.Unknown += len(f.files) + f.other
}

// images returns the image files below dir as paths relative to it, with "/" between
// the parts, in byte order, and counts the rest in p, which may be nil. It stops at
// the first folder that makes them most; 0 is no limit. A folder that a link leads to
// a second time is not read again.
func (r *reader) images(dir string, most int, p *Passed) ([]string, error) {
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
		f, err := r.look(dir)
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

// addImages appends an item for each image below the folder rel of the dataset, as
// like says but for its place. It returns their number.
func (r *reader) addImages(rel string, like Item) (int, error) {
	names, err := r.images(filepath.Join(r.Root, filepath.FromSlash(rel)), 0, &r.Passed)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		it := like
		it.rel = path.Join(rel, name)
		it.Path = filepath.Join(r.Root, filepath.FromSlash(it.rel))
		r.Items = append(r.Items, it)
	}
	return len(names), nil
}

// passOutside counts all below the folder name as outside the layout.
func (r *reader) passOutside(rel string) error {
	names, err := r.images(filepath.Join(r.Root, filepath.FromSlash(rel)), 0, &r.Passed)
	r.Passed.Outside += len(names)
	return err
}
