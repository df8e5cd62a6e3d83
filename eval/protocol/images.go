package protocol

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"anomem/dataset"
	"anomem/imageio"
)

// testShare is the share of the normal images that data without a test split are tested on.
const testShare = 0.3

// images are what a run trains and tests on.
type images struct {
	learn    dataset.Source     // normal images, and known anomalies
	class    func(k int) string // of an image of learn
	test     []testSet
	layout   string
	warnings []string
}

// testSet is images of the test, each of a class.
type testSet struct {
	dataset.Source
	class func(k int) string
	name  func(k int) string // the path below the data
	group func(k int) string // of images whose scores are averaged; nil: none are
}

// open finds and decodes the images of r, of which it keeps so many bytes in memory.
func (r *Run) open(ctx context.Context, threads int, keep int64) (*images, error) {
	d, err := dataset.Open(r.Data.Path, r.Data.options(r.Normal))
	if err != nil {
		return nil, err
	}
	d.Label(nil) // known anomalies are those that are drawn
	test := d.Test()
	split := len(test) > 0
	r.hide(d)
	o := dataset.TrainingOptions{
		Read: dataset.ReadOptions{Keep: keep, Threads: threads},
		Seed: r.Draw, Most: r.Train, Gamma: r.Gamma, GammaClass: r.Known, Fixed: true,
	}
	if !split {
		o.HoldOut = testShare
	}
	several := r.Protocol == LinearEvaluation || len(r.Normal) > 1
	if several {
		o.Most = 0 // the first ones may be of one class
	}
	set, err := d.TrainingSet(ctx, o)
	if err != nil {
		return nil, err
	}
	if several {
		set.All = spaced(set.All, r.Train)
	}
	im := &images{
		learn: r.Data.changed(set.All), class: func(k int) string { return set.All.Item(k).Class },
		layout: d.Layout, warnings: append(d.Warnings(), set.Warnings()...),
	}
	tested := test
	if !split {
		tested = r.untouched(d, set)
	}
	tested = r.unseen(d, tested)
	if len(r.Out) > 0 {
		tested = keepNormal(d, tested)
	}
	if err := r.addTest(ctx, im, d, tested, threads, keep); err != nil {
		return nil, err
	}
	for i := range r.Out {
		if err := r.addOut(ctx, im, &r.Out[i], threads, keep); err != nil {
			return nil, err
		}
	}
	return im, nil
}

// spaced returns at most n of the images, evenly spaced; 0: all.
func spaced(all *dataset.Images, n int) *dataset.Images {
	if n == 0 || n >= all.Len() {
		return all
	}
	keep := map[int]bool{}
	for k := range n {
		keep[all.Index(k*all.Len()/n)] = true
	}
	return all.Part(func(item int) bool { return keep[item] })
}

// untouched returns the items of data without a test split that training has not seen: the
// normal images held out, and the anomalies that were not drawn.
func (r *Run) untouched(d *dataset.Dataset, set *dataset.TrainingSet) []int {
	held := map[int]bool{}
	for k := range set.Held.Len() {
		held[set.Held.Index(k)] = true
	}
	var items []int
	for i := range d.Items {
		if it := &d.Items[i]; held[i] || !it.Normal && !it.Labelled {
			items = append(items, i)
		}
	}
	return items
}

func keepNormal(d *dataset.Dataset, items []int) (normal []int) {
	for _, i := range items {
		if d.Items[i].Normal {
			normal = append(normal, i)
		}
	}
	return normal
}

// addTest adds the images of items to the test, at most Run.Test of each class.
func (r *Run) addTest(ctx context.Context, im *images, d *dataset.Dataset, items []int, threads int, keep int64) error {
	read, err := d.Read(ctx, r.most(d, items), dataset.ReadOptions{Keep: keep, Threads: threads})
	if err != nil {
		return err
	}
	class := func(k int) string { return read.Item(k).Class }
	t := testSet{Source: r.Data.changed(read), class: class, name: namesOf(d, read)}
	if r.Protocol == CrossType {
		t.group = func(k int) string { return read.Item(k).Group }
	}
	im.test = append(im.test, t)
	return nil
}

// addOut adds the test images of another set, or all if it has no test split, as anomalies.
func (r *Run) addOut(ctx context.Context, im *images, out *Data, threads int, keep int64) error {
	classes, err := dataset.ClassesOf(out.Path, out.options(nil))
	if err != nil {
		return err
	}
	d, err := dataset.Open(out.Path, out.options(classes)) // whatever they show is anomalous here
	if err != nil {
		return err
	}
	items := d.Test()
	for i := range d.Items {
		if len(d.Test()) > 0 {
			break
		}
		items = append(items, i)
	}
	read, err := d.Read(ctx, r.most(d, items), dataset.ReadOptions{Keep: keep, Threads: threads})
	if err != nil {
		return err
	}
	name := out.name()
	im.test = append(im.test, testSet{Source: dataset.AllAnomalous(out.changed(read)), class: func(int) string { return name }, name: namesOf(d, read)})
	return nil
}

// namesOf returns the function that names images of d by their paths below it.
func namesOf(d *dataset.Dataset, read *dataset.Images) func(k int) string {
	return func(k int) string {
		path := read.Item(k).Path
		if rel, err := filepath.Rel(d.Root, path); err == nil {
			path = rel
		}
		return filepath.ToSlash(path)
	}
}

// most returns at most Run.Test items of each class, evenly spaced.
func (r *Run) most(d *dataset.Dataset, items []int) []int {
	if r.Test == 0 {
		return items
	}
	total, seen := map[string]int{}, map[string]int{}
	for _, i := range items {
		total[d.Items[i].Class]++
	}
	var few []int
	for _, i := range items {
		class := d.Items[i].Class
		n, k := total[class], seen[class]
		seen[class]++
		// Of n, those at which k·Test/n steps on.
		if n <= r.Test || (k+1)*r.Test/n > k*r.Test/n {
			few = append(few, i)
		}
	}
	return few
}

// changed returns images without their colours, or as squares, as d says.
func (d *Data) changed(s dataset.Source) dataset.Source {
	if !d.Grey && d.Side == 0 {
		return s
	}
	return &changed{s, d.Grey, d.Side}
}

// changed is images that are changed when they are read.
type changed struct {
	dataset.Source
	grey bool
	side int // 0: sizes stay
}

// Size implements dataset.Source.
func (c *changed) Size(i int) (w, h int) {
	if c.side > 0 {
		return c.side, c.side
	}
	return c.Source.Size(i)
}

// Image implements dataset.Source.
func (c *changed) Image(i int) (*imageio.Image, error) {
	img, err := c.Source.Image(i)
	if err != nil {
		return nil, err
	}
	if c.grey {
		img = grey(img)
	}
	if c.side > 0 {
		img = img.Resize(c.side, c.side)
	}
	return img, nil
}

// Mask implements dataset.Source.
func (c *changed) Mask(i int) (*imageio.Mask, error) { return c.mask(c.Source.Mask(i)) }

// Region implements dataset.Source.
func (c *changed) Region(i int) (*imageio.Mask, error) { return c.mask(c.Source.Region(i)) }

func (c *changed) mask(m *imageio.Mask, err error) (*imageio.Mask, error) {
	if err != nil || m == nil || c.side == 0 {
		return m, err
	}
	return m.Resize(c.side, c.side), nil
}

// Range tells by which range of 16-bit values the images were decoded (dataset.RangeOf).
func (c *changed) Range() imageio.Range {
	r, _ := dataset.RangeOf(c.Source)
	return r
}

// grey returns an image whose channels are its luminance (ITU-R BT.601).
func grey(img *imageio.Image) *imageio.Image {
	out := imageio.NewImage(img.W, img.H)
	for i := 0; i < len(img.Pix); i += 3 {
		y := (19595*uint32(img.Pix[i]) + 38470*uint32(img.Pix[i+1]) + 7471*uint32(img.Pix[i+2]) + 1<<15) >> 16
		out.Pix[i], out.Pix[i+1], out.Pix[i+2] = byte(y), byte(y), byte(y)
	}
	return out
}

// counts returns the numbers of normal images and of anomalies of the test. It is an error if there
// are none, or if both are wanted and one is missing.
func (im *images) counts(both bool) (normal, anomalous int, err error) {
	for _, t := range im.test {
		n := dataset.Anomalies(t)
		normal, anomalous = normal+t.Len()-n, anomalous+n
	}
	if normal+anomalous == 0 {
		return 0, 0, errors.New("protocol: there are no images to test on")
	}
	if both && (normal == 0 || anomalous == 0) {
		return 0, 0, fmt.Errorf("protocol: of the images to test on, %d are normal and %d anomalous: it takes both kinds", normal, anomalous)
	}
	return normal, anomalous, nil
}
