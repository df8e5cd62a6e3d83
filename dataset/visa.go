package dataset

import (
	"path"
	"strings"
)

// visaImages is the folder of the classes of the visa layout.
const visaImages = "Data/Images"

func hasVisA(f *folder) bool {
	if !f.hasDir("Data") {
		return false
	}
	data := f.in("Data")
	return data.hasDir("Images") && data.in("Images").hasDir("Normal")
}

// readVisA reads an object of the VisA dataset (Zou et al. 2022) as it is published, which
// has no splits: classes below Data/Images, and masks below Data/Masks.
func readVisA(r *reader) error {
	if err := r.passOutside("Data"); err != nil {
		return err
	}
	rest := r.outside
	r.outside = nil
	for _, name := range rest {
		below, ok := strings.CutPrefix(name, visaImages+"/")
		class, _, inClass := strings.Cut(below, "/")
		if !ok || !inClass {
			r.outside = append(r.outside, name)
			continue
		}
		r.Items = append(r.Items, Item{Class: class, rel: name, Path: r.below(name)})
		r.addClass(class)
	}
	r.Passed.passOver(r.dir, "")
	r.outside = append(r.outside, r.dir.images...)
	for _, dir := range r.dir.dirs {
		if dir != path.Dir(visaImages) {
			if err := r.passOutside(dir); err != nil {
				return err
			}
		}
	}
	return nil
}
