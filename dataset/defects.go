package dataset

import (
	"fmt"
	"path/filepath"
	"strings"
)

// addDefects appends the images of Options.Defects as known anomalies. The class of each
// is the folder within Defects that holds it, or else the name of Defects.
func (r *reader) addDefects() error {
	dir := filepath.Clean(r.options.Defects)
	whole, err := baseName(dir)
	if err != nil {
		return err
	}
	apart := r.options.Masks
	if apart != "" && filepath.Clean(apart) == dir {
		apart = ""
	}
	var inside walker // the folder of defects must not skip itself
	if apart != "" {
		inside.skip = r.skip[1:]
	}
	names, err := inside.images(dir, "", &r.Passed)
	if err != nil {
		return err
	}
	p := newPairing(names, nil)
	p.pairWithin(names, nil)
	given, err := p.addApart(apart)
	if err != nil {
		return err
	}
	masks, err := p.resolve(func(name string) string {
		if below, ok := strings.CutPrefix(name, apartFolder); ok {
			return filepath.Join(apart, filepath.FromSlash(below))
		}
		return filepath.Join(dir, filepath.FromSlash(name))
	})
	if err != nil {
		return err
	}
	if len(p.byName) == 0 {
		return fmt.Errorf("%s has no images of defects (%s)", dir, strings.Join(extensions, ", "))
	}
	if r.options.Masks != "" && len(masks) == 0 {
		return fmt.Errorf("%s has no mask for any image in %s: for NAME.png it is called NAME%s.png or NAME.png",
			r.options.Masks, dir, maskSuffix)
	}
	for _, name := range names {
		if class, _, below := strings.Cut(name, "/"); below && isGood(class) {
			return fmt.Errorf("%s has a folder %s, whose images are normal by its name: give the folder of the defects alone", dir, class)
		}
		if p.byName[name] {
			r.addDefect(dir, name, whole, masks[name])
		} else if !p.used[name] {
			r.Passed.Masks.add(name)
		}
	}
	for _, name := range given {
		if !p.used[name] {
			r.Passed.Masks.add(strings.TrimPrefix(name, apartFolder))
		}
	}
	return nil
}

// addDefect appends the image name below dir as a known anomaly. Its class is the first
// folder of its name, or else whole.
func (r *reader) addDefect(dir, name, whole string, masks []string) {
	it := Item{Class: whole, Labelled: true, Split: Train, rel: name, defect: true, Path: filepath.Join(dir, filepath.FromSlash(name))}
	if class, _, below := strings.Cut(name, "/"); below {
		it.Class = class
	}
	it.setMasks(masks)
	r.Items = append(r.Items, it)
}

// apartFolder begins the names of masks in a folder of their own, which may lie anywhere.
const apartFolder = "\x00masks/"

// addApart finds the masks in a folder of their own, if one is given, and returns their
// names.
func (p *pairing) addApart(dir string) ([]string, error) {
	if dir == "" {
		return nil, nil
	}
	names, err := new(walker).images(dir, "", nil)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if f := p.fitting(place{rest: name}); len(f.keys) == 1 {
			p.claim(apartFolder+name, p.byKey[f.keys[0]], f.rank, f.many)
		}
		names[i] = apartFolder + name
	}
	return names, nil
}
