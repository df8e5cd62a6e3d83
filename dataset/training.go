package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"anomem"
)

// TrainingSet is the images of a training: those that it learns from, and the normal ones
// that are held out to calibrate by.
type TrainingSet struct {
	All, Held *Images

	d *Dataset
}

// TrainingOptions say which images of a dataset train and which calibrate.
type TrainingOptions struct {
	Read ReadOptions
	Seed uint64

	// Most is how many normal images are used, the first ones; 0: all.
	Most int

	// Gamma is the share of known anomalies to draw from the anomalous classes, or from
	// GammaClass alone; 0: none are drawn.
	Gamma      float64
	GammaClass string

	// HoldOut is the share of the normal images that calibrates. Unless it is fixed, more
	// do where the false-alarm rate Alpha takes more, up to a half.
	HoldOut float64
	Fixed   bool
	Alpha   float64
}

// TrainingSet decodes what a training sees, images and masks. It labels the known anomalies
// that it draws.
func (d *Dataset) TrainingSet(ctx context.Context, o TrainingOptions) (*TrainingSet, error) {
	items, normals := d.firstNormals(o.Most)
	if o.Gamma > 0 {
		drawn, err := d.DrawKnown(KnownAt(o.Gamma, normals), o.GammaClass, o.Seed)
		if err != nil {
			return nil, err
		}
		d.Label(drawn)
		items, _ = d.firstNormals(o.Most)
	}
	im, err := d.Read(ctx, items, o.Read)
	if err != nil {
		return nil, err
	}
	if normals = im.Len() - Anomalies(im); normals == 0 {
		return nil, errors.New("no normal images to train on")
	}
	_, out, err := d.HoldOut(im.items, o.share(normals), o.Seed)
	if err != nil {
		return nil, err
	}
	held := map[int]bool{}
	for _, i := range out {
		held[i] = true
	}
	set := &TrainingSet{
		All:  im.Part(func(i int) bool { return !held[i] }),
		Held: im.Part(func(i int) bool { return held[i] }),
		d:    d,
	}
	for k := range set.All.Len() {
		if _, err := set.All.Mask(k); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// share returns the share of n normal images to hold out.
func (o *TrainingOptions) share(n int) float64 {
	if o.Fixed || o.Alpha <= 0 {
		return o.HoldOut
	}
	need := int(min(anomem.HeldFor(o.Alpha), math.MaxInt32))
	if o.HoldOut*float64(n) >= float64(need) {
		return o.HoldOut
	}
	return float64(min(need, n/2)) / float64(n)
}

// firstNormals returns the first most normal items that training may use (0: all), in the
// order of d among the known anomalies, and how many are normal.
func (d *Dataset) firstNormals(most int) (items []int, normals int) {
	for _, i := range d.Train() {
		if d.Items[i].Normal {
			if most > 0 && normals == most {
				continue
			}
			normals++
		}
		items = append(items, i)
	}
	return items, normals
}

// rolesSeparator stands between the digests of the data and of the roles.
const rolesSeparator = " roles "

// Digest names what is trained on: the data, as Dataset.Digest does, and what each image is
// there for.
func (s *TrainingSet) Digest(ctx context.Context, threads int) (string, error) {
	role := map[int]string{}
	for k, i := range s.All.items {
		role[i] = "known"
		if s.All.Normal(k) {
			role[i] = "normal"
		}
	}
	for _, i := range s.Held.items {
		role[i] = "held"
	}
	items := slices.Sorted(maps.Keys(role))
	data, err := s.d.DigestOf(ctx, items, threads)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, i := range items {
		fmt.Fprintln(h, role[i])
	}
	return fmt.Sprintf("%s%s%x", data, rolesSeparator, h.Sum(nil)[:8]), nil
}

// SameImages reports whether two digests of training sets name the same images, whatever
// these are there for.
func SameImages(a, b string) bool {
	a, _, _ = strings.Cut(a, rolesSeparator)
	b, _, _ = strings.Cut(b, rolesSeparator)
	return a == b
}
