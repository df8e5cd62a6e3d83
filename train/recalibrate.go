package train

import (
	"context"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
)

// Recalibrate is Calibrate by other normal images than those that were held out from
// training. m keeps what Refit needs of them, in place of those, so that a refitted model is
// calibrated by them, too: under a new lamp, scores by the old one say nothing. Images must
// be read with the region of interest of m, if it has one.
//
// Where m has no replay (Model.ReplayError), it keeps nothing of them: once its refit file is
// back, it is refitted without held-out images.
func Recalibrate(ctx context.Context, m *anomem.Model, normals dataset.Source, promise anomem.Promise, p *pool.Pool) error {
	if t := m.Template(); t != nil { // what follows sees cut images, as it did in training
		normals = dataset.Align(normals, t, 0)
		if err := m.SetTemplate(nil); err != nil {
			return err
		}
		defer m.SetTemplate(t)
	}
	if err := Calibrate(ctx, m, normals, promise); err != nil {
		return err
	}
	if m.Replay() == nil {
		m.ForgetHeld()
		return nil
	}
	if err := checkRegions(m, normals); err != nil {
		return err
	}
	c, by := m.Config(), m
	if c.Score.Beside > 0 { // terms are those without heads
		c.Score.Beside = 0
		var err error
		if by, err = withoutHeads(m, c, p); err != nil {
			return err
		}
	}
	held, err := PlainCells(ctx, by, normals, againstCopies(c))
	if err != nil {
		return err
	}
	cells, _ := cellsOfReplay(m.Replay())
	return m.SetReplay(replayOf(c.Head, c.Input.Levels, cells, held))
}
