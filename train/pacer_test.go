package train

import (
	"math"
	"testing"
	"time"
)

// simulate makes steps, the ith of which takes step(i), until the schedule within a budget of
// time ends. It returns the pacer, the steps made, and the time that was spent.
func simulate(p *pacer, total time.Duration, step func(i int, spent time.Duration) time.Duration) (done int, spent time.Duration) {
	now := time.Unix(0, 0)
	w := start(func() time.Time { return now }, 0)
	s := steps{watch: w}
	for {
		now = now.Add(step(done, w.spent))
		s.lap()
		done++
		p.lay(done, float64(total-w.spent)/float64(s.each()))
		if end, ok := p.pieces.End(); ok && done >= end {
			return done, w.spent
		}
	}
}

func TestPacer(t *testing.T) {
	const total = 100 * time.Second
	noise := func(i int) float64 { return 1 + 0.5*math.Sin(float64(i*i)) }
	for name, c := range map[string]struct {
		step        func(i int, spent time.Duration) time.Duration
		off         time.Duration // from total, at most
		least, most float64       // share of the steps in the decay
		pieces      int           // at most
	}{
		"fast": {func(int, time.Duration) time.Duration { return 10 * time.Millisecond }, 20 * time.Millisecond, 0.49, 0.51, 3},
		"slow": {func(int, time.Duration) time.Duration { return 5 * time.Second }, 5 * time.Second, 0.4, 0.6, 4},
		"noisy": {func(i int, _ time.Duration) time.Duration {
			return time.Duration(noise(i) * float64(100*time.Millisecond))
		}, time.Second, 0.4, 0.6, 30},
		"a slow first step": {func(i int, _ time.Duration) time.Duration {
			if i == 0 {
				return 10 * time.Second
			}
			return 200 * time.Millisecond
		}, 400 * time.Millisecond, 0.45, 0.55, 6},
		"slow from half-way on": {func(_ int, spent time.Duration) time.Duration {
			if spent > total/2 {
				return 400 * time.Millisecond
			}
			return 100 * time.Millisecond
		}, 800 * time.Millisecond, 0.15, 0.6, 30},
		"fast from half-way on": {func(_ int, spent time.Duration) time.Duration {
			if spent > total/2 {
				return 50 * time.Millisecond
			}
			return 200 * time.Millisecond
		}, time.Second, 0.4, 0.85, 30},
		"suspended for an hour": {func(i int, _ time.Duration) time.Duration {
			if i == 300 {
				return time.Hour
			}
			return 200 * time.Millisecond
		}, 400 * time.Millisecond, 0.45, 0.55, 4},
		"one step of twice the budget": {func(i int, _ time.Duration) time.Duration { return 2 * total }, 4 * total, 0, 1, 3},
	} {
		p := newPacer(1000, 0)
		done, spent := simulate(p, total, c.step)
		from, _ := p.pieces.DecayFrom()
		share := float64(done-from) / float64(done)
		if off := (spent - total).Abs(); off > c.off {
			t.Errorf("%s: it took %v: %v", name, spent, p.pieces)
		}
		if share < c.least || share > c.most {
			t.Errorf("%s: %.2f of the steps are a decay: %v", name, share, p.pieces)
		}
		if len(p.pieces) > c.pieces {
			t.Errorf("%s: %d pieces: %v", name, len(p.pieces), p.pieces)
		}
		if err := p.pieces.Check(scheduleMost); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if warm := p.pieces.Top(); done > 100 && (warm < done/25 || warm > done/5) {
			t.Errorf("%s: %d of %d steps are a warm-up: %v", name, warm, done, p.pieces)
		}
		if last := p.pieces.At(done - 1); done > 100 && last > 0.1 {
			t.Errorf("%s: the last step's learning rate is %v of the peak", name, last)
		}
	}
}

// What is laid later changes no step that is made.
func TestPacerKeepsSteps(t *testing.T) {
	p := newPacer(50, 0)
	var rates []float64
	simulate(p, 60*time.Second, func(i int, spent time.Duration) time.Duration {
		rates = append(rates, p.pieces.At(i))
		return time.Duration(float64(200*time.Millisecond) * (1.5 + math.Sin(float64(i)/20)))
	})
	if len(p.pieces) < 3 {
		t.Fatalf("nothing was laid anew: %v", p.pieces)
	}
	for i, want := range rates {
		if got := p.pieces.At(i); got != want {
			t.Errorf("step %d had %v of the peak, and has %v: %v", i, want, got, p.pieces)
		}
	}
}

// Out of time, the learning rate falls within a twentieth of the steps made, and no faster.
func TestPacerOutOfTime(t *testing.T) {
	p := newPacer(10, 0)
	p.lay(200, 0)
	if got := p.pieces.String(); got != "0-10:1000,200-210:0" {
		t.Errorf("out of time on the plateau: %s", got)
	}
	p = newPacer(10, 0)
	p.lay(200, 200)
	p.lay(300, -5)
	if got := p.pieces.String(); got != "0-10:1000,200-400:0,300-305:0" {
		t.Errorf("out of time in the decay: %s", got)
	}
	p.lay(304, -9)
	if got := p.pieces.String(); got != "0-10:1000,200-400:0,300-305:0" {
		t.Errorf("later: %s", got)
	}
	p = newPacer(0, 40)
	p.lay(10, 1e9)
	p.lay(20, 1e9)
	if got := p.pieces.String(); got != "0-0:1000,20-40:0" {
		t.Errorf("at most 40 steps: %s", got)
	}
}

func TestStopwatch(t *testing.T) {
	now := time.Unix(100, 0)
	w := start(func() time.Time { return now }, time.Minute)
	s := steps{watch: w}
	for i, c := range []struct{ took, each, spent time.Duration }{
		{40 * time.Second, 40 * time.Second, 100 * time.Second}, // a first step is never a stall
		{time.Second, time.Second, 101 * time.Second},           // it is forgotten
		{29 * time.Second, 15 * time.Second, 130 * time.Second}, // slow, but no stall
		{time.Hour, 15 * time.Second, 145 * time.Second},        // a stall
		{-time.Hour, 45 * time.Second / 4, 145 * time.Second},   // a clock that is set back
	} {
		now = now.Add(c.took)
		s.lap()
		if s.each() != c.each || w.spent != c.spent {
			t.Errorf("step %d: %v each, %v spent; want %v, %v", i, s.each(), w.spent, c.each, c.spent)
		}
	}
}
