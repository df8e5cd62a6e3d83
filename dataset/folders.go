package dataset

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The folders of the mvtec layout beside Train and Test.
const (
	goodName        = "good"
	groundTruthName = "ground_truth"
)

func hasFlat(f *folder) bool { return len(f.images) > 0 && len(f.filled()) == 0 }

// readFlat takes every image below the folder as normal.
func readFlat(r *reader) error {
	_, err := r.addImages("", Item{})
	return err
}

func hasClasses(f *folder) bool {
	if f.hasDir(Train) || f.hasDir(Test) {
		return len(f.in(Train).filled())+len(f.in(Test).filled()) > 0
	}
	return len(f.images) == 0 && len(f.filled()) > 0
}

// readClasses takes each folder as a class, below train and test if there is either.
func readClasses(r *reader) error {
	if !r.dir.hasDir(Train) && !r.dir.hasDir(Test) {
		return r.addClasses(r.dir, "", "")
	}
	r.Passed.passOver(r.dir)
	r.Passed.Outside += len(r.dir.images)
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
		if err := r.addClasses(f, name, name); err != nil {
			return err
		}
	}
	return nil
}

// addClasses takes each folder within f, which is rel below the root, as a class.
func (r *reader) addClasses(f *folder, rel, split string) error {
	r.Passed.passOver(f)
	r.Passed.Outside += len(f.images)
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

// addImages appends an item for each image below the folder rel of the dataset: a copy
// of like with the image's path. It returns their number.
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

// passOutside counts the images below the folder rel as outside the layout.
func (r *reader) passOutside(rel string) error {
	names, err := r.images(filepath.Join(r.Root, filepath.FromSlash(rel)), 0, &r.Passed)
	r.Passed.Outside += len(names)
	return err
}

func hasMVTec(f *folder) bool { return f.hasDir(Train) && f.in(Train).hasDir(goodName) }

// readMVTec reads the layout of the MVTec anomaly detection dataset (Bergmann et al.
// 2019): classes below train and test, of which good is normal, and masks of the others
// below ground_truth.
func readMVTec(r *reader) error {
	if !hasMVTec(r.dir) {
		return fmt.Errorf("%s has no folder %s", r.path, filepath.Join(Train, goodName))
	}
	r.known = true
	truth := r.dir.hasDir(groundTruthName)
	if truth { // its images are not outside the layout
		r.dir.dirs = slices.DeleteFunc(r.dir.dirs, func(name string) bool { return name == groundTruthName })
	}
	if err := readClasses(r); err != nil || !truth {
		return err
	}
	masks, err := r.findMasks(filepath.Join(r.Root, groundTruthName))
	if err != nil {
		return err
	}
	for i := range r.Items {
		// Masks belong to test images alone. DEFECT may also be a class of train.
		if name, ok := strings.CutPrefix(r.Items[i].rel, Test+"/"); ok {
			r.Items[i].Mask = masks.take(stem(name))
		}
	}
	r.Passed.Masks = masks.left()
	return nil
}

// addDefects appends the images of Options.Defects as known anomalies. The class of each
// is the folder within Defects that holds it, or else the name of Defects.
func (r *reader) addDefects() error {
	dir := filepath.Clean(r.options.Defects)
	whole, err := baseName(dir)
	if err != nil {
		return err
	}
	var inside walker // the folder of defects must not skip itself
	sameFolder := r.options.Masks != "" && filepath.Clean(r.options.Masks) == dir
	if r.options.Masks != "" && !sameFolder {
		inside.skip = r.skip[1:]
	}
	names, err := inside.images(dir, 0, &r.Passed)
	if err != nil {
		return err
	}
	masks := &maskIndex{paths: map[string]string{}}
	if r.options.Masks != "" && !sameFolder {
		if masks, err = new(walker).findMasks(r.options.Masks); err != nil {
			return err
		}
	}
	// A mask beside its image is not a defect.
	images := map[string]bool{}
	for _, name := range names {
		images[stem(name)] = true
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		of, is := strings.CutSuffix(stem(name), maskSuffix)
		if is = is && images[of]; is && masks.paths[of] == "" {
			masks.paths[of] = filepath.Join(dir, filepath.FromSlash(name))
		}
		return is
	})
	if len(names) == 0 {
		return fmt.Errorf("%s has no images of defects (%s)", dir, strings.Join(extensions, ", "))
	}
	found := 0
	for _, name := range names {
		it := Item{Class: whole, Labelled: true, Split: Train, rel: name, defect: true,
			Path: filepath.Join(dir, filepath.FromSlash(name)), Mask: masks.take(stem(name))}
		if class, _, below := strings.Cut(name, "/"); below {
			it.Class = class
		}
		if it.Mask != "" {
			found++
		}
		r.Items = append(r.Items, it)
	}
	if r.options.Masks != "" && found == 0 {
		return fmt.Errorf("%s has no mask for any image in %s: for NAME.png it is called NAME%s.png or NAME.png",
			r.options.Masks, dir, maskSuffix)
	}
	r.Passed.Masks += masks.left()
	return nil
}
