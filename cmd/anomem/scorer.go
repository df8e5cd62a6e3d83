package main

import (
	"fmt"
	"math"
	"runtime/debug"

	"anomem"
	"anomem/describe"
	"anomem/imageio"
)

// scorer scores images in batches, in the order in which they come.
type scorer struct {
	e     *env
	bar   *progress
	m     *anomem.Model
	skip  bool // images that cannot be decoded
	show  func(describe.Image)
	found bool // an anomaly

	decoder *imageio.Decoder // by the model's range
	roi     string           // --roi
	lastROI struct {         // the region read last, which all images may have
		path string
		mask *imageio.Mask
	}

	byHand *float64 // a threshold in place of the model's; nil: the model's

	// What is wanted beside scores.
	threads int               // that write folders
	folders []*pictures       // of heatmaps and the like
	boxes   *describe.Colours // whose threshold bounds regions; nil: none are wanted
	sheet   *sheet            // nil: none is wanted

	// located is given the heatmap of each image that is scored, counted from 0, unless it
	// is nil.
	located func(k int, heat *imageio.Map) error

	names   []string // of waiting
	waiting []*imageio.Image
	regions []*imageio.Mask // of waiting; nil: the model's
	pixels  int             // of waiting
	scores  []float64       // of all so far
	flagged []bool          // likewise
	broken  brokenImages
}

// The limits of a batch, which bound memory. One image may exceed that on pixels.
const (
	mostImages = 16
	mostPixels = 4 << 20
)

// locates reports that heatmaps are wanted.
func (s *scorer) locates() bool {
	return len(s.folders) > 0 || s.boxes != nil || s.sheet != nil || s.located != nil
}

// add takes an image and its region of interest; nil: that of the model.
func (s *scorer) add(name string, img *imageio.Image, region *imageio.Mask) error {
	n := img.W * img.H
	if len(s.waiting) > 0 && s.pixels+n > mostPixels {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.names, s.waiting, s.pixels = append(s.names, name), append(s.waiting, img), s.pixels+n
	s.regions = append(s.regions, region)
	if len(s.waiting) == mostImages || s.pixels >= mostPixels {
		return s.flush() // before the next image is decoded
	}
	return nil
}

// flush scores the images that wait. What decoding a photograph leaves behind, such as its
// pixels as they are stored, is given back before; what scoring leaves, such as a rotated copy,
// before pictures of it are drawn; and these after. Together they would take a GiB.
func (s *scorer) flush() error {
	giveBack := func() {}
	if s.pixels >= mostPixels {
		giveBack = debug.FreeOSMemory
		defer giveBack()
	}
	giveBack()
	all := s.explain()
	giveBack()
	for i, x := range all {
		if err := s.take(s.names[i], s.waiting[i], x); err != nil {
			return err
		}
	}
	if err := writePictures(s.folders, s.threads, s.names, s.waiting, all); err != nil {
		return err
	}
	clear(s.waiting) // for the garbage collector
	s.names, s.waiting, s.regions, s.pixels = s.names[:0], s.waiting[:0], s.regions[:0], 0
	return s.e.stdout.err
}

// explain returns what the model says of the images that wait, with heatmaps if they are
// wanted.
func (s *scorer) explain() []anomem.Explanation {
	if s.locates() {
		return s.m.ExplainIn(s.waiting, s.regions)
	}
	results := s.m.ScoreBatchIn(s.waiting, s.regions)
	all := make([]anomem.Explanation, len(results))
	for i, r := range results {
		all[i].Result = r
	}
	return all
}

// take prints what the model says of an image, and keeps its score.
func (s *scorer) take(name string, img *imageio.Image, x anomem.Explanation) error {
	if math.IsNaN(x.Score) || math.IsInf(x.Score, 0) {
		return fmt.Errorf("%s: its score is %v: the model is broken", name, x.Score)
	}
	d := describe.Scored(name, x.Result)
	if s.byHand != nil {
		d.Judge(*s.byHand)
	}
	s.found = s.found || d.Anomalous
	if s.boxes != nil {
		d.Regions = describe.Regions(x.Heatmap.Regions(s.boxes.Threshold))
	}
	s.show(d)
	if s.sheet != nil {
		s.sheet.add(d, img, x.Heatmap)
	}
	if s.located != nil {
		if err := s.located(len(s.scores), x.Heatmap); err != nil {
			return err
		}
	}
	s.bar.advance()
	s.scores, s.flagged = append(s.scores, x.Score), append(s.flagged, d.Anomalous)
	return nil
}

// unreadable takes an image that cannot be decoded; ended tells of it.
func (s *scorer) unreadable(err error) { s.broken.add(err) }

// ended scores the images that wait, and returns an error if images were broken and are not
// to be skipped.
func (s *scorer) ended() error {
	if err := s.flush(); err != nil {
		return err
	}
	s.bar.wipe()
	if text := otherDepth(s.decoder); text != "" {
		s.e.warn(text)
	}
	s.broken.of = s.broken.n + len(s.scores)
	switch {
	case s.broken.n == 0:
		return nil
	case s.skip:
		s.e.warn(s.broken.skipped())
		return nil
	}
	return &s.broken
}

// errNothing says that no image could be scored; the skipped ones are named before it.
func (s *scorer) errNothing() error {
	return fmt.Errorf("nothing was scored: none of %s can be decoded", plural(s.broken.n, "image", "images"))
}

// verdict says from where on an image is anomalous, and returns that score, +Inf for none.
func (s *scorer) verdict() (text string, threshold float64) {
	if s.byHand != nil {
		return fmt.Sprintf("score %s, anomalous above %g, set by hand", s.m.Config().Score.Kind, *s.byHand), *s.byHand
	}
	threshold, _ = s.m.Threshold()
	return describe.Verdict(s.m), threshold
}
