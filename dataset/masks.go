package dataset

import (
	"fmt"
	"maps"
	"slices"
)

// resolve returns the masks of each image: those of the lowest rank. It fails if two that
// are not parts of one mask have that rank.
func (p *pairing) resolve(pathOf func(name string) string) (map[string][]string, error) {
	p.used = map[string]bool{}
	masks := make(map[string][]string, len(p.claims))
	for _, image := range slices.Sorted(maps.Keys(p.claims)) {
		claims := p.claims[image]
		best := slices.MinFunc(claims, func(a, b claim) int { return a.rank - b.rank }).rank
		whole := ""
		for _, c := range claims {
			if c.rank != best {
				continue
			}
			if !c.many {
				if whole != "" {
					return nil, fmt.Errorf("masks %s and %s belong to one image: remove one", pathOf(whole), pathOf(c.mask))
				}
				whole = c.mask
			}
			masks[image] = append(masks[image], pathOf(c.mask))
			p.used[c.mask] = true
		}
	}
	return masks, nil
}

// pair takes the masks out of the items that were read and gives them to their images.
func (r *reader) pair() error {
	if len(r.Items) == 0 || r.Items[0].archive != nil || r.Layout == Manifest {
		return nil
	}
	names := make([]string, len(r.Items))
	for i := range r.Items {
		names[i] = r.Items[i].rel
	}
	slices.Sort(names)
	p := newPairing(names, r.options.Normal)
	if r.Layout == MVTec {
		p.only = Test + "/" // DEFECT may also be a class of train
	}
	p.pairWithin(names, r.outside)
	masks, err := p.resolve(r.below)
	if err != nil {
		return err
	}
	r.warnOfTwins(p)
	r.countOutside(p)
	r.open = p.open
	open := map[string]bool{}
	for _, m := range p.open {
		open[m.mask] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.masks)) {
		if !p.used[name] && !open[name] {
			r.Passed.Masks.add(name)
		}
	}
	r.Items = slices.DeleteFunc(r.Items, func(it Item) bool { return p.masks[it.rel] })
	for i := range r.Items {
		r.Items[i].setMasks(masks[r.Items[i].rel])
	}
	r.dropEmptyClasses()
	return nil
}

// setMasks gives an item its masks.
func (it *Item) setMasks(masks []string) {
	if len(masks) > 0 {
		it.Mask, it.MoreMasks = masks[0], masks[1:]
	}
}

// countOutside counts the images outside the layout, and as masks those that lie in a
// folder of masks.
func (r *reader) countOutside(p *pairing) {
	for _, name := range r.outside {
		switch {
		case p.masks[name]:
		case len(maskPlaces(name, r.options.Normal)) > 0:
			p.masks[name] = true
		default:
			r.Passed.Outside.add(name)
		}
	}
}

// dropEmptyClasses removes the classes of which all files were masks.
func (r *reader) dropEmptyClasses() {
	filled := map[string]bool{}
	for i := range r.Items {
		filled[r.Items[i].Class] = true
	}
	r.Classes = slices.DeleteFunc(r.Classes, func(c string) bool { return !filled[c] })
}

// warnOfTwins warns of images that may be masks by their names, but fit no image.
func (r *reader) warnOfTwins(p *pairing) {
	var twins, loose Count
	for i := range r.Items {
		name := r.Items[i].rel
		if p.masks[name] {
			continue
		}
		if same := p.byKey[stem(name)]; len(same) > 1 && name == same[1] {
			twins.add(name)
		}
		if len(maskPlaces(name, r.options.Normal)) > 0 {
			loose.add(name)
		}
	}
	if twins.N > 0 {
		r.warn("images with the name of another but for the extension: %d (%s); if they are masks, call them NAME%s.png",
			twins.N, twins.Example, maskSuffix)
	}
	if loose.N > 0 {
		r.warn("images in folders with a name for masks: %d (%s); they count as images, since no other image has their names",
			loose.N, loose.Example)
	}
}

// settleMasks gives each mask that fits images of several folders to the anomalous one,
// if there is only one. All labels are known by then.
func (r *reader) settleMasks() {
	byKey := map[string][]*Item{}
	for i := range r.Items {
		if it := &r.Items[i]; !it.Normal && !it.defect && it.Mask == "" {
			byKey[stem(it.rel)] = append(byKey[stem(it.rel)], it)
		}
	}
	var left Count
	var fits []string
	for _, m := range r.open {
		keys := slices.DeleteFunc(slices.Clone(m.keys), func(k string) bool { return byKey[k] == nil })
		if len(keys) == 1 && byKey[keys[0]][0].Mask == "" {
			for _, it := range byKey[keys[0]] {
				it.Mask = r.below(m.mask)
			}
			continue
		}
		r.Passed.Masks.add(m.mask)
		if left.add(m.mask); left.N == 1 {
			fits = m.keys
		}
	}
	if left.N > 0 {
		r.warn("masks that fit images of several folders, and are not used: %d; %s fits %s; "+
			"put masks in folders called like those of the images", left.N, left.Example, list(fits))
	}
}
