package dataset

import (
	"fmt"
	"os"
	"path/filepath"
)

// findROI gives each item its region of interest: the one of Options.ROI if that is a
// file, or else the mask in that folder that has the image's name.
func (r *reader) findROI() error {
	dir := r.options.ROI
	if dir == "" {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		for i := range r.Items {
			r.Items[i].ROI = dir
		}
		return nil
	}
	names := make([]string, len(r.Items))
	for i := range r.Items {
		names[i] = r.Items[i].rel
	}
	rois, err := pairROI(names, dir)
	if err != nil {
		return err
	}
	for i := range r.Items {
		if of := rois[r.Items[i].rel]; of != nil {
			r.Items[i].ROI = of[0]
		}
	}
	if n := len(r.Items) - len(rois); n > 0 {
		which := counted(n, "1 of %d images has no region of interest in %s: all of it counts", "%d of %%d images have no region of interest in %%s: all of them counts")
		r.warn(which, len(r.Items), dir)
	}
	return nil
}

// pairROI returns the masks in a folder that have the names of images, whose names are in
// byte order. It fails if there is none.
func pairROI(names []string, dir string) (map[string][]string, error) {
	p := newPairing(names, nil)
	given, err := new(walker).images(dir, "", nil)
	if err != nil {
		return nil, err
	}
	for _, name := range given {
		if f := p.fitting(place{rest: name}); len(f.keys) == 1 {
			p.claim(name, p.byKey[f.keys[0]], f.rank, false)
		}
	}
	rois, err := p.resolve(func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) })
	if err == nil && len(rois) == 0 {
		err = fmt.Errorf("%s has no region of interest for any image: for NAME.png it is called NAME.png, in folders of the same names", dir)
	}
	return rois, err
}

// FilesIn is Files for images with regions of interest, as Options.ROI gives them: roi is a
// mask for all images, or a folder of masks, which is skipped. regions holds the path of the
// mask of each file; "" if it has none.
func FilesIn(path, roi string) (files, regions []string, passed Passed, err error) {
	info, err := os.Stat(roi)
	if err != nil {
		return nil, nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	if files, passed, err = filesWithout(path, []os.FileInfo{info}); err != nil {
		return nil, nil, Passed{}, err
	}
	regions = make([]string, len(files))
	if !info.IsDir() {
		for i := range regions {
			regions[i] = roi
		}
		return files, regions, passed, nil
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = filepath.Base(file)
		if below, err := filepath.Rel(path, file); err == nil && below != "." {
			names[i] = filepath.ToSlash(below)
		}
	}
	rois, err := pairROI(names, roi)
	if err != nil {
		return nil, nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	for i, name := range names {
		if of := rois[name]; of != nil {
			regions[i] = of[0]
		}
	}
	return files, regions, passed, nil
}
