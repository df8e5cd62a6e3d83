package train

import (
	"anomem"
	"anomem/dataset"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn/rng"
)

// fillSteps is the largest number of steps whose features the patterns are drawn from.
const fillSteps = 8

// NormalUnits returns the number of normal units of d, which are images or tiles of images,
// and the number of these in a step of stage 1.
func NormalUnits(c anomem.Config, o Options, d dataset.Source) (normals, step int) {
	for k := range d.Len() {
		switch {
		case !d.Normal(k):
		case c.Input.Tile == 0:
			normals++
		default:
			w, h := d.Size(k)
			region, _ := d.Region(k) // who trains is told of an error
			for _, r := range c.Input.Tiles(w, h, 0) {
				if region == nil || region.AnyIn(r) {
					normals++
				}
			}
		}
	}
	return normals, max(1, min(o.Batch/o.Copies(), normals))
}

// LimitPatterns lowers the numbers of patterns in c to half the number of features of the
// first steps, which patterns are drawn from. The other half allows for features that are
// alike or zero.
func LimitPatterns(c *anomem.Config, o Options, d dataset.Source) {
	normals, step := NormalUnits(*c, o, d)
	rows := min(fillSteps, normals/step) * step
	for i, n := range c.MapSizes() {
		s := &c.Scales[i]
		s.Patterns = min(s.Patterns, max(1, rows*loss.SampleSize(n.Y, n.X, s.Ratio)/2))
	}
}

// kmeansRounds bounds the rounds of PatternsKMeans.
const kmeansRounds = 20

// memoryOf returns a memory of n patterns made from features [R channels] as p says.
func memoryOf(p Patterns, features []float32, channels, n int, r rng.Stream, c hopfield.Config) (*hopfield.Memory[float32], error) {
	switch p {
	case PatternsKMeans:
		return hopfield.KMeans(features, channels, n, kmeansRounds, r, c)
	case PatternsRandom:
		return hopfield.Random[float32](n, channels, r, c), nil
	}
	return hopfield.FromFeatures(features, channels, n, r, c)
}
