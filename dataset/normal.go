package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// normalWords are the names of classes that are normal by default, in lower case. 1 is
// the paper's y = 1.
var normalWords = []string{"normal", "good", "ok", "1"}

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
		if slices.Contains(normalWords, strings.ToLower(c)) && !d.numbered() {
			normal = append(normal, c)
		}
	}
	if len(normal) == 0 && len(d.Classes) == 1 && d.Layout != Manifest {
		return d.Classes, nil
	}
	if len(normal) == 0 {
		return nil, fmt.Errorf("which class is normal? %s has %s; name one or more of them (%s need no naming)",
			d.Name, strings.Join(d.Classes, ", "), strings.Join(normalWords, ", "))
	}
	return normal, nil
}

// numbered reports whether classes are named by numbers, where 1 does not mean normal.
func (d *Dataset) numbered() bool { return d.Layout == IDX }

// setNormal makes the classes called names normal and all others anomalies. The images
// of Options.Defects stay anomalies. It fails if a name is no class or has no images.
func (d *Dataset) setNormal(names []string) error {
	for _, name := range names {
		if len(d.Classes) == 0 {
			return fmt.Errorf("%q is no class: the layout %s has none, all its images are normal", name, d.Layout)
		}
		if !slices.Contains(d.Classes, name) {
			return fmt.Errorf("%q is no class of %s; its classes are %s", name, d.Name, strings.Join(d.Classes, ", "))
		}
		if !slices.ContainsFunc(d.Items, func(it Item) bool { return it.Class == name && !it.defect }) {
			return fmt.Errorf("class %q is empty: %s has no images of it", name, d.Name)
		}
	}
	for i := range d.Items {
		it := &d.Items[i]
		if it.defect {
			continue
		}
		it.Normal = len(d.Classes) == 0 || slices.Contains(names, it.Class)
		it.Labelled = it.Normal || d.known && it.Split != Test
	}
	return nil
}
