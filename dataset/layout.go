package dataset

import (
	"errors"
	"fmt"
	"strings"
)

// layout is one arrangement of a dataset's files.
type layout struct {
	name       string
	looksFor   string
	recognised func(f *folder) bool
	read       func(r *reader) error
	own        bool // names of its own tell it from folders of classes
}

// layouts returns all layouts in the order in which they are tried, those with file names
// of their own first.
func layouts() []layout {
	return []layout{
		{Manifest, "a CSV file with a header (path,label,split,group,mask), or manifest.csv in the folder",
			hasManifest, readManifest, true},
		{CIFAR10, "data_batch_1.bin, test_batch.bin", hasCIFAR10, readCIFAR10, true},
		{CIFAR100, "train.bin, test.bin", hasCIFAR100, readCIFAR100, true},
		{IDX, "train-images-idx3-ubyte and train-labels-idx1-ubyte, .gz or not", hasIDX, readIDX, true},
		{SVHN, "train_32x32.mat, test_32x32.mat", hasSVHN, readSVHN, true},
		{CUB, "images.txt, train_test_split.txt, images/CLASS/*.jpg", hasCUB, readCUB, true},
		{MVTec, "train/good/*.png, test/DEFECT/*.png", hasMVTec, readMVTec, true},
		{VisA, "Data/Images/Normal/*.png, Data/Images/Anomaly/*.png", hasVisA, readVisA, true},
		{KSDD, "NAME_GT.png beside NAME.png in train and test, or NAME_label.png in all folders", hasKSDD, readKSDD, false},
		{Classes, "CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png", hasClasses, readClasses, false},
		{Flat, "images in the folder itself: " + strings.Join(extensions, ", "), hasFlat, readFlat, false},
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
		if !isTable(r.path) {
			return layout{}, fmt.Errorf("%s is a file: give a folder or a CSV manifest (.csv, .tsv; an archive must be unpacked first)", r.path)
		}
		return all[0], nil
	}
	l, known := recognise(r.dir)
	if known && (l.own || r.dir.hasNormal()) {
		return l, nil
	}
	if below := r.dir.layoutsBelow(2); len(below) > 0 {
		return r.enter(below)
	}
	if !known {
		return layout{}, r.unrecognised(all)
	}
	return l, nil
}

// isTable reports whether name has the extension of a manifest, in any case.
func isTable(name string) bool { return hasExtension(name, []string{"csv", "tsv"}) }

// recognise returns the first layout that a folder has.
func recognise(f *folder) (layout, bool) {
	for _, l := range layouts() {
		if l.recognised(f) {
			return l, true
		}
	}
	return layout{}, false
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
	var p Passed
	if p.passOver(f, ""); p.Unreadable.N > 0 {
		n, example := p.Unreadable.N, p.Unreadable.Example
		text := counted(n, "\n1 image is of a kind that cannot be read (%s): convert it to PNG or JPEG", "\n%d images are of kinds that cannot be read (%%s): convert them to PNG or JPEG")
		fmt.Fprintf(&b, text, example)
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
