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
	"anomem/imageio"
)

// TrainingSet is the images of one training run: All that it learns from, and the normal
// ones Held out for calibration.
type TrainingSet struct {
	All, Held *Images

	d        *Dataset
	warnings []string
	sums     map[string]string // of the files, as sumFiles returns them; nil: not known yet
}

// Warnings returns what is odd about the masks (see Images.CheckMasks) and about the bits
// of the images.
func (s *TrainingSet) Warnings() []string { return slices.Clone(s.warnings) }

// TrainingOptions divide a dataset into images for training and for calibration.
type TrainingOptions struct {
	Read ReadOptions
	Seed uint64

	// Most is the most normal images to use, the first ones; 0: all.
	Most int

	// Gamma is the share of known anomalies among the images that are not held out. Those
	// of Options.Defects count; the rest is drawn from GammaClass or, for "", from all
	// anomalous classes. 0: none are drawn.
	Gamma      float64
	GammaClass string

	// HoldOut is the share of the normal images to hold out. Unless it is Fixed, it rises,
	// up to a half, to what Promise takes; alpha 0: nothing is promised.
	HoldOut float64
	Fixed   bool
	Promise anomem.Promise

	// Range maps images of 16 bits a channel; nil: the one that the normal images of All
	// use, widened by RangeMargin.
	Range *imageio.Range
}

// TrainingSet draws known anomalies, which it labels, decodes all images that training may
// use, checks their masks, and holds some out. From then on, d decodes images of 16 bits a
// channel by the range that Images.Range returns, unless Options.Decode was given.
//
// It fails with a *BrokenError or the error of a mask, with a *FaultsError of all of them
// if there are several, with ctx's error, or where DrawKnown or HoldOut fail, if there are
// no normal images, and if Options.Defects alone are more than Gamma allows.
func (d *Dataset) TrainingSet(ctx context.Context, o TrainingOptions) (*TrainingSet, error) {
	items, err := d.candidates(&o)
	if err != nil {
		return nil, err
	}
	if d.decoder != nil {
		d.decodeBy(d.decoder.Range) // it counts anew
	}
	im, broken, err := d.read(ctx, items, o.Read)
	if err != nil {
		return nil, err
	}
	warnings, errs, err := im.checkMasks(ctx, o.Read.Threads)
	if err == nil {
		err = faults(append(broken, errs...))
	}
	if err != nil {
		return nil, err
	}
	normals := im.Len() - Anomalies(im)
	if normals == 0 {
		return nil, errors.New("no normal images to train on")
	}
	if err := checkShare(o.HoldOut); err != nil {
		return nil, err
	}
	_, out, err := d.holdOut(im.items, o.held(normals), o.Seed)
	if err != nil {
		return nil, err
	}
	held := map[int]bool{}
	for _, i := range out {
		held[i] = true
	}
	if im, err = d.drawKnown(im, normals-len(out), &o); err != nil {
		return nil, err
	}
	set := &TrainingSet{
		All:  im.Part(func(i int) bool { return !held[i] }),
		Held: im.Part(func(i int) bool { return held[i] }),

		d:        d,
		warnings: warnings,
	}
	if err := set.useRange(ctx, o); err != nil {
		return nil, err
	}
	return set, nil
}

// held returns how many of n normal images to hold out.
func (o *TrainingOptions) held(n int) int {
	want := ceil(times(o.HoldOut, n))
	if o.Fixed || o.Promise.Alpha <= 0 {
		return want
	}
	need := int(min(o.Promise.Held(), math.MaxInt32))
	if want >= need {
		return want
	}
	return min(need, n/2)
}

// candidates returns the items that training may use, with as many anomalies as may be
// drawn. How many are is known once images are decoded and held out.
func (d *Dataset) candidates(o *TrainingOptions) ([]int, error) {
	items, normals := d.firstNormals(o.Most)
	if o.Gamma == 0 {
		return items, nil
	}
	most := min(KnownAt(o.Gamma, normals), len(d.drawable(o.GammaClass)))
	drawn, err := d.DrawKnown(most, o.GammaClass, o.Seed)
	if err != nil {
		return nil, err
	}
	d.Label(append(drawn, d.given()...))
	items, _ = d.firstNormals(o.Most)
	return items, nil
}

// drawKnown returns im without the anomalies that are too many beside normals normal images
// that are not held out.
func (d *Dataset) drawKnown(im *Images, normals int, o *TrainingOptions) (*Images, error) {
	if o.Gamma == 0 {
		return im, nil
	}
	want, given := KnownAt(o.Gamma, normals), d.given()
	if len(given) > want {
		return nil, fmt.Errorf("dataset: a share %v of known anomalies beside %d normal images is %d, and %d defects were given: ask for a larger share, or for none", o.Gamma, normals, want, len(given))
	}
	drawn, err := d.DrawKnown(want-len(given), o.GammaClass, o.Seed)
	if err != nil {
		return nil, err
	}
	d.Label(append(drawn, given...))
	return im.Part(func(i int) bool { return d.Items[i].Labelled }), nil
}

// given returns the indices of the images of Options.Defects that are known anomalies.
func (d *Dataset) given() []int {
	return d.where(func(it *Item) bool { return it.defect && it.Labelled })
}

// firstNormals returns the items that training may use, in the order of d, with only the
// first most of the normal ones (0: all), and the number of those.
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

// rolesSeparator separates the digests of the images and of their roles.
const rolesSeparator = " roles "

// Digest returns a digest of the images, as Dataset.Digest does, and of the role of each:
// normal, known anomaly or held out. It reads all files, unless Seen has done so.
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
	if err := s.sumFiles(ctx, threads); err != nil {
		return "", err
	}
	data := s.d.digest(items, s.sums)
	h := sha256.New()
	for _, i := range items {
		fmt.Fprintln(h, role[i])
	}
	return fmt.Sprintf("%s%s%x", data, rolesSeparator, h.Sum(nil)[:8]), nil
}

// sumFiles reads all files of s, once.
func (s *TrainingSet) sumFiles(ctx context.Context, threads int) (err error) {
	if s.sums == nil {
		s.sums, err = s.d.sumFiles(ctx, slices.Concat(s.All.items, s.Held.items), threads)
	}
	return err
}

// Seen returns the fingerprints of the images for the model that is trained on All and
// calibrated by Held. It reads all files, unless Digest has done so.
func (s *TrainingSet) Seen(ctx context.Context, threads int) (*anomem.Seen, error) {
	if err := s.sumFiles(ctx, threads); err != nil {
		return nil, err
	}
	trained, err := s.All.fingerprints(ctx, s.sums, threads)
	if err != nil {
		return nil, err
	}
	held, err := s.Held.fingerprints(ctx, s.sums, threads)
	if err != nil {
		return nil, err
	}
	return anomem.NewSeen(trained, held), nil
}

// SameImages reports whether two digests of training sets have the same images, whatever
// their roles.
func SameImages(a, b string) bool {
	a, _, _ = strings.Cut(a, rolesSeparator)
	b, _, _ = strings.Cut(b, rolesSeparator)
	return a == b
}
