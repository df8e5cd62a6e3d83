package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"anomem/dataset"
	"anomem/eval"
)

// kind says how well the scores separate one kind of anomalies from the normal images.
type kind struct {
	Name   string   `json:"kind"` // its class
	Images int      `json:"images"`
	AUROC  float64  `json:"auroc"`
	Recall *float64 `json:"recall"` // the share that is called anomalous; null: there is no threshold
}

// kinds returns the kinds of anomalies among the images that were scored, by name; none if
// no class is known.
func (s *scorer) kinds(test *dataset.Images, said *eval.Collector) ([]kind, error) {
	images, found := map[string]int{}, map[string]int{}
	of := func(k int) string { return cmp.Or(test.Item(k).Class, "unknown") }
	known := false
	for k := range s.scores {
		if test.Normal(k) {
			continue
		}
		known = known || test.Item(k).Class != ""
		if images[of(k)]++; s.flagged[k] {
			found[of(k)]++
		}
	}
	if !known {
		return nil, nil
	}
	names := slices.Sorted(maps.Keys(images))
	areas, err := said.ByKind(of, names...)
	if err != nil {
		return nil, err
	}
	var all []kind
	for i, name := range names {
		k := kind{Name: name, Images: images[name], AUROC: areas[i]}
		if s.judges() {
			recall := float64(found[name]) / float64(images[name])
			k.Recall = &recall
		}
		all = append(all, k)
	}
	return all, nil
}

// judges reports that there is a threshold, the model's or one by hand.
func (s *scorer) judges() bool { return s.byHand != nil || s.m.Judges() }

// printKinds prints a line for each kind.
func (s *scorer) printKinds(all []kind) {
	width := 14
	for _, k := range all {
		width = max(width, len([]rune(k.Name)))
	}
	for _, k := range all {
		fmt.Fprintf(s.e.stdout, "%-*s images %d  AUROC %.2f %%", width, k.Name, k.Images, 100*k.AUROC)
		if k.Recall != nil {
			fmt.Fprintf(s.e.stdout, "  recall %.2f %%", 100**k.Recall)
		}
		if s.byHand != nil {
			fmt.Fprintf(s.e.stdout, " (threshold %g by hand)", *s.byHand)
		}
		fmt.Fprintln(s.e.stdout)
	}
}
