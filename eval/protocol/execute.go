package protocol

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"anomem/baseline"
	"anomem/baseline/registry"
	"anomem/dataset"
	"anomem/simd/pool"
)

// Options is what an execution may use. None changes a result, but for Version, which stands
// in it.
type Options struct {
	Threads int          // < 1: one a CPU
	Keep    int64        // bytes of decoded images to keep in memory, of either training and test
	Version string       // of the program
	Note    func(string) // is told of progress; nil: nobody is

	// New returns a detector by its id; nil: registry.New.
	New func(id string) (baseline.Detector, error)
}

// Execute makes a run: it fits the detector to the images trained on, scores those tested on,
// and measures; it sets Result.Details, too. A panic of the detector is an error. If ctx ends, the error is ctx's.
func Execute(ctx context.Context, r *Run, o Options) (result *Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, err = nil, fmt.Errorf("protocol: detector %s panics: %v\n%s", r.Detector, v, debug.Stack())
		}
	}()
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("protocol: %w", err)
	}
	d, err := configured(r, o.New)
	if err != nil {
		return nil, err
	}
	note := o.Note
	if note == nil {
		note = func(string) {}
	}
	note("reading images")
	im, err := r.open(ctx, o.Threads, o.Keep)
	if err != nil {
		return nil, err
	}
	for _, w := range im.warnings {
		note("warning: " + w)
	}
	result = &Result{Run: *r, Version: o.Version, Title: d.Name(), Layout: im.layout, Known: dataset.Anomalies(im.learn)}
	result.Trained = im.learn.Len() - result.Known
	if result.Normal, result.Anomalous, err = im.counts(r.Protocol != LinearEvaluation); err != nil {
		return nil, err
	}
	p := pool.New(o.Threads)
	defer p.Close()
	note(fmt.Sprintf("training on %d normal images and %d known anomalies", result.Trained, result.Known))
	fit := baseline.Options{Seed: r.Seed, Pool: p, Budget: time.Duration(r.Budget), Note: note}
	if r.Protocol == LinearEvaluation {
		if err := im.linear(ctx, d, fit, result); err != nil {
			return nil, err
		}
		return result, nil
	}
	if err := d.Fit(ctx, im.learn, fit); err != nil {
		return nil, err
	}
	note(fmt.Sprintf("scoring %d normal images and %d anomalies", result.Normal, result.Anomalous))
	if err := im.score(ctx, d, p, result); err != nil {
		return nil, err
	}
	if err := result.measure(); err != nil {
		return nil, err
	}
	note("taking heatmaps, and patterns of a memory")
	if err := im.detail(ctx, d, p, result); err != nil {
		return nil, err
	}
	return result, nil
}

// newDetector returns a detector by its id.
func newDetector(New func(string) (baseline.Detector, error), id string) (baseline.Detector, error) {
	if New == nil {
		New = registry.New
	}
	return New(id)
}

// configured returns the detector of r with its settings.
func configured(r *Run, New func(string) (baseline.Detector, error)) (baseline.Detector, error) {
	d, err := newDetector(New, r.Detector)
	if err != nil {
		return nil, err
	}
	for _, assignment := range r.Set {
		s, ok := setterOf(d)
		if !ok {
			return nil, fmt.Errorf("protocol: detector %s takes no settings, such as %s", r.Detector, assignment)
		}
		if err := s.Set(assignment); err != nil {
			return nil, fmt.Errorf("protocol: detector %s: %w", r.Detector, err)
		}
	}
	return d, nil
}
