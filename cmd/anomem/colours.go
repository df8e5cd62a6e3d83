package main

import (
	"anomem"
	"anomem/imageio"
)

// usualAlpha is the false-alarm rate that holds where a model has none.
const usualAlpha = 0.05

// colours says what values of a model's heatmaps the pictures show.
type colours struct {
	known     bool    // the model has a scale; else the rest is 0
	lo, hi    float32 // the values of the first and the last colour
	threshold float32 // above which a place is anomalous
}

// coloursOf returns the colours of m's heatmaps, at its false-alarm rate.
func coloursOf(m *anomem.Model) *colours {
	scale := m.HeatScale()
	if scale == nil {
		return new(colours)
	}
	promise := m.Promise()
	if promise.Alpha == 0 {
		promise = anomem.Promise{Alpha: usualAlpha}
	}
	lo, hi := scale.Colours(promise)
	return &colours{true, lo, hi, float32(scale.Threshold(promise))}
}

// of returns the values of the first and the last colour in a picture of a heatmap: those
// of the model, or, if it has no scale, the heatmap's own.
func (c *colours) of(heat *imageio.Map) (lo, hi float32) {
	if c.known {
		return c.lo, c.hi
	}
	return heat.Range()
}
