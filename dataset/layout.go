package dataset

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// layout is one arrangement of a dataset's files.
type layout struct {
	name       string
	looksFor   string
	recognised func(f *folder) bool
	read       func(r *reader) error
}

// layouts returns all layouts in the order in which they are tried, those with file names
// of their own first.
func layouts() []layout {
	return []layout{
		{Manifest, "a CSV file with a header (path,label,split,group,mask), or manifest.csv in the folder",
			hasManifest, readManifest},
		{CIFAR10, "data_batch_1.bin, test_batch.bin", hasCIFAR10, readCIFAR10},
		{CIFAR100, "train.bin, test.bin", hasCIFAR100, readCIFAR100},
		{IDX, "train-images-idx3-ubyte and train-labels-idx1-ubyte, .gz or not", hasIDX, readIDX},
		{MVTec, "train/good/*.png, test/DEFECT/*.png", hasMVTec, readMVTec},
		{Classes, "CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png", hasClasses, readClasses},
		{Flat, "images in the folder itself: " + strings.Join(extensions, ", "), hasFlat, readFlat},
	}
}

// choose returns the layout of the options, or else the first that is recognised.
func (r *reader) choose() (layout, error) {
	all := layouts()
	if name := r.options.Layout; name != "" {
		names := make([]string, len(all))
		for i, l := range all {
			if names[i] = l.name; l.name == name {
				if r.dir == nil && name != Manifest {
					return layout{}, fmt.Errorf("%s is a file: the layout %s needs a folder", r.path, name)
				}
				return l, nil
			}
		}
		return layout{}, fmt.Errorf("layout %q is none of %s", name, strings.Join(names, ", "))
	}
	if r.dir == nil {
		if !strings.EqualFold(filepath.Ext(r.path), ".csv") {
			return layout{}, fmt.Errorf("%s is a file: give a folder or a CSV manifest (an archive must be unpacked first)", r.path)
		}
		return all[0], nil
	}
	for _, l := range all {
		if l.recognised(r.dir) {
			return l, nil
		}
	}
	return layout{}, r.unrecognised(all)
}

// unrecognised returns an error that lists what was looked for and what is there.
func (r *reader) unrecognised(all []layout) error {
	f := r.dir
	if len(f.images) > 0 && len(f.filled()) > 0 {
		return fmt.Errorf("%s has images of its own (%s) and in folders (%s): move one or the other, "+
			"or force the layout %s (all below it is normal) or %s (images of no class are left out)",
			r.path, list(f.images), list(f.filled()), Flat, Classes)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s has no known layout; looked for", r.path)
	for _, l := range all {
		fmt.Fprintf(&b, "\n\t%-9s %s", l.name, l.looksFor)
	}
	fmt.Fprintf(&b, "\nfound files: %s; folders: %s", list(f.files), list(f.dirs))
	for _, dir := range f.dirs {
		if sub, err := r.look(filepath.Join(f.path, dir)); err == nil {
			for _, l := range all {
				if l.name != Classes && l.name != Flat && l.recognised(sub) {
					fmt.Fprintf(&b, "\n%s has the layout %s: give that folder", sub.path, l.name)
					break
				}
			}
		}
	}
	return errors.New(b.String())
}

// list joins the first names of a folder.
func list(names []string) string {
	const most = 20
	switch n := len(names); {
	case n == 0:
		return "none"
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	}
	return strings.Join(names, ", ")
}
