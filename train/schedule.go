package train

import "anomem/nn/optim"

// schedule is the learning rate of a training: a cosine or, if there are pieces, those.
type schedule struct {
	optim.Schedule
	pieces optim.Piecewise
}

// At returns the learning rate of a step.
func (s schedule) At(step int) float64 {
	if len(s.pieces) > 0 {
		return s.Peak * s.pieces.At(step)
	}
	return s.Schedule.At(step)
}

// steps returns the number of steps.
func (s schedule) steps() int {
	if end, ok := s.pieces.End(); ok {
		return end
	}
	return s.Steps
}
