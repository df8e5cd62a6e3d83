package train

import (
	"math"

	"anomem/nn/optim"
)

// warmShare and decayShare are the shares of all steps in which the learning rate rises and
// falls.
const (
	warmShare  = 0.1
	decayShare = 0.5
)

// settled is the number of steps whose durations tell how long a warm-up may be.
const settled = 3

// fastestDecay is the least number of steps in which the learning rate may fall from its
// peak to 0, as a share of the steps before the decay. It counts where the time has run out.
const fastestDecay = 1.0 / 20

// pacer lays the schedule of a training whose number of steps is not known beforehand.
type pacer struct {
	pieces optim.Piecewise
	warm   int // most steps of the warm-up
	most   int // steps; 0: no limit
}

// newPacer returns a pacer for at most most steps (0: any number), of which at most warm are
// a warm-up.
func newPacer(warm, most int) *pacer {
	return &pacer{pieces: optim.Piecewise{{From: 0, To: warm, Level: optim.FullLevel}}, warm: warm, most: most}
}

// lay adjusts the schedule after done steps. left is the number of steps that the time left
// allows for. It changes no step that is made.
//
// The decay begins when the steps left are decayShare of all, and ends when no time is left.
// While the time left agrees with the schedule, up to a tenth, the schedule stays.
func (p *pacer) lay(done int, left float64) {
	if p.most > 0 {
		left = min(left, float64(p.most-done))
	}
	left = max(left, 0)
	from, falls := p.pieces.DecayFrom()
	all := float64(done) + left
	switch last := p.pieces[len(p.pieces)-1]; {
	case !falls && left <= decayShare*all:
		p.fall(done, done, left)
	case falls && last.To > done:
		if off := math.Abs(float64(last.To-done) - left); off > max(1, 0.1*left) {
			p.fall(done, from, left)
		}
	case !falls && last.To > done && done >= settled:
		want := min(max(done+1, int(warmShare*all)), p.warm)
		if off := math.Abs(float64(last.To - want)); off > max(1, 0.2*float64(want-done)) {
			p.turn(done, want, optim.FullLevel)
		}
	}
}

// fall turns the learning rate to 0 within about left steps. from is where the decay began.
func (p *pacer) fall(done, from int, left float64) {
	least := p.pieces.At(done) * fastestDecay * float64(from)
	steps := int(min(max(left, least)+0.5, scheduleMost))
	p.turn(done, min(done+steps, scheduleMost), 0)
}

// turn begins a piece at the next step.
func (p *pacer) turn(done, to, level int) {
	if last := len(p.pieces) - 1; p.pieces[last].From == done {
		p.pieces = p.pieces[:last]
	}
	p.pieces = append(p.pieces, optim.Piece{From: done, To: to, Level: level})
}
