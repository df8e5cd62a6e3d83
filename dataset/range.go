package dataset

import (
	"context"
	"fmt"
	"os"

	"anomem/imageio"
)

// RangeMargin is the part of its width by which the range of normal images is widened at
// either end: values that somewhat exceed those of all normal images must not look like
// these. Three quarters or more of the 256 levels are left to normal images.
const RangeMargin = 0.125

// oddShare is the share of the values, at either end of the range, that are taken for dead
// and hot pixels.
const oddShare = 0.0001

// Range returns the range by which images of 16 bits a channel are decoded; the zero Range
// if none was set, or if Options.Decode decodes them.
func (im *Images) Range() imageio.Range {
	if im.d.decoder == nil {
		return imageio.Range{}
	}
	return im.d.decoder.Range
}

// decodeBy makes d decode images of 16 bits a channel by a range.
func (d *Dataset) decodeBy(g imageio.Range) {
	d.decoder = &imageio.Decoder{Range: g}
	d.decode = d.decoder.Decode
}

// useRange sets the range of the dataset, by which it decodes the images of s again. Where
// the images of All have 8 bits a channel and no range is given, nothing changes.
func (s *TrainingSet) useRange(ctx context.Context, o TrainingOptions) error {
	if s.d.decoder == nil {
		return nil
	}
	shallow, deep := s.d.decoder.Depths()
	var g imageio.Range
	switch {
	case o.Range != nil:
		g = *o.Range
	case deep > 0:
		var err error
		if g, err = s.measure(ctx, o.Read.Threads); err != nil {
			return err
		}
	}
	if deep > 0 && shallow > 0 {
		s.warnings = append(s.warnings, fmt.Sprintf("images of 8 bits a channel: %d, of 16: %d; only the latter are mapped by a range (%v)", shallow, deep, g))
	}
	if g == s.All.Range() {
		return nil
	}
	s.d.decodeBy(g)
	// All and Held share a loader, whose images are decoded by another range.
	l := NewLoader(s.d, s.All.loader.o)
	s.All.loader, s.Held.loader = l, l
	_, err := l.Warm(ctx, o.Read.Threads)
	return err
}

// measure returns the range of the normal images that are trained on, and the zero Range
// if none of these has 16 bits a channel. Held-out images have no part in it, as images
// to come have none.
func (s *TrainingSet) measure(ctx context.Context, threads int) (imageio.Range, error) {
	var meter imageio.RangeMeter
	errs := make([]error, s.All.Len())
	err := each(ctx, threads, s.All.Len(), func(k int) {
		if it := s.All.Item(k); it.Normal && it.archive == nil {
			errs[k] = addFile(&meter, it.Path)
		}
	})
	if err == nil {
		err = faults(errs)
	}
	g, ok := imageio.Range{}, false
	if err == nil {
		g, ok = meter.Range(oddShare)
	}
	switch {
	case err != nil || meter.Pictures == 0:
		return imageio.Range{}, err
	case !ok: // all values are one
		return imageio.Full, nil
	}
	return g.Widened(RangeMargin), nil
}

// addFile adds an image file to a meter.
func addFile(meter *imageio.RangeMeter, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := meter.Add(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
