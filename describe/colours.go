package describe

import (
	"anomem"
	"anomem/imageio"
)

// UsualAlpha is the false-alarm rate that holds where a model has none.
const UsualAlpha = 0.05

// Colours says what values of a model's heatmaps pictures show.
type Colours struct {
	Known     bool    // the model has a scale; else the rest is 0
	Lo, Hi    float32 // the values of the first and the last colour
	Threshold float32 // above which a place is anomalous
}

// ColoursOf returns the colours of m's heatmaps, at its false-alarm rate.
func ColoursOf(m *anomem.Model) *Colours {
	scale := m.HeatScale()
	if scale == nil {
		return new(Colours)
	}
	promise := m.Promise()
	if promise.Alpha == 0 {
		promise = anomem.Promise{Alpha: UsualAlpha}
	}
	lo, hi := scale.Colours(promise)
	return &Colours{true, lo, hi, float32(scale.Threshold(promise))}
}

// Of returns the values of the first and the last colour in a picture of a heatmap: those
// of the model, or, if it has no scale, the heatmap's own.
func (c *Colours) Of(heat *imageio.Map) (lo, hi float32) {
	if c.Known {
		return c.Lo, c.Hi
	}
	return heat.Range()
}
