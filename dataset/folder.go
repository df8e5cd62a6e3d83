package dataset

import (
	"path/filepath"
	"slices"
)

// folder lists what one folder holds, its names in byte order.
type folder struct {
	walker *walker
	path   string
	images []string // files with an image's extension
	files  []string // other files
	dirs   []string
	hidden int
	other  int // pipes, devices and sockets
}

func (f *folder) has(name string) bool {
	_, found := slices.BinarySearch(f.files, name)
	return found
}

func (f *folder) hasDir(name string) bool {
	_, found := slices.BinarySearch(f.dirs, name)
	return found
}

// in returns the folder name within f; an empty one if it cannot be read.
func (f *folder) in(name string) *folder {
	sub, err := f.walker.look(filepath.Join(f.path, name))
	if err != nil {
		return &folder{walker: f.walker}
	}
	return sub
}

// filled returns the folders within f that have images, at any depth.
func (f *folder) filled() []string {
	var names []string
	for _, name := range f.dirs {
		images, err := f.walker.images(filepath.Join(f.path, name), 1, nil)
		if err == nil && len(images) > 0 {
			names = append(names, name)
		}
	}
	return names
}
