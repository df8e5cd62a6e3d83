package dataset

import (
	"path/filepath"
	"slices"
	"strings"
)

// folder lists what one folder holds, its names in byte order.
type folder struct {
	walker   *walker
	path     string
	images   []string // files with an image's extension
	files    []string // other files
	dirs     []string
	hidden   []string
	other    []string // pipes, devices and sockets
	heatmaps []string // folders with a OutputMarker

	paired *pairing // of all images below it; nil: not known yet
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

// pairs returns what the names of all images below f say about masks.
func (f *folder) pairs() *pairing {
	if f.paired == nil {
		names := slices.Clone(f.images)
		for _, name := range f.dirs {
			// A folder that cannot be read fails when it is read for its images.
			if below, err := f.walker.images(filepath.Join(f.path, name), name, nil); err == nil {
				names = append(names, below...)
			}
		}
		slices.Sort(names)
		f.paired = newPairing(names, f.walker.normal)
		f.paired.pairWithin(names, nil)
	}
	return f.paired
}

// filled returns the folders within f that have images, at any depth, other than masks.
func (f *folder) filled() []string {
	var names []string
	for name := range f.pairs().byName {
		if dir, _, below := strings.Cut(name, "/"); below {
			names = append(names, dir)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
