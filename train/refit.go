package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Refit returns a model with the encoder and the memories of m and new heads, calibrated
// anew. The heads are trained on the images of defects, which are anomalies, and on the
// replay of m, and where a defect has a mask, on the cells that it marks. Heads for rotated
// copies stay as they are. Of o, Refit uses the seed, the options of heads and the
// augmentation. It passes its findings to note. The new model's Seen is that of m: add defects
// to it.
//
// The new model keeps the promise of m, by the held-out images of which m keeps all that
// heads see (KeptHeld). If these are too few, Refit is an error before it trains. A model that
// promises nothing may be refitted, and calibrated by other images afterwards.
//
// It is an error if m has no replay (Model.ReplayError), or if m has a region of interest and the images were not
// read with it (dataset.Options.Region).
func Refit(ctx context.Context, m *anomem.Model, defects dataset.Source, o Options, note func(string), p *pool.Pool) (*anomem.Model, error) {
	if err := m.ReplayError(); err != nil {
		return nil, fmt.Errorf("train: refit: %w", err)
	}
	if err := cmp.Or(checkRegions(m, defects), checkKept(m), o.Validate()); err != nil { // o may come from a model file
		return nil, err
	}
	defects = alignedFor(m, defects)
	beside := m.Config().Score.Beside
	if c := m.Config(); beside > 0 {
		// Terms of new images are those without heads.
		c.Score.Beside = 0
		var err error
		if m, err = withoutHeads(m, c, p); err != nil {
			return nil, err
		}
	}
	s, err := refitStage(m, dataset.Anomalies(defects), o, p)
	if err != nil {
		return nil, err
	}
	if seesWholes(s.config.Score) != "" && beside > 0 {
		s.config.Score.Beside = beside // heads are in the same unit
	}
	s.notes = &notes{tell: note}
	plain, err := s.addDefects(ctx, m, defects)
	if err != nil {
		return nil, err
	}
	images := len(knownOf(plain))
	s.notes.add("refit on %s, seed %d", moreKnown(images), o.Seed)
	s.noteKept(m)
	if images < FewDefects {
		if err := s.crossValidate(ctx, plain); err != nil {
			return nil, err
		}
	}
	if err := s.train(ctx); err != nil {
		return nil, err
	}
	next, err := anomem.NewModel(s.config, s.parts, p)
	if err != nil {
		return nil, err
	}
	if err := errorsOf(next.SetRegion(m.Region()), next.SetTemplate(m.Template()), next.SetReplay(replayOf(s.config.Head, s.config.Input.Levels, s.cells, s.held))); err != nil {
		return nil, err
	}
	if s.held.Len() > 0 {
		if err := next.Calibrate(headScores(s.config, s.parts, s.held, p), m.Promise()); err != nil {
			return nil, err
		}
	}
	if !s.config.Head.Local { // heatmaps are those of the memories, which stay
		if err := next.SetHeatScale(m.HeatScale()); err != nil {
			return nil, err
		}
	}
	inherit(next, m, images, s.notes.list)
	return next, nil
}

// alignedFor returns images as what m is made of sees them.
func alignedFor(m *anomem.Model, d dataset.Source) dataset.Source {
	if t := m.Template(); t != nil {
		return dataset.Align(d, t, 0)
	}
	return d
}

// inherit says of a refitted model where it comes from: from m, so many more known anomalies
// and notes.
func inherit(next, m *anomem.Model, known int, notes []string) {
	from := m.Provenance()
	from.Images, from.Known = from.Images+known, from.Known+known
	from.Notes = append(slices.Clone(from.Notes), notes...)
	next.SetProvenance(from)
	next.SetSeen(m.Seen())
}

// withoutHeads returns m with the configuration c, with its replay, calibration and
// provenance.
func withoutHeads(m *anomem.Model, c anomem.Config, p *pool.Pool) (*anomem.Model, error) {
	alone, err := anomem.NewModel(c, m.Parts(), p)
	if err != nil {
		return nil, err
	}
	if err := errorsOf(alone.SetRegion(m.Region()), alone.SetTemplate(m.Template()), alone.SetReplay(m.Replay())); err != nil {
		return nil, err
	}
	if cal := m.Calibration(); cal != nil {
		if err := alone.Calibrate(cal.Scores, m.Promise()); err != nil {
			return nil, err
		}
	}
	if err := alone.SetHeatScale(m.HeatScale()); err != nil {
		return nil, err
	}
	alone.SetProvenance(m.Provenance())
	alone.SetSeen(m.Seen())
	return alone, nil
}

// checkKept returns an error if the held-out images that m keeps are too few for its promise.
func checkKept(m *anomem.Model) error {
	p := m.Promise()
	if p.Alpha == 0 {
		return nil
	}
	if err := p.Check(KeptHeld(m)); err != nil {
		return fmt.Errorf("train: refit: by the held-out images that the model keeps: %w", err)
	}
	return nil
}

// noteKept notes that fewer held-out images calibrate new heads than calibrated m.
func (s *stage2) noteKept(m *anomem.Model) {
	if c, kept := m.Calibration(), KeptHeld(m); c != nil && kept < len(c.Scores) {
		s.notes.add("calibrated by the %d held-out images that the model keeps, not by %d as before", kept, len(c.Scores))
	}
}

// checkRegions returns an error if m has a region of interest and defects were read without.
func checkRegions(m *anomem.Model, defects dataset.Source) error {
	some, err := dataset.HasRegions(defects)
	if err == nil && !some && m.Region() != nil {
		err = errors.New("train: refit: the model has a region of interest: read the images with it")
	}
	return err
}

// refitStage returns stage 2 for m on its replay. known is the number of known anomalies to
// be added.
func refitStage(m *anomem.Model, known int, o Options, p *pool.Pool) (*stage2, error) {
	old := m.Parts()
	o.Shares = Shares{} // the clock of the first training counts no more
	s := &stage2{
		config: m.Config(), options: o, pool: p,
		parts: &anomem.Parts[float32]{
			Encoder: old.Encoder, Memories: old.Memories, RotationHeads: old.RotationHeads,
			Turns: old.Turns, Densities: old.Densities, Places: old.Places, Texture: old.Texture,
		},
	}
	s.cells, s.held = cellsOfReplay(m.Replay())
	switch c := &s.config; {
	case c.Score.Kind == anomem.ScoreSum:
		if s.held.Len() > 0 && s.held.Terms == nil {
			return nil, errors.New("train: refit: the model does not keep the scores of held-out images")
		}
		c.Score.Beside = rotationWeight(m.Provenance().Known + known)
		return s, nil
	case c.Score.Kind == anomem.ScoreTurns || c.Score.Kind == anomem.ScoreDensity:
		c.Score.Rotations = false
	case !c.Score.Rotations:
	case c.Head.Local: // see Options.Rotations
		c.Score.Rotations = false
		s.held = s.held.Select(func(k int) bool { return s.held.Quarters[k] == 0 })
	default:
		if !inFourTurns(s.held) {
			return nil, errors.New("train: refit: the model does not keep each held-out image in four rotations")
		}
		if c.Head.RotationWeight = rotationWeight(m.Provenance().Known + known); s.parts.RotationHeads == nil {
			s.parts.RotationHeads = old.Heads // m knew no anomaly: its only heads are those for rotated copies
		}
	}
	s.config.Score.Kind = anomem.ScoreHeads
	return s, nil
}

// addDefects adds the cells of defects to those that heads are trained on. It returns the
// cells of defects as scoring sees them.
func (s *stage2) addDefects(ctx context.Context, m *anomem.Model, defects dataset.Source) (plain *Cells, err error) {
	if plain, err = PlainCells(ctx, m, defects, againstCopies(s.config)); err != nil {
		return nil, err
	}
	if plain.Len() == 0 {
		return nil, errors.New("train: refit: there is no image to learn from")
	}
	located, err := s.located(defects)
	if err != nil {
		return nil, err
	}
	fresh := plain.Select(func(k int) bool { return plain.Quarters[k] == 0 && !slices.Contains(located.at, plain.Image[k]) })
	if len(located.at) > 0 {
		o := s.options
		o.Shift = augment.None
		views, err := CellsOf(ctx, m, located, o, s.pool)
		if err != nil {
			return nil, err
		}
		for k, i := range views.Image {
			views.Image[k] = located.at[i]
			if views.Bag[k] > 0 { // a tile beside what the mask marks
				views.Bag[k] = located.at[i] + 1
			}
		}
		fresh.append(views)
	}
	free := 0 // first unused number of an image
	for _, i := range s.cells.Image {
		free = max(free, i+1)
	}
	plain.renumber(free)
	fresh.renumber(free)
	s.cells.append(fresh)
	return plain, nil
}

// located returns the images of defects of which it is known where heads see them: in the
// whole image, which heads see at once, or where a mask says.
func (s *stage2) located(defects dataset.Source) (subset, error) {
	bags := s.config.Head.Local || s.config.Input.Tile > 0
	of := subset{all: defects}
	for i := range defects.Len() {
		if !bags {
			of.at = append(of.at, i)
			continue
		}
		mask, err := defects.Mask(i)
		if err != nil {
			return of, err
		}
		if mask != nil {
			of.at = append(of.at, i)
		}
	}
	return of, nil
}
