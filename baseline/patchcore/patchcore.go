// Package patchcore compares the features of an image's patches with a memory bank of those of
// normal images.
package patchcore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/heat"
	"anomem/baseline/internal/nearest"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
	"anomem/simd/pool"
)

// Config holds the parameters of a detector.
type Config struct {
	Encoder    string  `json:"encoder"`    // a ResNet in safetensors, or an anomem model; "": an untrained network
	Size       int     `json:"size"`       // of the square that the encoder sees; 0: as it was trained
	Stages     []int   `json:"stages"`     // 1 to 4, ascending; patches are the positions of the first one's map
	Candidates int     `json:"candidates"` // patches to choose the bank from; of more, as many drawn at random
	Share      float64 `json:"share"`      // of all patches of the normal images, that the bank keeps
	Bank       int     `json:"bank"`       // patches in the bank at most
	Projected  int     `json:"projected"`  // values of a patch while the bank is chosen; 0: all
	Neighbours int     `json:"neighbours"` // of the nearest patch of the bank, that weigh the score; 1: none do
	Sigma      float64 `json:"sigma"`      // of the blur of maps, in pixels at 224×224
}

// Default returns the configuration of the registry's detector: that of the paper, with its
// smallest coreset.
func Default() Config {
	return Config{Stages: []int{2, 3}, Candidates: 50000, Share: 0.01, Bank: 10000, Projected: 128, Neighbours: 9, Sigma: 4}
}

// Detector scores images by the distance of the patch that is farthest from the memory bank
// (Roth et al., "Towards total recall in industrial anomaly detection", CVPR 2022). Its Config
// may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder
	using   Config // when it was fitted
	pool    *pool.Pool
	bank    *nearest.Rows
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("PatchCore", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// The most of Config's sizes: a bank of 2²⁰ patches of 1536 values takes 12 GiB.
const (
	mostPatches    = 1 << 20
	mostNeighbours = 1000
)

// check says which field of the configuration is out of range.
func (d *Detector) check() error {
	c := d.Config
	fault := ""
	switch {
	case !features.Stages(c.Stages):
		fault = fmt.Sprintf("stages %v: want some of 1 to 4, ascending", c.Stages)
	case c.Candidates < 1 || c.Candidates > mostPatches:
		fault = fmt.Sprintf("%d candidates: want 1 to %d", c.Candidates, mostPatches)
	case !(c.Share > 0 && c.Share <= 1):
		fault = fmt.Sprintf("share %v: want above 0, and 1 at most", c.Share)
	case c.Bank < 1:
		fault = fmt.Sprintf("a bank of %d: want 1 or more", c.Bank)
	case c.Projected < 0:
		fault = fmt.Sprintf("%d projected values: want 0 (none) or more", c.Projected)
	case c.Neighbours < 1 || c.Neighbours > mostNeighbours:
		fault = fmt.Sprintf("%d neighbours: want 1 to %d", c.Neighbours, mostNeighbours)
	case !heat.Sigma(c.Sigma):
		fault = fmt.Sprintf("sigma %v: want 0 (no blur) to %v", c.Sigma, heat.MostSigma)
	default:
		return nil
	}
	return fmt.Errorf("baseline: %s: %s", d.Name(), fault)
}

// Fit implements baseline.Detector. Candidates, the projection and the bank's first patch are
// drawn by o.Seed. It is an error if a field of Config is out of range, or the encoder's file
// cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	if err := d.check(); err != nil {
		return err
	}
	c := d.Config
	c.Stages = slices.Clone(c.Stages)
	e, err := features.Open(d.Name(), features.Config{File: c.Encoder, Size: c.Size}, o)
	if err != nil {
		return err
	}
	d.encoder, d.using, d.pool, d.bank = e, c, o.Pool, nil
	kept := reservoir{most: c.Candidates, r: rng.New(o.Seed, rng.Name("PatchCore"), rng.Name("candidates"))}
	width := 0
	err = normals.Each(ctx, d.Name(), src, func(i int) error {
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return err
		}
		rows, side := patches(e, img, c.Stages)
		width = len(rows) / (side * side)
		kept.add(rows, width)
		return nil
	})
	if err != nil {
		return err
	}
	size := min(int(math.Ceil(c.Share*float64(kept.seen))), c.Bank)
	chosen, err := coreset(ctx, projected(kept.rows, width, c.Projected, o), size, o)
	if err != nil {
		return err
	}
	if o.Note != nil {
		o.Note(fmt.Sprintf("%s: a memory bank of %d of %d patches", d.Name(), len(chosen), kept.seen))
	}
	var bank []float32
	for _, i := range chosen {
		bank = append(bank, kept.rows[i*width:(i+1)*width]...)
	}
	d.bank = nearest.NewRows(bank, width)
	return nil
}

// Score implements baseline.Detector. With p the patch that is farthest from its nearest in the
// bank, m, the score is
//
//	s = (1 - exp‖p - m‖ / Σ_{n ∈ N(m)} exp‖p - n‖) · ‖p - m‖
//
// (eqs. 6 and 7), where N(m) holds m and the patches of the bank nearest to it.
func (d *Detector) Score(img *imageio.Image) float64 {
	rows, _, found := d.look(img)
	at := 0
	for i, n := range found {
		if n.Distance > found[at].Distance {
			at = i
		}
	}
	width := len(rows) / len(found)
	return d.weigh(rows[at*width:(at+1)*width], found[at])
}

// look returns the patches of an image, how many lie along a side, and the nearest of the bank to
// each.
func (d *Detector) look(img *imageio.Image) (rows []float32, side int, found []nearest.Neighbour) {
	if d.bank == nil {
		panic("baseline: PatchCore: Score before Fit")
	}
	rows, side = patches(d.encoder, img, d.using.Stages)
	return rows, side, d.bank.Find(d.pool, rows, 1)
}

// weigh returns the score of a patch whose nearest in the bank is given.
func (d *Detector) weigh(patch []float32, m nearest.Neighbour) float64 {
	around := d.bank.Around(m.Row, min(d.using.Neighbours, d.bank.Len()))
	if len(around) == 1 {
		return m.Distance
	}
	distances := make([]float32, len(around))
	for i, n := range d.bank.Distances(patch, around) {
		distances[i] = float32(n)
	}
	shift := simd.Max(distances)
	weight := float64(simd.Exp32(float32(m.Distance)-shift)) / float64(simd.ExpSum(distances, shift))
	return (1 - weight) * m.Distance
}

// Map returns the distance of each patch from the bank, enlarged to the size that the encoder
// sees, and blurred.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	_, side, found := d.look(img)
	m := &imageio.Map{W: side, H: side, Value: make([]float32, len(found))}
	for i, n := range found {
		m.Value[i] = float32(n.Distance)
	}
	return heat.Smooth(m, d.encoder.Size, d.using.Sigma)
}
