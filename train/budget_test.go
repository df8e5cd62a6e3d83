package train

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/train/augment"
)

// fakeClock is a clock that goes on by a tick whenever it is looked at.
type fakeClock struct {
	mu   sync.Mutex
	at   time.Duration
	tick time.Duration
}

func (c *fakeClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at += d
}

func (c *fakeClock) now() time.Time {
	c.add(c.tick)
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(0, 0).Add(c.at)
}

// timed is a source whose images take time by a clock.
type timed struct {
	dataset.Source
	clock *fakeClock
	each  func(at time.Duration) time.Duration
}

func (s timed) Image(i int) (*imageio.Image, error) {
	s.clock.add(s.each(s.clock.at))
	return s.Source.Image(i)
}

const testBudget = 20 * time.Second

// budgetRun returns a training within testBudget by a clock, and the clock. An image takes
// the time that each says; a step takes that of four, the first one that of more.
func budgetRun(t *testing.T, d dataset.Source, each func(at time.Duration) time.Duration) (*Run, *fakeClock) {
	t.Helper()
	r := smallRun(t, d)
	c := &fakeClock{tick: 3 * time.Millisecond}
	r.Data, r.Held = timed{r.Data, c, each}, timed{r.Held, c, each}
	r.Budget, r.Now = testBudget, c.now
	return r, c
}

// always is a duration that does not depend on the time.
func always(d time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return d }
}

// repeats checks that a training without a budget, by the stored schedules alone, gives the
// same file.
func repeats(t *testing.T, what string, d dataset.Source, m *anomem.Model, trained Options) {
	t.Helper()
	again := smallRun(t, d)
	again.Options.Batch = trained.Batch
	again.Options.Schedule, again.Options.Heads.Schedules, again.Options.Shares = trained.Schedule, trained.Heads.Schedules, trained.Shares
	same, err := again.Train(context.Background(), nil)
	if err != nil {
		t.Fatalf("%s: repeated: %v", what, err)
	}
	if !bytes.Equal(fileOf(t, same), fileOf(t, m)) {
		t.Errorf("%s: repeated by %v and %v, it is another model", what, trained.Schedule, trained.Heads.Schedules)
	}
	if testing.Verbose() {
		t.Logf("%s: shares %+v", what, trained.Shares)
	}
}

func TestBudget(t *testing.T) {
	few, many := withDefects(12, 2), withDefects(12, FewDefects)
	for name, c := range map[string]struct {
		data  dataset.Source
		each  func(at time.Duration) time.Duration
		stall time.Duration // of the clock, in step 20
		heads int           // trainings
	}{
		"fast":        {uprights("normal", 12), always(40 * time.Millisecond), 0, 1},
		"slow":        {uprights("normal", 12), always(100 * time.Millisecond), 0, 1},
		"few defects": {few, always(60 * time.Millisecond), 0, 4},
		"defects":     {many, always(60 * time.Millisecond), 0, 2},
		"slow from half-way on": {few, func(at time.Duration) time.Duration {
			if at > testBudget/2 {
				return 80 * time.Millisecond
			}
			return 40 * time.Millisecond
		}, 0, 4},
		"suspended": {few, always(60 * time.Millisecond), time.Hour, 4},
	} {
		r, clock := budgetRun(t, c.data, c.each)
		data := r.Data
		steps := 0
		r.OnStep = func(p Progress) {
			if steps++; steps == 20 {
				clock.add(c.stall)
			}
		}
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if took := clock.at - c.stall; (took - testBudget).Abs() > testBudget/20 {
			t.Errorf("%s: it took %v of %v: %v, %v", name, took, testBudget, r.Options.Schedule, r.Options.Heads.Schedules)
		}
		if end, ok := r.Options.Schedule.End(); !ok || end != steps || r.Options.Steps != steps || r.Options.Epochs != (steps+2)/3 && data.Len() == 12 {
			t.Errorf("%s: %d steps by %v: the options have %d steps, %d epochs", name, steps, r.Options.Schedule, r.Options.Steps, r.Options.Epochs)
		}
		if n := len(r.Options.Heads.Schedules); n != c.heads {
			t.Errorf("%s: schedules of %d trainings of heads, want %d", name, n, c.heads)
		}
		repeats(t, name, c.data, m, r.Options)
	}
}

// Interrupted and resumed, the time before counts, and the schedules still tell the model.
func TestBudgetResumed(t *testing.T) {
	d := withDefects(12, 2)
	for name, c := range map[string]struct {
		after  int           // the step of the interrupt
		budget time.Duration // of the run that resumes
		took   time.Duration // in all, at most
	}{
		"in the warm-up":    {2, testBudget, testBudget},
		"on the plateau":    {10, testBudget, testBudget},
		"in the decay":      {26, testBudget, testBudget},
		"longer":            {10, 2 * testBudget, 2 * testBudget},
		"spent already":     {15, testBudget / 8, 0},
		"spent to the last": {26, testBudget / 2, 0},
	} {
		path := filepath.Join(t.TempDir(), "c")
		first, clock := budgetRun(t, d, always(60*time.Millisecond))
		first.Checkpoint = path
		ctx, cancel := context.WithCancel(context.Background())
		first.OnStep = func(p Progress) {
			if p.Step+1 == c.after {
				cancel()
			}
		}
		if _, err := first.Train(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", name, err)
		}
		cancel()
		state, err := ReadState(path)
		if err != nil || state.Budget != testBudget || (state.Spent-clock.at).Abs() > time.Second {
			t.Fatalf("%s: %v: %v of %v are spent, by the clock %v", name, err, state.Spent, state.Budget, clock.at)
		}
		second, later := budgetRun(t, d, always(60*time.Millisecond))
		second.Checkpoint, second.Budget = path, c.budget
		m, err := second.Resume(context.Background(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		took := state.Spent + later.at
		if c.took > 0 && (took-c.took).Abs() > c.took/20 {
			t.Errorf("%s: it took %v in all, not %v", name, took, c.took)
		}
		if steps, _ := second.Options.Schedule.End(); c.took == 0 && steps > c.after+c.after/20+2 {
			t.Errorf("%s: without any time left (%v were spent), it made %d steps after %d: %v", name, state.Spent, steps, c.after, second.Options.Schedule)
		}
		repeats(t, name, d, m, second.Options)
	}
}

func TestBudgetTooSmall(t *testing.T) {
	d := uprights("normal", 12)
	r, _ := budgetRun(t, d, always(20*time.Second))
	steps := 0
	r.OnStep = func(Progress) { steps++ }
	if _, err := r.Train(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "the budget leaves no time for training: a step takes 5m20") {
		t.Errorf("a step longer than the budget: %v", err)
	}
	// Two steps fit in.
	r, clock := budgetRun(t, d, always(time.Second/2))
	r.Options.Shift, r.Held, r.Promise.Alpha = augment.None, nil, 0
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if end, _ := r.Options.Schedule.End(); end < 1 || end > 3 {
		t.Errorf("%d steps in %v: %v", end, clock.at, r.Options.Schedule)
	}
	if m.Calibration() != nil {
		t.Error("calibrated by nothing")
	}
	r, _ = budgetRun(t, d, always(time.Second))
	r.Budget, r.Options.Schedule = 0, nil
	if err := r.Options.Schedule.UnmarshalText([]byte("0-3:1000")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Train(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "has no end") {
		t.Errorf("a schedule without an end: %v", err)
	}
}

// TestLittlePhasesAreWhole: where no time is left, a phase that takes little is whole all the same,
// and one that takes more gets its least.
func TestLittlePhasesAreWhole(t *testing.T) {
	now := time.Unix(0, 0)
	b := &budget{stopwatch: start(func() time.Time { return now }, 100*time.Second), total: 100 * time.Second, pace: 1}
	for p := range b.todo {
		b.todo[p] = 1
		b.costs.Least[p] = leastShare
	}
	b.costs.Full[calibration] = time.Second
	if s := b.next(calibration); s != wholeShare {
		t.Errorf("a hundredth of the budget: %d thousandths", s)
	}
	b.costs.Full[calibration] = 2 * time.Second
	if s := b.next(calibration); s != wholeShare/8 {
		t.Errorf("two hundredths: %d thousandths", s)
	}
}
