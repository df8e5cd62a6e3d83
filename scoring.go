package anomem

import (
	"cmp"
	"math"
	"slices"

	"anomem/autograd"
)

// Scoring is how what a model says of an image's squares, and of its rotated copies,
// becomes the image's score. Scoring and training share it.
type Scoring struct {
	kind           ScoreKind
	top            float64
	rotations      bool
	rotationWeight float64   // of the heads for rotated copies; 0: there are none
	lambda         []float64 // of the scales
}

// Scoring returns the scoring that c asks for.
func (c *Config) Scoring() Scoring {
	s := Scoring{kind: c.Score.Kind, top: c.Score.Top, rotations: c.Score.Rotations}
	if c.Score.Kind == ScoreHeads {
		s.rotationWeight = c.Head.RotationWeight
	}
	for _, scale := range c.Scales {
		s.lambda = append(s.lambda, scale.Lambda)
	}
	return s
}

// Copies is how many copies of an image are scored: the image itself and, if it is held
// against its rotated copies, three of these.
func (s Scoring) Copies() int {
	if s.rotations {
		return 4
	}
	return 1
}

// CopiesOf returns the copies of each image that are scored, one image's after another's:
// rotated by none, one, two and three quarters.
func (s Scoring) CopiesOf(imgs []*Image) []*Image {
	if !s.rotations {
		return imgs
	}
	var all []*Image
	for _, img := range imgs {
		for quarters := range s.Copies() {
			all = append(all, img.Rotate90(quarters))
		}
	}
	return all
}

// AtScale returns an image's score at a scale from those of its copies, in the order of
// CopiesOf: its own, less the mean of its rotated copies' if these are scored. With two heads
// a scale, copies are scored by the head for rotated copies, whose result counts by its
// weight, and own is what the head for known anomalies says of the image.
func (s Scoring) AtScale(copies []float64, own float64) float64 {
	score := copies[0]
	if s.rotations {
		score -= (copies[1] + copies[2] + copies[3]) / 3
	}
	if s.paired() {
		score = own + float64(s.rotationWeight*score)
	}
	return score
}

// Merge returns an image's score from those at each scale: eq. 13.
func (s Scoring) Merge(scales []float64) float64 { return Merge(scales, s.lambda) }

// paired reports whether there are two heads a scale.
func (s Scoring) paired() bool { return s.rotationWeight > 0 }

// reduce returns an image's score at a scale from the numbers of all its squares: the mean
// of the top share of the positions' deviations, or the largest of one number a square or
// cell. A NaN among them gives NaN.
func (s Scoring) reduce(v []float32) float64 {
	worst := float64(slices.Max(v))
	if s.kind != ScoreCosine || math.IsNaN(worst) {
		return worst
	}
	n := len(v)
	if s.top < 1 {
		n = topOf(s.top, n)
		slices.SortFunc(v, func(a, b float32) int { return cmp.Compare(b, a) })
	}
	var sum float64
	for _, x := range v[:n] {
		sum += float64(x)
	}
	return sum / float64(n)
}

// topOf returns how many the share top of n are, rounded up, at least one. The share
// counts as it is written in decimal: 0.07 of 100 are 7, although the float64 nearest 0.07
// is a little more.
func topOf(top float64, n int) int {
	return min(n, max(1, int(math.Ceil(float64(top*float64(n))-1e-9))))
}

// numbers returns what of each square enters its image's score at scale s: the cosine
// deviation of each position, the norm of the deviation map (eq. 9), or the distance that
// heads give the square or each of its cells (eq. 10).
func (m *Model) numbers(g *autograd.Graph[float32], heads []*Head[float32], s int, a Analysis) []float32 {
	d := a.Value
	g.NoGrad(func() {
		switch m.scoring.kind {
		case ScoreHeads:
			d = heads[s].Forward(g, a.Delta)
		case ScoreL2:
			d = MapNorm(g, a.Delta)
		}
	})
	return d.Data()
}
