// Package baseline defines what a detector offers that a result is compared with, from an
// image's size to deep nets.
//
// Each detector is a package of its own below this one, with a README that names its source
// and its parameters. Package registry lists them.
package baseline

import (
	"context"
	"time"

	"anomem/dataset"
	"anomem/imageio"
	"anomem/simd/pool"
)

// Detector scores how far images deviate from those that it was fitted to.
type Detector interface {
	// Name returns the detector's name for tables, such as "PCA residual".
	Name() string

	// Fit learns from src: from its normal images alone, or from its known anomalies, too,
	// if the detector is semi-supervised. It keeps no image of src. It returns the first
	// error of src, ctx's error once that is done, and an error of its own if there are
	// fewer than two normal images or one without pixels.
	Fit(ctx context.Context, src dataset.Source, o Options) error

	// Score returns the score of an image; higher is more anomalous. Any number of
	// goroutines may call it once Fit has returned. It panics before.
	Score(img *imageio.Image) float64

	// Map returns where img deviates, at any resolution, or nil if the detector cannot
	// say. It may be called when Score may.
	Map(img *imageio.Image) *imageio.Map
}

// Configurable is a Detector with parameters that can be set by name.
type Configurable interface {
	Detector

	// Settings returns a pointer to the struct of the parameters, whose fields have names for
	// JSON. Fit uses what they hold when it is called.
	Settings() any
}

// Options is what Fit may use. The zero value is valid.
type Options struct {
	Seed   uint64        // of a detector that draws random numbers to learn
	Pool   *pool.Pool    // shares work among threads; nil: one thread
	Budget time.Duration // for a detector that trains; 0: its default
	Note   func(string)  // is told of progress; nil: nobody is
}
