package dataset

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// found is a folder with a layout of its own.
type found struct {
	*folder
	layout layout
}

// layoutsBelow returns the folders below f, up to depth levels further down, that have a
// layout other than plain folders of images: to take these for classes would make their
// defects normal. A folder within such a folder does not count.
func (f *folder) layoutsBelow(depth int) []found {
	if f.hasDir(Train) || f.hasDir(Test) {
		return append(f.in(Train).layoutsBelow(depth-1), f.in(Test).layoutsBelow(depth-1)...)
	}
	var all []found
	for _, name := range f.dirs {
		if len(maskPlaces(name+"/", f.walker.normal)) > 0 {
			continue
		}
		sub := f.in(name)
		if l, known := recognise(sub); known && (l.own || l.name != Flat && sub.isLabelled()) {
			all = append(all, found{sub, l})
		} else if depth > 0 {
			all = append(all, sub.layoutsBelow(depth-1)...)
		}
	}
	return all
}

// hasNormal reports whether classes within f say by their names which are normal.
func (f *folder) hasNormal() bool {
	return !f.hasDir(Train) && !f.hasDir(Test) && slices.ContainsFunc(f.dirs, isGood)
}

// isLabelled reports whether the folders within f are classes by their names: some
// anomalous, or some normal and some not. Folders train and test with classes count.
func (f *folder) isLabelled() bool {
	if f.hasDir(Train) || f.hasDir(Test) {
		return true
	}
	return slices.ContainsFunc(f.filled(), isBad) || f.isMixed()
}

// isMixed reports whether the folders within f, or within train and test, are normal by
// their names in part.
func (f *folder) isMixed() bool {
	if hasVisA(f) {
		return true
	}
	var classes []string
	if f.hasDir(Train) || f.hasDir(Test) {
		classes = slices.Concat(f.in(Train).filled(), f.in(Test).filled())
	} else {
		classes = f.filled()
	}
	return slices.ContainsFunc(classes, isGood) && slices.ContainsFunc(classes, func(c string) bool { return !isGood(c) })
}

// enter makes the only folder with a layout below r's the one that is read. It fails if
// there are several, or other images.
func (r *reader) enter(below []found) (layout, error) {
	var names []string
	for _, f := range below {
		names = append(names, fmt.Sprintf("%s (%s)", f.path, f.layout.name))
	}
	if len(below) > 1 {
		table := ""
		if r.dir.hasDir("split_csv") { // VisA's
			table = ", or a table in " + filepath.Join(r.path, "split_csv") + " and --object"
		}
		return layout{}, fmt.Errorf("%s holds several datasets, %s: give one of them%s, or force the layout %s or %s",
			r.path, list(names), table, Classes, Flat)
	}
	only := below[0]
	rel, err := filepath.Rel(r.Root, only.path)
	if err != nil {
		return layout{}, err
	}
	prefix := filepath.ToSlash(rel) + "/"
	for name := range r.dir.pairs().byName {
		if !strings.HasPrefix(name, prefix) {
			return layout{}, fmt.Errorf("%s holds a dataset, %s, and other images, such as %s: give that folder, "+
				"or force the layout %s or %s", r.path, names[0], name, Classes, Flat)
		}
	}
	r.warn("reading %s, the only dataset in %s", only.path, r.path)
	r.dir, r.Root, r.path = only.folder, only.path, only.path
	r.Name = filepath.Base(only.path)
	return only.layout, nil
}
