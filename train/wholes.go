package train

import (
	"time"

	"anomem"
)

// Terms of a sum that see images as a whole, places or a texture, are fitted to normal images and
// then weighed beside heads.

// fittedWholes is the most images that such a term is fitted to, as evenly spaced ones as there
// are normal images.
const fittedWholes = 1 << 10

// wholeImages returns the images that a term is fitted to, which are said to make what.
func (r *Run) wholeImages(what string) subset {
	normal := newSubset(r.Data, true)
	some := spaced(normal, fittedWholes)
	some = spaced(some, portion(some.Len(), r.Options.Shares.Fitting, fewest))
	r.noteShare(some.Len(), min(normal.Len(), fittedWholes), "images make the "+what)
	return some
}

// usesWholes reports whether a term that sees images as a whole stands beside heads.
func (r *Run) usesWholes(c anomem.Config, o Options) bool {
	return r.usesPlaces(c, o) || r.usesTexture(c, o)
}

// seesWholes returns the kind of the score's term that sees images as a whole; "": there is none.
func seesWholes(s anomem.ScoreConfig) anomem.ScoreKind {
	for _, kind := range []anomem.ScoreKind{anomem.ScorePlaces, anomem.ScoreTexture} {
		if s.Has(kind) {
			return kind
		}
	}
	return ""
}

// besideHeads gives a term that sees images as a whole a weight beside trained heads, in the unit
// of these: by how much the heads' scores of n normal images, whose cells are given, differ. It and
// heads then count alike.
func (r *Run) besideHeads(s *stage2, cells *Cells, n int) {
	alone := s.config
	alone.Score = anomem.ScoreConfig{Kind: anomem.ScoreHeads, Top: alone.Score.Top, Levels: alone.Score.Levels}
	_, std := spread(headScores(alone, s.parts, cells, s.pool))
	s.config.Score.Beside = std
	r.notes.add("the score is heads + %.3g × %s, by %d normal images%s", std, seesWholes(s.config.Score), n, r.leftOut())
}

// rehearsedWholes is the number of images that the costs of such a term are estimated by.
const rehearsedWholes = 16

// addWhole adds what such a term costs that takes a time for each image, and is fitted to its
// images in several passes.
func (c *costs) addWhole(r *Run, each time.Duration, passes int) {
	fitted, by := min(fittedWholes, r.Data.Len()), r.weighedBy().Len()
	c.add(fitting, each*time.Duration(passes*fitted), fitted, fewest)
	c.add(weighing, each*time.Duration(by), by, fewest)
	if r.Held != nil { // cells have the scores of the terms
		n, least := r.Held.Len(), r.leastHeld()
		c.add(keeping, each*time.Duration(n), n, least)
		c.add(calibration, each*time.Duration(n), n, least)
	}
}
