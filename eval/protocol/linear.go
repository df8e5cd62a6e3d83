package protocol

import (
	"context"
	"fmt"
	"slices"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/simd/pool"
)

// representations are the rows of the paper's table 4a, and the one that it leaves out. All
// learn by eq. 7 alone, without rotated copies and heads, and the same features are evaluated:
// those of the last map.
func representations() []ablation {
	with := func(name string, sets ...[]string) ablation {
		alone := []string{"kind=object", "align=never", "shift=none", "train.joint=0", "train.uncontrasted=false"}
		return ablation{name, slices.Concat(append([][]string{alone}, sets...)...)}
	}
	return []ablation{
		with("no memory, last scale", centres, []string{oneScale}),
		with("no memory, all scales", centres),
		with("memory, last scale", []string{oneScale}),
		with("memory, all scales"),
	}
}

// Linear is how well a linear classifier of frozen features tells the classes of the images
// tested on.
type Linear struct {
	Features int              `json:"features"`
	Accuracy float64          `json:"accuracy"` // share of the images whose class is told
	Classes  []LinearAccuracy `json:"classes"`  // in the order of their names
}

// LinearAccuracy is the accuracy on the images of a class.
type LinearAccuracy struct {
	Name     string  `json:"name"`
	Images   int     `json:"images"`
	Accuracy float64 `json:"accuracy"`
}

// featurer is a detector whose features a linear classifier can use.
type featurer interface {
	baseline.Detector

	// Features returns the features of each image, as many of each.
	Features(imgs []*imageio.Image) [][]float32
}

// linear makes a run of the protocol linear: d learns from all images without their classes, and
// a linear classifier learns these from its features.
func (im *images) linear(ctx context.Context, d baseline.Detector, o baseline.Options, result *Result) error {
	f, ok := d.(featurer)
	if !ok {
		return fmt.Errorf("protocol: linear: detector %s has no features to evaluate", result.Run.Detector)
	}
	if err := d.Fit(ctx, im.learn, o); err != nil {
		return err
	}
	names := im.names()
	o.Note(fmt.Sprintf("features of %d images to learn %d classes from", im.learn.Len(), len(names)))
	rows, class, err := featuresOf(ctx, f, im.learn, im.class, names, o.Pool)
	if err != nil {
		return err
	}
	c := len(rows) / len(class)
	l, err := fitLogistic(ctx, rows, c, class, len(names), o.Seed, o.Pool)
	if err != nil {
		return err
	}
	result.Linear = &Linear{Features: c}
	var told, wanted []int
	for _, t := range im.test {
		o.Note(fmt.Sprintf("features of %d images to test on", t.Len()))
		rows, class, err := featuresOf(ctx, f, t.Source, t.class, names, o.Pool)
		if err != nil {
			return err
		}
		told, wanted = append(told, l.classes(rows)...), append(wanted, class...)
	}
	result.Linear.count(names, told, wanted)
	return nil
}

// names returns the classes that are learned from, sorted.
func (im *images) names() []string {
	var all []string
	for k := range im.learn.Len() {
		all = append(all, im.class(k))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// featuresOf returns the features of all images of src, row by row, and the index of the class of
// each among names; -1: none of them.
func featuresOf(ctx context.Context, f featurer, src dataset.Source, class func(k int) string, names []string, p *pool.Pool) (rows []float32, classes []int, err error) {
	for from := 0; from < src.Len(); from += batch {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		n := min(batch, src.Len()-from)
		imgs, errs := make([]*imageio.Image, n), make([]error, n)
		p.Run(chunks(func(k int) { imgs[k], errs[k] = src.Image(from + k) }), n)
		if err := first(errs); err != nil {
			return nil, nil, err
		}
		for k, row := range f.Features(imgs) {
			rows = append(rows, row...)
			classes = append(classes, slices.Index(names, class(from+k)))
		}
	}
	return rows, classes, nil
}

// count sets the accuracies by the class that was told of each image, and the one that it is of.
func (l *Linear) count(names []string, told, wanted []int) {
	right := make([]int, len(names))
	l.Classes = make([]LinearAccuracy, len(names))
	all := 0
	for i, k := range wanted {
		if k < 0 {
			continue
		}
		l.Classes[k].Images++
		if told[i] == k {
			right[k]++
			all++
		}
	}
	for k, name := range names {
		c := &l.Classes[k]
		c.Name, c.Accuracy = name, share(right[k], c.Images)
	}
	l.Accuracy = share(all, len(wanted))
}

// share returns n of all; 0 of none.
func share(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}
