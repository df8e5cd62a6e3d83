// Package textureenergy scores images by the energies of their texture.
package textureenergy

import (
	"context"
	"fmt"
	"math"

	"anomem/baseline"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/imageio/energy"
	"anomem/internal/cholesky"
)

// Config holds the parameters of a detector.
type Config struct {
	Window int `json:"window"` // side in pixels; 0: an eighth of the shorter side of the first normal image
}

// Default returns the configuration of the registry's detector.
func Default() Config { return Config{} }

// Detector describes the energies v of a texture in windows anywhere on normal images by one normal
// distribution. The score of an image is the largest Mahalanobis distance of its windows,
//
//	s = max √((v - μ)ᵀ Σ⁻¹ (v - μ) / C)
//
// about 1 for what is normal. Its Config may be changed until Fit.
type Detector struct {
	Config Config

	window int
	mean   []float64 // μ, [C]
	whiten []float64 // L⁻¹ with LLᵀ = Σ, [C C]
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "texture energy" }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// ridge is the share of the mean variance that is added to all variances.
const ridge = 1e-3

// least is added to all variances, for images that show nothing: the square of a thousandth of a
// level.
const least = 1e-6

// Fit implements baseline.Detector. It is an error if the window is below 0.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, _ baseline.Options) error {
	if d.Config.Window < 0 {
		return fmt.Errorf("baseline: %s: a window of %d pixels", d.Name(), d.Config.Window)
	}
	d.window = d.Config.Window
	var rows []float32
	err := normals.Each(ctx, d.Name(), src, func(i int) error {
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return err
		}
		if d.window == 0 {
			d.window = max(1, min(img.W, img.H)/8)
		}
		rows = append(rows, energy.Of(img, d.window).Value...)
		return nil
	})
	if err != nil {
		return err
	}
	mean, covariance := moments(rows, energy.Values)
	whiten, ok := cholesky.Inverse(covariance, energy.Values)
	if !ok {
		return fmt.Errorf("baseline: %s: the energies have no covariance", d.Name())
	}
	d.mean, d.whiten = mean, whiten
	return nil
}

// moments returns the mean [c] and the covariance [c c] of rows, with a ridge.
func moments(rows []float32, c int) (mean, covariance []float64) {
	n := len(rows) / c
	mean, covariance = make([]float64, c), make([]float64, c*c)
	for i, v := range rows {
		mean[i%c] += float64(v) / float64(n)
	}
	off := make([]float64, c)
	for r := range n {
		for i := range off {
			off[i] = float64(rows[r*c+i]) - mean[i]
		}
		for i, a := range off {
			for j, b := range off {
				covariance[i*c+j] += float64(a*b) / float64(n)
			}
		}
	}
	var trace float64
	for i := range c {
		trace += covariance[i*(c+1)]
	}
	for i := range c {
		covariance[i*(c+1)] += float64(ridge*trace)/float64(c) + least
	}
	return mean, covariance
}

// Map returns the distances of the windows.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	if d.mean == nil {
		panic("baseline: texture energy: Map before Fit")
	}
	of := energy.Of(img, d.window)
	m := &imageio.Map{W: of.Cols, H: of.Rows, Value: make([]float32, of.Rows*of.Cols)}
	const c = energy.Values
	for k := range m.Value {
		var square float64
		for i := range c {
			var y float64
			for j := range i + 1 {
				y += float64(d.whiten[i*c+j] * (float64(of.Value[k*c+j]) - d.mean[j]))
			}
			square += float64(y * y)
		}
		m.Value[k] = float32(math.Sqrt(square / c))
	}
	return m
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	_, worst := d.Map(img).Range()
	return float64(worst)
}
