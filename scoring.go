package anomem

import (
	"cmp"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/imageio"
	"anomem/simd"
)

// Scoring computes the score of an image from the numbers that a model gives its squares
// and its rotated copies. Inference and training share it.
type Scoring struct {
	terms          []Term // a score that is no sum is one term, as it is
	top            float64
	rotations      bool
	against        bool        // heads and deviations are compared with those of rotated copies
	beside         float64     // weight of the terms beside heads for known anomalies; 0: there are none
	rotationWeight float64     // of the heads for rotated copies; 0: there are none
	lambda         []float64   // of the scales
	levels         [][]float64 // weights of further levels of the pyramid, [levels][scales]
}

// Scoring returns the scoring that c describes.
func (c *Config) Scoring() Scoring {
	s := Scoring{terms: c.Score.Terms, top: c.Score.Top, rotations: c.Score.Rotations, levels: c.Score.Levels}
	if c.Score.Kind != ScoreSum {
		s.terms = []Term{{Kind: c.Score.Kind}}
	}
	if c.Score.Kind == ScoreSum {
		s.beside = c.Score.Beside
	}
	s.against = s.rotations && c.Score.Kind != ScoreSum
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
			turned, _ := copyOf(img, nil, quarters)
			all = append(all, turned)
		}
	}
	return all
}

// copyOf returns an image and its region, which may be nil, after quarter turns; without a
// turn, themselves.
func copyOf(img *Image, region *imageio.Mask, quarters int) (*Image, *imageio.Mask) {
	if quarters == 0 {
		return img, region
	}
	return img.Rotate90(quarters), turnedRegion(region, quarters)
}

// Terms returns the kinds of score that are added up: one, unless the score is a sum.
func (s Scoring) Terms() []ScoreKind {
	var kinds []ScoreKind
	for _, t := range s.terms {
		kinds = append(kinds, t.Kind)
	}
	return kinds
}

// Score returns the score of an image at a scale. copies holds, for each term, the scores of
// the image's copies in the order of CopiesOf; own is the distance by the heads for known
// anomalies, where there are some.
func (s Scoring) Score(scale int, copies [][]float64, own float64) float64 {
	var score float64
	for i, t := range s.terms {
		v := s.AtScale(t.Kind, copies[i], own)
		if len(t.Std) > 0 {
			v = float64(t.Weight[scale] * ((v - t.Mean[scale]) / t.Std[scale]))
		}
		score += v
	}
	return s.BesideHeads(score, own)
}

// BesideHeads returns the score of an image at a scale from that of the terms of a sum and
// from own, the distance by the heads for known anomalies, where there are some.
func (s Scoring) BesideHeads(terms, own float64) float64 {
	if s.beside == 0 {
		return terms
	}
	return own + float64(s.beside*terms)
}

// termWeight returns what the score at the first scale gains where that of term t of a sum grows
// by 1.
func (s Scoring) termWeight(t int) float32 {
	w := s.terms[t].Weight[0] / s.terms[t].Std[0]
	if s.beside > 0 {
		w *= s.beside
	}
	return float32(w)
}

// AtScale returns a term's score of an image at a scale. copies holds the scores of its
// copies in the order of CopiesOf. Turns and densities take their mean. Of other kinds the
// score is the first one and, unless it is in a sum, less the mean of the rotated copies'
// if there are any. With two heads a scale, copies are scored by the head for
// rotated copies. The score is then own, the distance by the head for known anomalies, plus
// the rotation weight times that difference.
func (s Scoring) AtScale(kind ScoreKind, copies []float64, own float64) float64 {
	score := copies[0]
	switch {
	case kind == ScoreTurns || kind == ScoreDensity:
		for _, v := range copies[1:] {
			score += v
		}
		return score / float64(len(copies))
	case s.against:
		score -= (copies[1] + copies[2] + copies[3]) / 3
	}
	if s.paired() {
		score = own + float64(s.rotationWeight*score)
	}
	return score
}

// Merge returns the score of an image from those at each scale by eq. 13.
func (s Scoring) Merge(scales []float64) float64 { return Merge(scales, s.lambda) }

// hasOwn reports whether heads for known anomalies see the image alone, beside what its
// copies are scored by.
func (s Scoring) hasOwn() bool { return s.paired() || s.beside > 0 }

// paired reports whether there are two heads a scale.
func (s Scoring) paired() bool { return s.rotationWeight > 0 }

// ofTally returns the score of a copy at a scale from the numbers of its squares.
func (s Scoring) ofTally(kind ScoreKind, scale int, t *tally) float64 {
	if kind != ScoreHeads {
		return s.reduce(kind, t.levels[0][scale])
	}
	var worst []float64
	for level := range len(s.levels) + 1 {
		worst = append(worst, s.reduce(kind, t.levels[level][scale]))
	}
	return s.OverLevels(scale, worst)
}

// OverLevels returns the distance of an image by heads at a scale from the largest one at each
// level: that of level 0 and, by their weights, those of further levels.
func (s Scoring) OverLevels(scale int, worst []float64) float64 {
	d := worst[0]
	for l, weights := range s.levels {
		d += float64(weights[scale] * worst[l+1])
	}
	return d
}

// reduce returns the score of an image at a scale from the numbers v of all its squares,
// and may reorder v. The cosine score is the mean of the top share of the positions. The
// other scores are the largest number of any square or cell. A NaN in v gives NaN.
func (s Scoring) reduce(kind ScoreKind, v []float32) float64 {
	worst := float64(slices.Max(v))
	if kind != ScoreCosine || math.IsNaN(worst) {
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

// numbers returns what each square contributes to the score of its image, of one kind and at
// scale s: the cosine deviation of each position, the norm of its deviation map (eq. 9), the
// distance that the heads give it or each of its cells (eq. 10), the log-odds against its
// quarter turns, or the distance of its features from those of normal images. An
// image comes in that many copies.
func (m *Model) numbers(g *autograd.Graph[float32], kind ScoreKind, heads []*Head[float32], s int, of []Square, copies int, a Analysis) []float32 {
	d := a.Value
	g.NoGrad(func() {
		switch kind {
		case ScoreHeads:
			d = heads[s].Forward(g, a.Delta)
		case ScoreL2:
			d = MapNorm(g, a.Delta)
		case ScoreTurns:
			d = turnsMissed(g, m.parts.Turns[s], of, copies, a.Map)
		case ScoreDensity:
			d = distances(g, m.parts.Densities[s], of, copies, a.Map)
		}
	})
	return d.Data()
}

// turnsMissed returns the log-odds against the quarter turns of each square.
func turnsMissed(g *autograd.Graph[float32], h *TurnHead[float32], of []Square, copies int, z *autograd.Tensor[float32]) *autograd.Tensor[float32] {
	out, log := g.NewTensor(len(of)), h.Forward(g, z).Data()
	var others [QuarterTurns - 1]float32
	for k, sq := range of {
		row, own := log[k*QuarterTurns:(k+1)*QuarterTurns], sq.Image%copies
		copy(others[:], row[:own])
		copy(others[own:], row[own+1:])
		to := out.Data()[k : k+1]
		simd.LogSumExp(to, others[:], 1, len(others))
		to[0] -= row[own]
	}
	return out
}

// distances returns the distance of each square's features from the density of its quarter
// turns.
func distances(g *autograd.Graph[float32], d *Density[float32], of []Square, copies int, z *autograd.Tensor[float32]) *autograd.Tensor[float32] {
	out, features, c := g.NewTensor(len(of)), DensityFeatures(g, z).Data(), z.Dim(3)
	scratch := g.Scratch(c)
	for k, sq := range of {
		out.Data()[k] = distance(d, features[k*c:(k+1)*c], sq.Image%copies, scratch)
	}
	return out
}
