package anomem

import (
	"cmp"
	"math"
	"slices"

	"anomem/autograd"
)

// Scoring computes the score of an image from the numbers that a model gives its squares
// and its rotated copies. Inference and training share it.
type Scoring struct {
	kind           ScoreKind
	top            float64
	rotations      bool
	rotationWeight float64   // of the heads for rotated copies; 0: there are none
	lambda         []float64 // of the scales
}

// Scoring returns the scoring that c describes.
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

// Copies returns the number of copies of an image to be scored: the image itself and, if it
// is compared with its rotated copies, three of these.
func (s Scoring) Copies() int {
	if s.rotations {
		return 4
	}
	return 1
}

// CopiesOf returns the copies of imgs to be scored, image by image: the images themselves
// or, if they are compared with rotated copies, each rotated by 0 to 3 quarter turns.
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

// AtScale returns the score of an image at a scale. copies holds the scores of its copies
// in the order of CopiesOf; the score is the first one, less the mean of the rotated
// copies' if there are any. With two heads a scale, copies are scored by the head for
// rotated copies. The score is then own, the distance by the head for known anomalies, plus
// the rotation weight times that difference.
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

// Merge returns the score of an image from those at each scale by eq. 13.
func (s Scoring) Merge(scales []float64) float64 { return Merge(scales, s.lambda) }

// paired reports whether there are two heads a scale.
func (s Scoring) paired() bool { return s.rotationWeight > 0 }

// reduce returns the score of an image at a scale from the numbers v of all its squares,
// and may reorder v. The cosine score is the mean of the top share of the positions. The
// other scores are the largest number of any square or cell. A NaN in v gives NaN.
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

// topOf returns the share top of n, rounded up, at least 1. The share counts as written in
// decimal: 0.07 of 100 is 7, although the float64 nearest to 0.07 is a little more.
func topOf(top float64, n int) int {
	return min(n, max(1, int(math.Ceil(float64(top*float64(n))-1e-9))))
}

// numbers returns what each square contributes to the score of its image at scale s: the
// cosine deviation of each position, the norm of its deviation map (eq. 9), or the distance
// that the heads give it or each of its cells (eq. 10).
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
