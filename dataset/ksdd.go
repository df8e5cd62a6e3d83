package dataset

import (
	"path"
	"slices"
	"strings"
)

// hasKSDD reports whether a folder has the layout of the Kolektor surface-defect datasets
// (Tabernik et al. 2019, Božič et al. 2021): a mask beside each image, in the folders
// train and test or in folders of one part each, which are no classes by their names or by
// Options.Normal. Masks say which images are normal.
func hasKSDD(f *folder) bool {
	if f.hasDir(Train) || f.hasDir(Test) {
		train, test := f.in(Train), f.in(Test)
		return len(train.filled())+len(test.filled()) == 0 && len(train.pairs().claims)+len(test.pairs().claims) > 0
	}
	if len(f.walker.normal) > 0 || f.ownImages() || len(f.pairs().byName) == 0 || slices.ContainsFunc(f.filled(), func(c string) bool { return isGood(c) || isBad(c) }) {
		return false
	}
	for name := range f.pairs().byName {
		claims := f.pairs().claims[name]
		beside := func(c claim) bool { return path.Dir(c.mask) == path.Dir(name) }
		if strings.Count(name, "/") != 1 || !slices.ContainsFunc(claims, beside) {
			return false
		}
	}
	return true
}

func readKSDD(r *reader) error {
	r.known = true
	if !r.dir.hasDir(Train) && !r.dir.hasDir(Test) {
		_, err := r.addImages("", Item{})
		return err
	}
	return r.readSplits(func(_ *folder, split string) error {
		_, err := r.addImages(split, Item{Split: split})
		return err
	})
}
