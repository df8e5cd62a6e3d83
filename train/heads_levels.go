package train

import (
	"context"
	"time"

	"anomem"
	"anomem/dataset"
)

// maxLevels is the most further levels of a pyramid that textures are scored at.
const maxLevels = 2

// levelsFor returns the number of further levels of the images of a texture, whose shortest side
// is given: those at which a tile is no larger than the image.
func levelsFor(shortest, tile int) int {
	n := 0
	for n < maxLevels && shortest >= tile<<(n+1) {
		n++
	}
	return n
}

// weighLevels gives the largest distances at further levels of the pyramid their weights beside
// that of level 0. At each scale, two levels together count as much as level 0, in units of by how
// much distances differ from normal image to normal image, but a level no more than half of the
// distance itself: where heads call all normal images anomalous there, that tells nothing. cells
// are those of normal images.
//
// Heads learn at level 0 alone. A grain that they know looks like another one there, but stains,
// folds and cracks stand out all the same, and many a large one more than at level 0. Trained at
// both, they learn less of each: drawn cracks have 69.8 AUROC then after four minutes, not 79.8.
// Seven models of five textures have 86.5 AUROC with levels and 84.8 without (docs/results.md). On
// parts levels are no gain: drawn plates lose 2.7, since their defects are small.
func (r *Run) weighLevels(s *stage2, cells *Cells) {
	levels := s.config.Input.Levels
	s.config.Score.Levels = make([][]float64, levels)
	for _, copies := range levelDistances(s.config, s.parts.Heads, cells, s.pool) {
		deviations := make([]float64, levels+1)
		for level := range deviations {
			of := make([]float64, len(copies))
			for i, worst := range copies {
				of[i] = worst[level]
			}
			_, deviations[level] = spread(of)
		}
		for level, d := range deviations[1:] {
			s.config.Score.Levels[level] = append(s.config.Score.Levels[level], min(1, deviations[0]/d)/maxLevels)
		}
	}
}

// weighingImages is the most images that levels, and heads beside other terms, are weighed by.
const weighingImages = 256

// weighedBy returns these images.
func (r *Run) weighedBy() dataset.Source {
	if r.evidence != nil {
		return r.evidence
	}
	return spaced(newSubset(r.Data, true), weighingImages)
}

// rehearseWeighing estimates what it takes to find how heads see the images of d, by few of
// them.
func (c *costs) rehearseWeighing(ctx context.Context, m *anomem.Model, d dataset.Source, w *stopwatch) error {
	some, times, err := someUnits(m.Config().Input, d)
	if err != nil {
		return err
	}
	w.lap()
	_, err = PlainCells(ctx, m, some, false)
	c.add(weighing, time.Duration(float64(w.lap())*times), d.Len(), fewest)
	return err
}
