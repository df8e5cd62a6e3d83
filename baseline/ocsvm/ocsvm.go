// Package ocsvm scores images by a one-class support vector machine on their pixels or on a
// network's features.
package ocsvm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/nearest"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
)

// Config holds the parameters of a detector.
type Config struct {
	Nu        float64 `json:"nu"`        // ν: at most this share of the normal images scores above 0, at least this share supports
	Gamma     float64 `json:"gamma"`     // γ of exp(-γ‖x-y‖²); 0: one over the number of values and their variance
	Tolerance float64 `json:"tolerance"` // of the conditions of an optimum
	Side      int     `json:"side"`      // of the square of pixels, which count from 0 to 1
	Encoder   string  `json:"encoder"`   // a ResNet in safetensors, or an anomem model, whose features take the place of pixels
	Size      int     `json:"size"`      // of the square that the encoder sees; 0: as it was trained
	Most      int     `json:"most"`      // normal images to learn from; of more, as many drawn at random
}

// Default returns the configuration of the registry's detector.
func Default() Config { return Config{Nu: 0.1, Tolerance: 1e-3, Side: 32, Most: 8000} }

// Detector scores images by
//
//	s(x) = ρ - Σ_i α_i·exp(-γ‖x_i - x‖²)
//
// over the normal images x_i: the decision function of a ν-SVM for one class (B. Schölkopf et
// al., Estimating the support of a high-dimensional distribution, Neural Computation 13, 2001,
// eq. 10), times -νn. Its Config may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder // nil: pixels
	side    int
	machine *machine
}

// machine is a solution of the problem.
type machine struct {
	support *nearest.Rows
	alpha   []float64 // of each support vector
	gamma   float32
	rho     float64
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string {
	if d.Config.Encoder == "" {
		return "OC-SVM on pixels"
	}
	return "OC-SVM on features"
}

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// check says which field of the configuration is out of range.
func (d *Detector) check() error {
	c := d.Config
	fault := ""
	switch {
	case !(c.Nu > 0 && c.Nu <= 1):
		fault = fmt.Sprintf("nu %v: want above 0, and 1 at most", c.Nu)
	case !(c.Gamma >= 0) || math.IsInf(c.Gamma, 0):
		fault = fmt.Sprintf("gamma %v: want 0 (by the variance) or above", c.Gamma)
	case !(c.Tolerance > 0):
		fault = fmt.Sprintf("tolerance %v: want above 0", c.Tolerance)
	case c.Encoder == "" && c.Side < 1:
		fault = fmt.Sprintf("side %d: want 1 or more", c.Side)
	case c.Most < 2 || c.Most > 1<<15:
		fault = fmt.Sprintf("%d normal images at most: want 2 to %d, whose kernel takes 4 GiB", c.Most, 1<<15)
	default:
		return nil
	}
	return fmt.Errorf("baseline: %s: %s", d.Name(), fault)
}

// Fit implements baseline.Detector. It holds a kernel of all pairs of normal images, 4n² bytes.
// It is an error if a field of Config is out of range, or the encoder's file cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) (err error) {
	if err := d.check(); err != nil {
		return err
	}
	d.side, d.encoder, d.machine = d.Config.Side, nil, nil
	if d.Config.Encoder != "" {
		if d.encoder, err = features.Open(d.Name(), features.Config{File: d.Config.Encoder, Size: d.Config.Size}, o); err != nil {
			return err
		}
	}
	rows, width, err := d.rows(ctx, src, o)
	if err != nil {
		return err
	}
	d.machine, err = train(ctx, rows, width, d.Config, o)
	return err
}

// rows returns what is seen of the normal images of src, or of some of them, row by row.
func (d *Detector) rows(ctx context.Context, src dataset.Source, o baseline.Options) (rows []float32, width int, err error) {
	drawn := some(src, d.Config.Most, o.Seed)
	err = normals.Each(ctx, d.Name(), src, func(i int) error {
		if drawn != nil && !drawn[i] {
			return nil
		}
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return err
		}
		row := d.see(img)
		width = len(row)
		rows = append(rows, row...)
		return nil
	})
	if drawn != nil && o.Note != nil {
		o.Note(fmt.Sprintf("%s: learns from %d of the normal images, drawn at random", d.Name(), d.Config.Most))
	}
	return rows, width, err
}

// some draws most of the normal images of src; nil: there are no more.
func some(src dataset.Source, most int, seed uint64) map[int]bool {
	var all []int
	for i := range src.Len() {
		if src.Normal(i) {
			all = append(all, i)
		}
	}
	if len(all) <= most {
		return nil
	}
	r := rng.New(seed, rng.Name("one-class SVM"))
	drawn := map[int]bool{}
	for _, k := range r.Perm(len(all))[:most] {
		drawn[all[k]] = true
	}
	return drawn
}

// see returns the values of an image.
func (d *Detector) see(img *imageio.Image) []float32 {
	if d.encoder != nil {
		return d.encoder.Pooled(img)
	}
	means := img.Means(d.side, d.side)
	row := make([]float32, len(means))
	for i, v := range means {
		row[i] = float32(v / 255)
	}
	return row
}

// train solves the problem for rows [n width].
func train(ctx context.Context, rows []float32, width int, c Config, o baseline.Options) (*machine, error) {
	m := &machine{gamma: float32(c.Gamma)}
	if c.Gamma == 0 {
		m.gamma = scale(rows, width)
	}
	all := nearest.NewRows(slices.Clone(rows), width)
	kernel := all.Own(o.Pool)
	n := all.Len()
	for i := range n {
		kernel[i*(n+1)] = 0
		m.similarity(kernel[i*n : (i+1)*n])
	}
	s := newSolver(kernel, n, c.Nu)
	if err := s.solve(ctx, c.Tolerance); err != nil {
		return nil, err
	}
	m.rho = s.offset()
	var support []float32
	for i, a := range s.alpha {
		if a > 0 {
			m.alpha = append(m.alpha, a)
			support = append(support, rows[i*width:(i+1)*width]...)
		}
	}
	m.support = nearest.NewRows(support, width)
	return m, nil
}

// similarity replaces squared distances by exp(-γd²).
func (m *machine) similarity(squares []float32) {
	simd.Scale(squares, squares, -m.gamma)
	simd.Exp(squares, squares)
}

// scale returns one over the number of values of a row and the variance of all; 1 if they do
// not vary.
func scale(rows []float32, width int) float32 {
	var mean, variance float64
	for _, v := range rows {
		mean += float64(v)
	}
	mean /= float64(len(rows))
	for _, v := range rows {
		variance += float64((float64(v) - mean) * (float64(v) - mean))
	}
	if variance == 0 {
		return 1
	}
	return float32(float64(len(rows)) / (float64(width) * variance))
}

// score returns ρ - Σ_i α_i·exp(-γ‖x_i - x‖²).
func (m *machine) score(x []float32) float64 {
	k := m.support.Squares(nil, x)
	m.similarity(k)
	var sum float64
	for i, a := range m.alpha {
		sum += float64(a * float64(k[i]))
	}
	return m.rho - sum
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	if d.machine == nil {
		panic("baseline: OC-SVM: Score before Fit")
	}
	return d.machine.score(d.see(img))
}

// Map returns nil: a kernel of whole images says nothing of where they differ.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
