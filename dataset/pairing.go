package dataset

import (
	"path"
	"slices"
	"strings"
)

// pairing divides files into images and masks by their names. All names are paths below
// one folder, with "/" between the parts. Keys are names without extension.
type pairing struct {
	normal []string // Options.Normal
	only   string   // masks in folders belong to images whose key begins so; "": to any

	byKey  map[string][]string // the images of a key: a.png and a.jpg have one
	byBase map[string][]string // keys by their last part
	byName map[string]bool     // images
	masks  map[string]bool     // masks, with or without an image
	used   map[string]bool     // masks with an image
	claims map[string][]claim  // by the image's name
	open   []openMask
}

// claim is a mask that names an image.
type claim struct {
	mask string
	rank int  // the lowest wins
	many bool // one of several masks of the image
}

// The ranks of claims: masks in folders, with a suffix or without, and beside their images.
const (
	suffixedRank = iota
	plainRank
	besideRank
)

// openMask is a mask whose name fits images in several folders.
type openMask struct {
	mask string
	keys []string
}

// newPairing takes names, which are in byte order, for images.
func newPairing(names, normal []string) *pairing {
	p := &pairing{
		normal: normal,
		byKey:  map[string][]string{}, byBase: map[string][]string{}, byName: map[string]bool{},
		masks: map[string]bool{}, used: map[string]bool{}, claims: map[string][]claim{},
	}
	for _, name := range names {
		key := stem(name)
		if p.byKey[key] == nil {
			p.byBase[path.Base(key)] = append(p.byBase[path.Base(key)], key)
		}
		p.byKey[key] = append(p.byKey[key], name)
		p.byName[name] = true
	}
	return p
}

// pairWithin finds the masks among names, which are the images of p, and among outside,
// which are no images.
func (p *pairing) pairWithin(names, outside []string) {
	var apart, rest []string // in folders that are called like those of masks
	for _, name := range names {
		if len(maskPlaces(name, p.normal)) > 0 {
			apart = append(apart, name)
		} else {
			rest = append(rest, name)
		}
	}
	p.pairBeside(rest)
	p.pairFolders(slices.Concat(apart, outside))
	p.pairBeside(slices.DeleteFunc(apart, func(name string) bool { return p.masks[name] }))
}

// pairBeside finds the masks that lie beside their images.
func (p *pairing) pairBeside(names []string) {
	type found struct{ name, of, key, kind string }
	var masks []found
	kinds := map[string]bool{}
	for _, name := range names {
		of, suffix, _, ok := cutMaskSuffix(path.Base(stem(name)))
		if !ok {
			continue
		}
		dir := path.Dir(name)
		m := found{name: name, key: path.Join(dir, of), kind: dir + "/" + suffix}
		for {
			if p.byName[m.key] || p.byKey[m.key] != nil {
				m.of = m.key
				kinds[m.kind] = true
				break
			}
			if of, _, _, ok = cutMaskSuffix(of); !ok {
				break
			}
			m.key = path.Join(dir, of)
		}
		masks = append(masks, m)
	}
	// Where some are masks, those of the same suffix are, too, though their images lack.
	masks = slices.DeleteFunc(masks, func(m found) bool { return !kinds[m.kind] })
	for _, m := range masks {
		p.take(m.name)
	}
	for _, m := range masks {
		images := p.byKey[m.of]
		if p.byName[m.of] {
			images = []string{m.of}
		}
		_, _, numbered, _ := cutMaskSuffix(path.Base(stem(m.name)))
		p.claim(m.name, images, besideRank, numbered)
	}
}

// take makes a name a mask.
func (p *pairing) take(name string) {
	delete(p.byName, name)
	p.masks[name] = true
}

// claim gives a mask to those of the names that are images.
func (p *pairing) claim(mask string, names []string, rank int, many bool) {
	for _, name := range names {
		if p.byName[name] {
			p.claims[name] = append(p.claims[name], claim{mask, rank, many})
			p.used[mask] = true
		}
	}
}

// pairFolders finds the masks that lie in folders of masks.
func (p *pairing) pairFolders(names []string) {
	type found struct {
		name string
		fit
	}
	var masks []found
	active := map[string]bool{}
	for _, name := range names {
		for _, at := range maskPlaces(name, p.normal) {
			if f := p.fitting(at); len(f.keys) > 0 {
				masks = append(masks, found{name, f})
				active[at.folder] = true
				break
			}
		}
	}
	for _, name := range names {
		for _, at := range maskPlaces(name, p.normal) {
			if active[at.folder] {
				p.take(name)
			}
		}
	}
	for _, m := range masks {
		if len(m.keys) > 1 {
			p.open = append(p.open, openMask{m.name, m.keys})
			continue
		}
		p.claim(m.name, p.byKey[m.keys[0]], m.rank, m.many)
	}
}

// fit is the images whose names a mask fits.
type fit struct {
	keys []string
	rank int
	many bool
}

// fitting returns the images that a file in a folder of masks fits: those with its path
// below the folder, with and without a mask's suffix, or else with that of the file's own
// folder, which then holds several masks of one image.
func (p *pairing) fitting(at place) fit {
	key := stem(at.rest)
	if of, _, numbered, ok := cutMaskSuffix(path.Base(key)); ok {
		if keys := p.find(at, path.Join(path.Dir(key), of)); len(keys) > 0 {
			return fit{keys, suffixedRank, numbered}
		}
	}
	if keys := p.find(at, key); len(keys) > 0 {
		return fit{keys, plainRank, false}
	}
	if dir := path.Dir(key); dir != "." {
		return fit{p.find(at, dir), plainRank, true}
	}
	return fit{}
}

// find returns the keys of images that end in the path key: that in the parent of the
// folder of masks, or else all below it, or those of the test split among them.
func (p *pairing) find(at place, key string) []string {
	if at.image != "" {
		if whole := path.Join(at.image, key); p.isImage(whole) {
			return []string{whole}
		}
		return nil
	}
	if whole := path.Join(at.parent, key); p.isImage(whole) {
		return []string{whole}
	}
	var keys, tested []string
	for _, k := range p.byBase[path.Base(key)] {
		below, ok := strings.CutPrefix(k, at.parent+"/")
		if at.parent == "" {
			below, ok = k, true
		}
		if !ok || !strings.HasSuffix("/"+below, "/"+key) || !p.isImage(k) {
			continue
		}
		keys = append(keys, k)
		if strings.HasPrefix(below, Test+"/") {
			tested = append(tested, k)
		}
	}
	if len(tested) > 0 {
		return tested
	}
	return keys
}

// isImage reports whether a key is that of an image that may have a mask in a folder.
func (p *pairing) isImage(key string) bool {
	return strings.HasPrefix(key, p.only) && len(maskPlaces(key, p.normal)) == 0 &&
		slices.ContainsFunc(p.byKey[key], func(name string) bool { return p.byName[name] })
}
