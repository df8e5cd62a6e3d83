package optim

import (
	"fmt"
	"strconv"
	"strings"
)

// Piecewise is a learning rate made of straight pieces: a warm-up, a plateau and a decay
// ("warmup-stable-decay": Zhai et al. 2022; Hägele et al. 2024). Such a schedule can be laid
// while the training goes on: what is appended changes no step before.
//
// The learning rate starts at a tenth of its peak. At the step From of a piece it turns from
// where it is towards Level, which it reaches at the step To. It stays there until the next
// piece begins. A last piece to level 0 ends the training.
type Piecewise []Piece

// Piece is a part of Piecewise. Steps count from 0.
type Piece struct {
	From, To int
	Level    int // in thousandths of the peak
}

// FullLevel is the level of the peak.
const FullLevel = 1000

// startLevel is the level before the first piece.
const startLevel = FullLevel / 10

// At returns the learning rate of a step, as a share of the peak. Its bits are the same on
// every architecture.
func (p Piecewise) At(step int) float64 {
	level := float64(startLevel)
	for i, piece := range p {
		if piece.From > step {
			break
		}
		at := step
		if i+1 < len(p) {
			at = min(at, p[i+1].From)
		}
		if to := float64(piece.Level); at >= piece.To {
			level = to
		} else {
			t := float64(at-piece.From) / float64(piece.To-piece.From)
			level += float64((to - level) * t) // rounded: no fused multiply-add
		}
	}
	return level / FullLevel
}

// End returns the number of steps until the learning rate is 0. It has no end unless the
// last piece leads to 0.
func (p Piecewise) End() (steps int, ok bool) {
	if len(p) == 0 || p[len(p)-1].Level > 0 {
		return 0, false
	}
	return p[len(p)-1].To, true
}

// DecayFrom returns the step from which on the learning rate falls to 0. ok is false if it
// does not.
func (p Piecewise) DecayFrom() (step int, ok bool) {
	for i := len(p) - 1; i >= 0 && p[i].Level == 0; i-- {
		step, ok = p[i].From, true
	}
	return step, ok
}

// Top returns the step at which the warm-up ends: where the last piece before the decay
// reaches its level, or where the decay begins if that is earlier.
func (p Piecewise) Top() int {
	top := 0
	for _, piece := range p {
		if piece.Level == 0 {
			return min(top, piece.From)
		}
		top = piece.To
	}
	return top
}

// Check returns an error unless the pieces follow each other, within most steps, from levels
// of 1 to FullLevel down to 0.
func (p Piecewise) Check(most int) error {
	for i, piece := range p {
		switch {
		case i == 0 && piece.From != 0:
			return fmt.Errorf("it begins at step %d, not 0", piece.From)
		case i > 0 && piece.From <= p[i-1].From:
			return fmt.Errorf("a piece from step %d stands behind one from step %d", piece.From, p[i-1].From)
		case piece.To < piece.From || piece.To > most:
			return fmt.Errorf("a piece leads from step %d to %d: want %d at most, and none back", piece.From, piece.To, most)
		case piece.Level < 0 || piece.Level > FullLevel:
			return fmt.Errorf("level %d: want 0 to %d", piece.Level, FullLevel)
		case i > 0 && p[i-1].Level == 0 && (piece.Level > 0 || piece.From > p[i-1].To):
			return fmt.Errorf("a piece from step %d stands behind the end of the decay", piece.From)
		}
	}
	return nil
}

// String returns the pieces as FROM-TO:LEVEL, with commas between them.
func (p Piecewise) String() string {
	var all []string
	for _, piece := range p {
		all = append(all, fmt.Sprintf("%d-%d:%d", piece.From, piece.To, piece.Level))
	}
	return strings.Join(all, ",")
}

// MarshalText returns the pieces as String does, for files and for people.
func (p Piecewise) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText returns.
func (p *Piecewise) UnmarshalText(text []byte) error {
	var all Piecewise
	for _, one := range strings.FieldsFunc(string(text), func(r rune) bool { return r == ',' }) {
		steps, level, _ := strings.Cut(one, ":")
		from, to, _ := strings.Cut(steps, "-")
		var n [3]int
		for i, s := range []string{from, to, level} {
			var err error
			if n[i], err = strconv.Atoi(s); err != nil {
				return fmt.Errorf("%q: want FROM-TO:LEVEL, such as 0-40:1000,300-400:0", one)
			}
		}
		all = append(all, Piece{n[0], n[1], n[2]})
	}
	*p = all
	return nil
}
