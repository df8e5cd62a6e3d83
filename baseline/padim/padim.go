// Package padim compares the features at each position of an image with a normal distribution of
// those that normal images have there.
package padim

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/heat"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
)

// Config holds the parameters of a detector.
type Config struct {
	Encoder  string  `json:"encoder"`  // a ResNet in safetensors, or an anomem model; "": an untrained network
	Size     int     `json:"size"`     // of the square that the encoder sees; 0: as it was trained
	Stages   []int   `json:"stages"`   // 1 to 4, ascending; positions are those of the first one's map
	Channels int     `json:"channels"` // of those of the stages, drawn at random; all if there are no more
	Epsilon  float64 `json:"epsilon"`  // added to all variances
	Sigma    float64 `json:"sigma"`    // of the blur of maps, in pixels at 224×224
}

// Default returns the configuration of the registry's detector: that of the paper for a
// ResNet-18.
func Default() Config {
	return Config{Stages: []int{1, 2, 3}, Channels: 100, Epsilon: 0.01, Sigma: 4}
}

// Detector scores images by the largest value of the map of
//
//	M(x) = √((x - μ)ᵀ Σ⁻¹ (x - μ))
//
// over positions (Defard, Setkov, Loesch and Audigier, "PaDiM", ICPR 2020, eq. 2). Its Config
// may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder
	sigma   float64
	stages  []int
	drawn   []channel
	normal  *gaussians
}

// channel is a channel of a stage's map.
type channel struct{ stage, at int }

// mostBytes bounds what Fit takes for covariances.
const mostBytes = 4 << 30

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("PaDiM", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// check says which field of the configuration is out of range.
func (d *Detector) check() error {
	c := d.Config
	fault := ""
	switch {
	case !features.Stages(c.Stages):
		fault = fmt.Sprintf("stages %v: want some of 1 to 4, ascending", c.Stages)
	case c.Channels < 1:
		fault = fmt.Sprintf("%d channels: want 1 or more", c.Channels)
	case !(c.Epsilon > 0) || math.IsInf(c.Epsilon, 0):
		fault = fmt.Sprintf("epsilon %v: want above 0", c.Epsilon)
	case !heat.Sigma(c.Sigma):
		fault = fmt.Sprintf("sigma %v: want 0 (no blur) to %v", c.Sigma, heat.MostSigma)
	default:
		return nil
	}
	return fmt.Errorf("baseline: %s: %s", d.Name(), fault)
}

// Fit implements baseline.Detector. Channels are drawn by o.Seed. It is an error if a field of
// Config is out of range, the encoder's file cannot be used, or covariances would take more than
// 4 GiB.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	if err := d.check(); err != nil {
		return err
	}
	c := d.Config
	e, err := features.Open(d.Name(), features.Config{File: c.Encoder, Size: c.Size}, o)
	if err != nil {
		return err
	}
	d.encoder, d.sigma, d.stages, d.normal = e, c.Sigma, slices.Clone(c.Stages), nil
	d.drawn = draw(c, e.Channels(), o.Seed)
	var f *fit
	err = normals.Each(ctx, d.Name(), src, func(i int) error {
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return err
		}
		x := d.embed(img)
		if f == nil {
			if err := d.fits(len(x)/len(d.drawn), len(d.drawn)); err != nil {
				return err
			}
			f = newFit(len(d.drawn), x, o.Pool)
		}
		f.add(x)
		return nil
	})
	if err != nil {
		return err
	}
	g, ok := f.gaussians(c.Epsilon)
	if !ok {
		return fmt.Errorf("baseline: %s: features that are not finite", d.Name())
	}
	d.normal = g
	return nil
}

// fits returns an error if covariances would take more than mostBytes.
func (d *Detector) fits(positions, channels int) error {
	if b := bytes(positions, channels); b > mostBytes {
		return fmt.Errorf("baseline: %s: covariances of %d channels at %d positions take %.1f GiB, above %d: want fewer channels or a smaller size", d.Name(), channels, positions, float64(b)/(1<<30), mostBytes>>30)
	}
	return nil
}

// draw returns the channels that count, in ascending order.
func draw(c Config, channels [4]int, seed uint64) []channel {
	var all []channel
	for _, s := range c.Stages {
		for at := range channels[s-1] {
			all = append(all, channel{s, at})
		}
	}
	if c.Channels >= len(all) {
		return all
	}
	r := rng.New(seed, rng.Name("PaDiM"))
	order := r.Perm(len(all))[:c.Channels]
	slices.Sort(order)
	drawn := make([]channel, len(order))
	for i, k := range order {
		drawn[i] = all[k]
	}
	return drawn
}

// embed returns the channels that count at each position of the first stage's map, [P C]. Those
// of smaller maps are repeated.
func (d *Detector) embed(img *imageio.Image) []float32 {
	var x []float32
	d.encoder.See(img, func(_ *autograd.Graph[float32], maps [4]*autograd.Tensor[float32]) {
		side := maps[d.stages[0]-1].Dim(1)
		x = make([]float32, side*side*len(d.drawn))
		for i, ch := range d.drawn {
			from := maps[ch.stage-1]
			n, c := from.Dim(1), from.Dim(3)
			for p := range side * side {
				y, at := p/side*n/side, p%side*n/side
				x[p*len(d.drawn)+i] = from.Data()[(y*n+at)*c+ch.at]
			}
		}
	})
	return x
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	_, most := d.Map(img).Range()
	return float64(most)
}

// Map returns the distances at the positions, enlarged to the size that the encoder sees, and
// blurred.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	if d.normal == nil {
		panic("baseline: PaDiM: Score before Fit")
	}
	v := d.normal.distances(d.embed(img))
	side := int(math.Sqrt(float64(len(v))))
	return heat.Smooth(&imageio.Map{W: side, H: side, Value: v}, d.encoder.Size, d.sigma)
}
