package dataset

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// goodName is the normal class of the mvtec layout.
const goodName = "good"

func hasFlat(f *folder) bool { return f.ownImages() && len(f.filled()) == 0 }

// ownImages reports whether f itself has images other than masks.
func (f *folder) ownImages() bool {
	return slices.ContainsFunc(f.images, func(name string) bool { return f.pairs().byName[name] })
}

// readFlat takes every image below the folder as normal, unless masks say otherwise.
func readFlat(r *reader) error {
	r.known = true
	if r.folders = r.dir.filled(); r.dir.isMixed() {
		r.mixed = list(r.folders)
		r.warn("all images in the folders %s are taken for normal, as the layout %s was asked for", r.mixed, Flat)
	}
	_, err := r.addImages("", Item{})
	return err
}

func hasClasses(f *folder) bool {
	if f.hasDir(Train) || f.hasDir(Test) {
		return len(f.in(Train).filled())+len(f.in(Test).filled()) > 0
	}
	return !f.ownImages() && len(f.filled()) > 0
}

// readClasses takes each folder as a class, below train and test if there is either.
func readClasses(r *reader) error {
	if !r.dir.hasDir(Train) && !r.dir.hasDir(Test) {
		return r.addClasses(r.dir, "", "")
	}
	return r.readSplits(func(f *folder, split string) error { return r.addClasses(f, split, split) })
}

// readSplits calls read for the folders train and test. All else is outside the layout.
func (r *reader) readSplits(read func(f *folder, split string) error) error {
	r.Passed.passOver(r.dir, "")
	r.outside = append(r.outside, r.dir.images...)
	for _, name := range r.dir.dirs {
		if name != Train && name != Test {
			if err := r.passOutside(name); err != nil {
				return err
			}
			continue
		}
		f, err := r.look(filepath.Join(r.Root, name))
		if err != nil {
			return err
		}
		if err := read(f, name); err != nil {
			return err
		}
	}
	return nil
}

// addClasses takes each folder within f, which is rel below the root, as a class.
func (r *reader) addClasses(f *folder, rel, split string) error {
	r.Passed.passOver(f, rel)
	for _, name := range f.images {
		r.outside = append(r.outside, path.Join(rel, name))
	}
	for _, class := range f.dirs {
		n, err := r.addImages(path.Join(rel, class), Item{Class: class, Split: split})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("class %q is empty: %s has no images (%s); remove the folder if it is no class",
				class, filepath.Join(f.path, class), strings.Join(extensions, ", "))
		}
		r.addClass(class)
	}
	return nil
}

// addClass inserts a class into r.Classes, which is sorted, unless it is there.
func (r *reader) addClass(class string) {
	if i, found := slices.BinarySearch(r.Classes, class); !found {
		r.Classes = slices.Insert(r.Classes, i, class)
	}
}

// below returns the path of a file or folder that is rel below the root.
func (r *reader) below(rel string) string { return filepath.Join(r.Root, filepath.FromSlash(rel)) }

// addImages appends an item for each image below the folder rel of the dataset: a copy
// of like with the image's path. It returns their number.
func (r *reader) addImages(rel string, like Item) (int, error) {
	names, err := r.images(r.below(rel), rel, &r.Passed)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		it := like
		it.rel, it.Path = name, r.below(name)
		r.Items = append(r.Items, it)
	}
	return len(names), nil
}

// passOutside takes the images below the folder rel for outside the layout.
func (r *reader) passOutside(rel string) error {
	names, err := r.images(r.below(rel), rel, &r.Passed)
	r.outside = append(r.outside, names...)
	return err
}

func hasMVTec(f *folder) bool { return f.hasDir(Train) && f.in(Train).hasDir(goodName) }

// readMVTec reads the layout of the MVTec anomaly detection datasets (Bergmann et al. 2019,
// 2022): classes below train and test, of which good is normal, and masks of test images
// below ground_truth.
func readMVTec(r *reader) error {
	if !hasMVTec(r.dir) {
		return fmt.Errorf("%s has no folder %s", r.path, filepath.Join(Train, goodName))
	}
	r.known = true
	return readClasses(r)
}
