package optim

import "math"

// Schedule is a learning rate that rises in equal steps over WarmUp of Steps and then
// falls along half a cosine to 0 (Loshchilov and Hutter 2017, without restarts).
type Schedule struct {
	Peak          float64
	WarmUp, Steps int
}

// At returns the learning rate of a step, counted from 0. Its bits are the same on every
// architecture.
func (s Schedule) At(step int) float64 {
	if step < s.WarmUp {
		return s.Peak * float64(step+1) / float64(s.WarmUp)
	}
	if step >= s.Steps {
		return 0
	}
	return s.Peak * (0.5 + float64(0.5*halfTurnCos(float64(step-s.WarmUp)/float64(s.Steps-s.WarmUp))))
}

// halfTurnCos returns cos(π·t) for t in [0, 1], by the Taylor series about ½, where the
// function is odd. math.Cos has other bits on some architectures.
func halfTurnCos(t float64) float64 {
	x := math.Pi * (0.5 - t) // cos(π·t) = sin(x), |x| <= π/2
	x2 := x * x
	term, sum := x, x
	for k := 2.0; k <= 22; k += 2 {
		term = float64(term * (-x2 / (k * (k + 1)))) // rounded: no fused multiply-add
		sum += term
	}
	return sum
}
