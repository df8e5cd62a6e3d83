package train

import "time"

// stopwatch adds up the time that a training takes.
type stopwatch struct {
	now   func() time.Time
	last  time.Time
	spent time.Duration
}

// start returns a stopwatch that runs, after a time that was spent already.
func start(now func() time.Time, spent time.Duration) *stopwatch {
	return &stopwatch{now: now, last: now(), spent: spent}
}

// lap adds the time since the last lap and returns it.
func (w *stopwatch) lap() time.Duration {
	now := w.now()
	took := max(0, now.Sub(w.last))
	w.last = now
	w.spent += took
	return took
}

// A step that takes stallLeast and stallTimes as long as the steps before it is no slow step:
// the machine was suspended, or the program stopped.
const (
	stallLeast = 30 * time.Second
	stallTimes = 20
)

// steps measures the steps of a training by a stopwatch.
type steps struct {
	watch  *stopwatch
	made   int
	mean   float64 // nanoseconds of the last steps
	lately float64 // of the last few
}

// window is the number of steps that each averages over. Of many steps, it is a share.
const (
	windowLeast = 16
	windowShare = 1.0 / 8
	windowFew   = 3 // that tell how fast the machine is now
)

// lap takes the time of a step. Of a stall, only the time of a common step is taken.
func (s *steps) lap() {
	took := s.watch.lap()
	if each := s.each(); s.made > 0 && took >= stallLeast && took > stallTimes*each {
		s.watch.spent -= took - each
		took = each
	}
	if s.made++; s.made <= 2 {
		s.mean, s.lately = float64(took), float64(took) // the first step sizes memory: it is forgotten
		return
	}
	n := min(float64(s.made-1), max(windowLeast, windowShare*float64(s.made)))
	s.mean += (float64(took) - s.mean) / n
	s.lately += (float64(took) - s.lately) / min(n, windowFew)
}

// each returns the mean duration of the last steps; 0 if there is none.
func (s *steps) each() time.Duration { return time.Duration(s.mean) }
