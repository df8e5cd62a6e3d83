package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
)

// scorer scores images in batches, in the order in which they come.
type scorer struct {
	e     *env
	m     *anomem.Model
	skip  bool // images that cannot be decoded
	show  func(describe.Image)
	found bool // an anomaly

	// What is wanted beside scores.
	threads int         // that write folders
	folders []*pictures // of heatmaps and the like
	regions *colours    // say above which value of heatmaps regions are; nil: none are wanted
	sheet   *sheet      // nil: none is wanted

	// located is given the heatmap of each image that is scored, counted from 0, unless it
	// is nil.
	located func(k int, heat *imageio.Map) error

	names   []string // of waiting
	waiting []*imageio.Image
	pixels  int       // of waiting
	scores  []float64 // of all so far
}

// The limits of a batch, which bound memory. One image may exceed that on pixels.
const (
	mostImages = 16
	mostPixels = 4 << 20
)

// locates reports that heatmaps are wanted.
func (s *scorer) locates() bool {
	return len(s.folders) > 0 || s.regions != nil || s.sheet != nil || s.located != nil
}

// add takes an image.
func (s *scorer) add(name string, img *imageio.Image) error {
	n := img.W * img.H
	if len(s.waiting) > 0 && s.pixels+n > mostPixels {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.names, s.waiting, s.pixels = append(s.names, name), append(s.waiting, img), s.pixels+n
	if len(s.waiting) == mostImages || s.pixels >= mostPixels {
		return s.flush() // before the next image is decoded
	}
	return nil
}

// flush scores the images that wait.
func (s *scorer) flush() error {
	all := s.explain()
	for i, x := range all {
		if err := s.take(s.names[i], s.waiting[i], x); err != nil {
			return err
		}
	}
	if err := writePictures(s.folders, s.threads, s.names, s.waiting, all); err != nil {
		return err
	}
	clear(s.waiting) // for the garbage collector
	s.names, s.waiting, s.pixels = s.names[:0], s.waiting[:0], 0
	return s.e.stdout.err
}

// explain returns what the model says of the images that wait, with heatmaps if they are
// wanted.
func (s *scorer) explain() []anomem.Explanation {
	if s.locates() {
		return s.m.Explain(s.waiting)
	}
	results := s.m.ScoreBatch(s.waiting)
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
	s.found = s.found || x.Anomalous
	d := describe.Scored(name, x.Result)
	if s.regions != nil {
		d.Regions = describe.Regions(x.Heatmap.Regions(s.regions.threshold))
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
	s.scores = append(s.scores, x.Score)
	return nil
}

// broken takes an image that cannot be decoded.
func (s *scorer) broken(err error) error {
	if !s.skip {
		return errors.Join(err, s.flush()) // what came before is scored
	}
	s.e.warn(fmt.Sprintf("skipped: %v", err))
	return nil
}

// paths scores files and the images below folders.
func (s *scorer) paths(ctx context.Context, paths []string) error {
	found := false
	for _, path := range paths {
		files, passed, err := dataset.Files(path)
		if err != nil {
			return err
		}
		if text := passed.String(); text != "" {
			s.e.warn(fmt.Sprintf("passed over in %s: %s", path, text))
		}
		for _, name := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			found = true
			img, err := imageio.DecodeFile(name)
			if err != nil {
				err = s.broken(err)
			} else {
				err = s.add(name, img)
			}
			if err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("no image in %s", strings.Join(paths, ", "))
	}
	return s.flush()
}
