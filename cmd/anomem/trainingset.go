package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/loss"
	"anomem/train"
	"anomem/train/augment"
)

// trainingSet is the images of a training: those that it sees, and the normal ones that
// are held out to calibrate.
type trainingSet struct {
	d         *dataset.Dataset
	all, held *images
}

// data opens and decodes what training sees.
func (f *trainFlags) data(ctx context.Context, path string, show *progress) (*trainingSet, error) {
	o := dataset.Options{Layout: f.layout, Fine: f.fine, Defects: f.defects, Masks: f.masks}
	if f.normal != "" {
		o.Normal = strings.Split(f.normal, ",")
	}
	d, err := dataset.Open(path, o)
	if err != nil {
		return nil, err
	}
	if passed := d.Passed.String(); passed != "" {
		show.note("passed over: " + passed)
	}
	items, normals := firstNormals(d, f.images)
	if f.gamma > 0 {
		drawn, err := d.DrawKnown(dataset.KnownAt(f.gamma, normals), f.gammaClass, f.seed)
		if err != nil {
			return nil, err
		}
		d.Label(drawn)
		items, _ = firstNormals(d, f.images)
	}
	im, err := load(ctx, d, items, loadOptions{skip: f.skipBroken, warn: show.note, keep: f.bytes(f.cache), threads: *f.threads})
	if err != nil {
		return nil, err
	}
	if normals = im.Len() - im.anomalies(); normals == 0 {
		return nil, errors.New("no normal images to train on")
	}
	share := f.holdOut
	if need := heldFor(f.falseAlarm); !f.given["hold-out"] && f.falseAlarm > 0 && share*float64(normals) < float64(need) {
		share = float64(min(need, normals/2)) / float64(normals)
	}
	_, out, err := d.HoldOut(im.items, share, f.seed)
	if err != nil {
		return nil, err
	}
	isHeld := map[int]bool{}
	for _, i := range out {
		isHeld[i] = true
	}
	set := &trainingSet{d, im.part(func(i int) bool { return !isHeld[i] }), im.part(func(i int) bool { return isHeld[i] })}
	for k := range set.all.Len() {
		if _, err := set.all.Mask(k); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// firstNormals lists the first most normal items that training may use (0: all), in the
// order of d among the known anomalies, and tells how many are normal.
func firstNormals(d *dataset.Dataset, most int) (items []int, normals int) {
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

// heldFor is how many held-out normal images a false-alarm rate takes, ⌈1/α⌉ - 1.
func heldFor(alpha float64) int {
	if alpha < 1e-9 {
		return math.MaxInt32
	}
	return int(math.Ceil(1/alpha-1e-9)) - 1
}

// smallestRate is the smallest false-alarm rate that n held-out images can promise, as a
// number to type: rounded up; 0, which promises nothing, if there are none.
func smallestRate(n int) string {
	if n == 0 {
		return "0"
	}
	return strconv.FormatFloat(math.Ceil(1e4/float64(n+1))/1e4, 'g', -1, 64)
}

// rolesSeparator stands between the digests of the data and of the roles.
const rolesSeparator = " roles "

// digest names what is trained on: the data, and what each image is there for.
func (s *trainingSet) digest(ctx context.Context, threads int) (string, error) {
	role := map[int]string{}
	for k, i := range s.all.items {
		role[i] = "known"
		if s.all.Normal(k) {
			role[i] = "normal"
		}
	}
	for _, i := range s.held.items {
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

// stepUnits tells how many images, or tiles, of all are normal, and how many a step takes.
func stepUnits(c anomem.Config, o train.Options, all *images) (normals, step int) {
	for k, size := range all.sizes {
		switch {
		case !all.Normal(k):
		case c.Input.Tile == 0:
			normals++
		default:
			normals += len(imageio.Tiles(size[0], size[1], c.Input.Tile, c.Input.Stride))
		}
	}
	step = o.Batch
	if o.Shift != augment.None {
		step /= 2
	}
	return normals, max(1, min(step, normals))
}

// fewerPatterns lowers the numbers of patterns to what the features of the first steps,
// from which they are drawn, offer: half of them, as some may be alike or zero.
func fewerPatterns(c *anomem.Config, o train.Options, all *images) {
	normals, step := stepUnits(*c, o, all)
	rows := min(8, normals/step) * step
	for i, side := range c.MapSides() {
		s := &c.Scales[i]
		s.Patterns = min(s.Patterns, max(1, rows*loss.SampleSize(side, side, s.Ratio)/2))
	}
}
