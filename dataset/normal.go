package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// defaultNormal returns the normal classes where Options name none.
func (d *Dataset) defaultNormal() ([]string, error) {
	if len(d.Classes) == 0 {
		return nil, nil
	}
	if d.Layout == MVTec {
		return []string{goodName}, nil
	}
	var normal []string
	for _, c := range d.Classes {
		if isGood(c) {
			normal = append(normal, c)
		}
	}
	if len(normal) > 0 {
		return normal, nil
	}
	if len(d.Classes) == 1 && d.Layout != Manifest && !isBad(d.Classes[0]) && !isOpen(d.Classes[0]) {
		return d.Classes, nil
	}
	return nil, fmt.Errorf("which class is normal? %s has %s%s; name one or more of them with --normal "+
		"(normal, good, ok and pass need no naming)", d.Name, strings.Join(d.Classes, ", "), d.whyNone())
}

// noneIsNormal reports whether no class of d may be normal by its name.
func (d *Dataset) noneIsNormal() bool { return !slices.ContainsFunc(d.Classes, isOpen) }

// whyNone explains why no class of d is normal by its name.
func (d *Dataset) whyNone() string {
	switch {
	case d.Layout == IDX:
	case !slices.ContainsFunc(d.Classes, func(c string) bool { return !isOpen(c) }):
		return ", which may mean either"
	case !slices.ContainsFunc(d.Classes, func(c string) bool { return !isBad(c) }):
		return ", by name no normal one"
	}
	return ""
}

// setNormal makes the classes called names normal and all others anomalies. The images
// of Options.Defects stay anomalies, and masks decide where there are no classes. It
// fails if a name is no class or has no images.
func (d *Dataset) setNormal(names []string) error {
	for _, name := range names {
		if len(d.Classes) == 0 && d.byMask {
			return fmt.Errorf("%q is no class: %s has none, its masks say which images are normal", name, d.Name)
		}
		if len(d.Classes) == 0 {
			return fmt.Errorf("%q is no class: the layout %s has none, all its images are normal", name, d.Layout)
		}
		if !slices.Contains(d.Classes, name) {
			return fmt.Errorf("%q is no class of %s; its classes are %s", name, d.Name, strings.Join(d.Classes, ", "))
		}
		if !slices.ContainsFunc(d.Items, func(it Item) bool { return it.Class == name && !it.defect }) {
			return fmt.Errorf("class %q is empty: %s has no images of it", name, d.Name)
		}
		if isBad(name) {
			d.warn("class %s is taken for normal, as was asked for, though its name says otherwise", name)
		}
	}
	for i := range d.Items {
		it := &d.Items[i]
		if it.defect {
			continue
		}
		it.Normal = slices.Contains(names, it.Class)
		if len(d.Classes) == 0 {
			it.Normal = !it.marked
		}
		it.Labelled = it.Normal || d.known && it.Split != Test
	}
	return nil
}
