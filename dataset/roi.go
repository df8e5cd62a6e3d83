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
	p := newPairing(names, nil)
	given, err := new(walker).images(dir, "", nil)
	if err != nil {
		return err
	}
	for _, name := range given {
		if f := p.fitting(place{rest: name}); len(f.keys) == 1 {
			p.claim(name, p.byKey[f.keys[0]], f.rank, false)
		}
	}
	rois, err := p.resolve(func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) })
	if err != nil {
		return err
	}
	if len(rois) == 0 {
		return fmt.Errorf("%s has no region of interest for any image: for NAME.png it is called NAME.png, in folders of the same names", dir)
	}
	for i := range r.Items {
		if of := rois[r.Items[i].rel]; of != nil {
			r.Items[i].ROI = of[0]
		}
	}
	if n := len(r.Items) - len(rois); n > 0 {
		r.warn("%d of %d images have no region of interest in %s: all of them counts", n, len(r.Items), dir)
	}
	return nil
}
