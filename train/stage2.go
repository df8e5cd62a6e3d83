package train

import (
	"context"
	"slices"

	"anomem"
	"anomem/simd/pool"
)

// stage2 trains and cross-validates heads, for Run and for Refit.
type stage2 struct {
	config  anomem.Config
	options Options
	parts   *anomem.Parts[float32] // receive the heads
	cells   *Cells                 // train the heads
	held    *Cells                 // of the held-out images
	pool    *pool.Pool
	notes   *notes
	pace    headPace
}

// train trains the heads on all cells.
func (s *stage2) train(ctx context.Context) error {
	return trainAllHeads(ctx, s.config, s.options.Heads, s.options.Seed, s.parts, s.cells, &s.pace, s.pool)
}

// crossValidate trains heads without each of the known anomalies of plain in turn, and
// notes its score by these heads and its p-value among the held-out images. The heads for
// rotated copies, if there are any, know no anomaly and stay.
func (s *stage2) crossValidate(ctx context.Context, plain *Cells) error {
	images := knownOf(plain)
	found, calibrated := 0, s.held.Len() > 0
	rate := 0.05
	for n, image := range images {
		parts, err := s.without(ctx, image)
		if err != nil {
			return err
		}
		if parts == nil {
			s.notes.add("one known anomaly alone cannot be cross-validated")
			return nil
		}
		score := headScores(s.config, parts, plain.Select(func(k int) bool { return plain.Image[k] == image }), s.pool)[0]
		if !calibrated {
			s.notes.add("known anomaly %d of %d, unseen: score %.4f", n+1, len(images), score)
			continue
		}
		calibration, err := anomem.NewCalibration(headScores(s.config, parts, s.held, s.pool))
		if err != nil {
			return err
		}
		rate = max(rate, anomem.Promise{}.Least(len(calibration.Scores))) // no p-value is lower
		pvalue := calibration.PValue(score)
		if pvalue <= rate {
			found++
		}
		s.notes.add("known anomaly %d of %d, unseen: score %.4f, p-value %.4f", n+1, len(images), score, pvalue)
	}
	if calibrated {
		s.notes.add("of %d known anomalies, heads that had not seen them give %d a p-value of %.2g or less", len(images), found, rate)
	}
	return nil
}

// without returns heads trained on everything but one image: neither on its shifted copies
// nor on the tiles beside its defect. It returns nil if no anomaly is left.
func (s *stage2) without(ctx context.Context, image int) (*anomem.Parts[float32], error) {
	rest := s.cells.Select(func(k int) bool { return s.cells.Image[k] != image })
	if len(knownOf(rest)) == 0 && (s.config.Head.Paired() || !slices.Contains(rest.Self, true)) {
		return nil, nil
	}
	parts := &anomem.Parts[float32]{RotationHeads: s.parts.RotationHeads}
	err := trainAllHeads(ctx, s.config, s.options.Heads, s.options.Seed, parts, rest, &s.pace, s.pool)
	return parts, err
}
