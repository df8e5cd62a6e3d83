package main

import (
	"context"
	"encoding/json"
	"fmt"

	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
)

// totals is the last line of score --labels --json.
type totals struct {
	eval.Totals
	Trivial []trivial `json:"trivial,omitempty"` // with --trivial
	Normal  normals   `json:"normal"`
	Trained int       `json:"trained_on,omitempty"`    // of the images
	Held    int       `json:"calibrated_by,omitempty"` // of the images
	Kinds   []kind    `json:"kinds,omitempty"`
	ByHand  *float64  `json:"threshold_by_hand,omitempty"`
}

// labelled scores the test images of a dataset and prints how well the scores separate
// anomalies; with beside, how well those of trivial detectors do, too.
func (s *scorer) labelled(ctx context.Context, path string, o dataset.Options, beside, asJSON bool) error {
	o.Decode, o.Region = s.decoder.Decode, s.m.Region()
	d, err := dataset.Open(path, o)
	if err != nil {
		return err
	}
	s.e.warn("read:   " + d.Summary())
	for _, w := range d.Warnings() {
		s.e.warn("warning: " + w)
	}
	items, masks, normals := toTest(d)
	if normals == 0 || normals == len(items) {
		return fmt.Errorf("--labels: of %d images in %s %d are normal: it takes both kinds", len(items), path, normals)
	}
	test, said, err := s.collect(ctx, d, items, masks > 0)
	if err != nil {
		return err
	}
	warnings, err := test.CheckMasks(ctx, 0)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		s.e.warn("warning: " + w)
	}
	seen, err := seenBefore(ctx, s.m, test, s.threads)
	if err != nil {
		return err
	}
	for _, line := range []string{seen.trainedOn("images", "its score says little", "their scores say little"), seen.calibratedBy()} {
		if line != "" {
			s.e.warn("warning: " + line)
		}
	}
	t := totals{Trained: seen.trained, Held: seen.calibrated}
	if t.Totals, err = said.Totals(); err != nil {
		return err
	}
	t.Masks, t.ByHand = masks, s.byHand // the masks of skipped images, too
	t.Normal = s.normals(test)
	if t.Kinds, err = s.kinds(test, said); err != nil {
		return err
	}
	if beside {
		s.bar.phase("trivial detectors", 0)
		if t.Trivial, err = s.trivials(ctx, d, test, masks > 0); err != nil {
			return err
		}
		s.bar.wipe()
	}
	if asJSON {
		return json.NewEncoder(s.e.stdout).Encode(t)
	}
	s.printTotals(t)
	return nil
}

// toTest returns the items of the test split, or all if there is none, and the numbers of
// masks and of normal images among them.
func toTest(d *dataset.Dataset) (items []int, masks, normals int) {
	items = d.Test()
	if len(items) == 0 {
		for i := range d.Items {
			items = append(items, i)
		}
	}
	for _, i := range items {
		if d.Items[i].Mask != "" {
			masks++
		}
		if d.Items[i].Normal {
			normals++
		}
	}
	return items, masks, normals
}

// collect scores items of d and returns those that could be decoded and what the model says
// of them, with the heatmaps of those whose masks are known if maps is set.
func (s *scorer) collect(ctx context.Context, d *dataset.Dataset, items []int, maps bool) (*dataset.Images, *eval.Collector, error) {
	im := d.Images(items)
	var c eval.Collector
	if maps {
		s.located = func(k int, heat *imageio.Map) error {
			mask, known, err := eval.Truth(im, k)
			if err != nil || !known {
				return err
			}
			return c.AddMap(heat, mask)
		}
	}
	s.bar.phase("scoring", len(items))
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		img, err := im.Take(i)
		if err != nil {
			s.unreadable(err)
			continue
		}
		region, err := im.Region(im.Len() - 1)
		if err != nil {
			return nil, nil, err
		}
		if err := s.add(d.Items[i].Path, img, region); err != nil {
			return nil, nil, err
		}
	}
	if err := s.ended(); err != nil {
		return nil, nil, err
	}
	if len(s.scores) == 0 {
		return nil, nil, s.errNothing()
	}
	for k, score := range s.scores {
		c.Add(score, !im.Normal(k))
	}
	return im, &c, nil
}

// printTotals prints the model's totals, and a line for each kind of anomalies and for each
// trivial detector.
func (s *scorer) printTotals(t totals) {
	fmt.Fprintf(s.e.stdout, "images %d  AUROC %.2f %%  average precision %.2f %%", t.Images, 100*t.AUROC, 100*t.AveragePrecision)
	if t.PixelAUROC != nil {
		fmt.Fprintf(s.e.stdout, "  pixel AUROC %.2f %% (%s)", 100**t.PixelAUROC, plural(t.Masks, "mask", "masks"))
	}
	fmt.Fprintln(s.e.stdout)
	s.printNormals(t.Normal)
	s.printKinds(t.Kinds)
	for _, r := range t.Trivial {
		fmt.Fprintf(s.e.stdout, "%-14s AUROC %.2f %%", r.Name, 100*r.AUROC)
		if r.PixelAUROC != nil {
			fmt.Fprintf(s.e.stdout, "  pixel AUROC %.2f %%", 100**r.PixelAUROC)
		}
		fmt.Fprintln(s.e.stdout)
	}
}
