package anomem

import (
	"math"
	"slices"

	"anomem/autograd"
	"anomem/imageio"
)

// Result is the verdict of a model on an image.
type Result struct {
	Score  float64   // eq. 13; larger is more anomalous
	Scales []float64 // the score at each scale, before merging
	// PValue is the probability that a normal image scores as high, by split conformal
	// prediction. It is NaN if the model is not calibrated.
	PValue    float64
	Anomalous bool // Score is above Model.Threshold
}

// Explanation is the verdict on an image, with a map of where it deviates.
type Explanation struct {
	Result
	Heatmap *Heatmap
}

// Score returns how far an image deviates from normal ones.
func (m *Model) Score(img *Image) Result { return m.ScoreBatch([]*Image{img})[0] }

// ScoreBatch scores several images, with the same bits as Score and in less time.
func (m *Model) ScoreBatch(imgs []*Image) []Result { return m.ScoreBatchIn(imgs, nil) }

// ScoreBatchIn scores images within regions, with the same bits as ExplainIn and in less
// time.
func (m *Model) ScoreBatchIn(imgs []*Image, regions []*imageio.Mask) []Result {
	results := make([]Result, len(imgs))
	for i, e := range m.explain(imgs, regions, false) {
		results[i] = e.Result
	}
	return results
}

// Explain returns the score and the heatmap of each image from one pass through the
// encoder, with the same bits as ScoreBatch and Heatmap.
func (m *Model) Explain(imgs []*Image) []Explanation { return m.ExplainIn(imgs, nil) }

// ExplainIn is Explain for images of each of which a region counts. A nil region is that of
// the model, as all are if regions is nil. A region of another size than its image is
// stretched over it; all of an image counts whose region marks nothing. Outside a region a
// heatmap has the least of the values within.
func (m *Model) ExplainIn(imgs []*Image, regions []*imageio.Mask) []Explanation {
	return m.explain(imgs, regions, true)
}

func (m *Model) explain(imgs []*Image, regions []*imageio.Mask, where bool) []Explanation {
	n := m.scoring.Copies()
	whole := imgs
	imgs, regions, cuts := m.cut(imgs, regions)
	parts, inside := m.within(imgs, regions)
	terms := m.scoring.Terms()
	all := tallies(len(terms), n*len(imgs)) // of each term and copy, the numbers that are compared among copies
	heads, own := m.parts.Heads, []*Head[float32](nil)
	if m.scoring.hasOwn() {
		heads, own = m.parts.RotationHeads, heads
	}
	owns := make([]tally, len(imgs)) // of each image, those of the heads for known anomalies
	var heat *heater
	if where {
		heat = newHeater(m, parts, inside)
	}
	wholes := m.wholes(parts, inside, where)
	copies := n * len(imgs)
	if !where && own == nil && !slices.ContainsFunc(wholes, func(of []finding) bool { return of == nil }) {
		copies = 0 // no term sees squares
	}
	m.eachSquare(copies, copiesInTurn(parts, inside, n), func(g *autograd.Graph[float32], of []Square, scales []Analysis) {
		for s, a := range scales {
			for t, kind := range terms {
				if kind.whole() {
					continue
				}
				numbers := m.numbers(g, kind, heads, s, of, n, a)
				for k, sq := range of {
					if sq.Level == 0 || kind == ScoreHeads {
						all[t][sq.Image].add(sq.Level, s, k, len(of), numbers, m.counted(kind, sq, a))
					}
				}
			}
			if own == nil {
				continue
			}
			numbers := m.numbers(g, ScoreHeads, own, s, of, n, a)
			for k, sq := range of {
				if sq.Image%n == 0 {
					owns[sq.Image/n].add(sq.Level, s, k, len(of), numbers, m.counted(ScoreHeads, sq, a))
				}
			}
		}
		if where {
			heat.add(g, of, scales, n)
		}
	})
	results := make([]Explanation, len(imgs))
	for i := range results {
		if where {
			heat.addWholes(i, wholes)
			part := onImage(heat.maps[i], imgs[i], m.regionOf(i, imgs[i], regions), inside[i])
			results[i].Heatmap = cuts.back(i, part)
		}
		results[i].Result = m.result(m.scalesOf(i, all, owns, wholes), whole[i])
	}
	return results
}

// scalesOf returns the scores of image i at each scale: all holds the numbers of each term and
// copy, owns those of the heads for known anomalies, wholes what terms find in whole images.
func (m *Model) scalesOf(i int, all [][]tally, owns []tally, wholes [][]finding) []float64 {
	n := m.scoring.Copies()
	scales := make([]float64, len(m.config.Scales))
	for s := range scales {
		each := make([][]float64, len(all))
		for t, kind := range m.scoring.Terms() {
			if kind.whole() {
				each[t] = []float64{wholes[t][i].score}
				continue
			}
			for q := range n {
				each[t] = append(each[t], m.scoring.ofTally(kind, s, &all[t][i*n+q]))
			}
		}
		own := 0.0
		if m.scoring.hasOwn() {
			own = m.scoring.ofTally(ScoreHeads, s, &owns[i])
		}
		scales[s] = m.scoring.Score(s, each, own)
	}
	return scales
}

// copiesInTurn returns copy k%n of image k/n and its region, as CopiesOf and RegionsOf do, for
// each k when eachSquare comes to it. Copies of large images share memory: four of a
// photograph take more than all else.
func copiesInTurn(imgs []*Image, regions []*imageio.Mask, n int) func(k int) (*Image, *imageio.Mask) {
	var turned Image
	return func(k int) (*Image, *imageio.Mask) {
		img, region, quarters := imgs[k/n], regions[k/n], k%n
		if quarters > 0 && img.W*img.H >= heldPixels { // it is analysed before the next copy is made
			img.Rotate90Into(&turned, quarters)
			return &turned, turnedRegion(region, quarters)
		}
		return copyOf(img, region, quarters)
	}
}

// tallies returns empty tallies, [terms copies].
func tallies(terms, copies int) [][]tally {
	all := make([][]tally, terms)
	for t := range all {
		all[t] = make([]tally, copies)
	}
	return all
}

// tally collects the numbers of the squares of one copy, level by level and scale by scale.
type tally struct{ levels [maxLevels + 1][4][]float32 }

// add appends the numbers of square k of n at a level and scale s: those inside, or all if inside
// is nil.
func (t *tally) add(level, s, k, n int, numbers []float32, inside []bool) {
	each := len(numbers) / n
	for i, v := range numbers[k*each : (k+1)*each] {
		if inside == nil || inside[i] {
			t.levels[level][s] = append(t.levels[level][s], v)
		}
	}
}

// counted reports which of the numbers of a kind count that a square has; nil: all. A single
// number is of the whole square.
func (m *Model) counted(kind ScoreKind, sq Square, a Analysis) []bool {
	switch {
	case kind == ScoreCosine:
		return sq.Inside(a.Value.Dim(1), a.Value.Dim(2))
	case kind == ScoreHeads && m.config.Head.Local:
		return sq.Inside(m.config.Head.Pool, m.config.Head.Pool)
	}
	return nil
}

// result makes a Result of an image's scores at each scale.
func (m *Model) result(scales []float64, img *Image) Result {
	r := Result{Score: m.scoring.Merge(scales), Scales: scales, PValue: math.NaN()}
	if m.calibration != nil {
		if !m.config.Input.Blank && img.Constant() {
			r.Score = max(r.Score, m.blankScore())
		}
		r.PValue = m.calibration.PValue(r.Score)
		// A score of NaN, which no image should have, counts as anomalous.
		r.Anomalous = m.Judges() && !(r.Score <= m.threshold)
	}
	return r
}

// blankScore is the least score of an image of one colour: just above those of all held-out
// images. By itself such an image may score as anything. Its rotated copies are the image
// itself, so that a score against them is 0, which may look normal; but a lens cap, a dead
// lamp or an empty frame is no normal image.
func (m *Model) blankScore() float64 {
	scores := m.calibration.Scores
	return math.Nextafter(scores[len(scores)-1], math.Inf(1))
}
