package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"anomem"
)

// Where the time is too short for all, phases take the same share of their full size, or their
// least, and the time that a part takes tells how fast the machine is.
func TestShares(t *testing.T) {
	clock := &fakeClock{}
	r := &Run{Budget: 640 * time.Second, Now: clock.now}
	b := r.newBudget(&State{}) // 630 s, without the margin
	b.costs.add(fitting, 10*time.Second, 100, 10)
	b.costs.add(viewing, 40*time.Second, 1000, 10)
	b.costs.add(calibration, 10*time.Second, 40, 20)
	for _, c := range []struct {
		left time.Duration
		want float64
	}{{61 * time.Second, 1}, {60 * time.Second, 1}, {45 * time.Second, 0.75}, {30 * time.Second, 0.5}, {20 * time.Second, 0.3}, {time.Second, leastShare}} {
		if got := b.share(c.left); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("with %v left, each takes %.4f, want %.4f", c.left, got, c.want)
		}
	}
	clock.add(600 * time.Second)
	if got := b.next(fitting); got < 499 || got > 500 {
		t.Errorf("with 30 s left for 60, fitting takes %d thousandths", got)
	}
	clock.add(5 * time.Second)
	b.did(fitting, 500, 0)
	if math.Abs(b.pace-1) > 1e-6 {
		t.Errorf("what took as long as expected has pace %v", b.pace)
	}
	// The first half of the views takes four times as long as expected.
	if got := b.next(viewing); got < 499 || got > 500 {
		t.Errorf("with 25 s left for 50, viewing takes %d thousandths", got)
	}
	clock.add(40 * time.Second)
	b.did(viewing, 500, 0.5)
	if b.pace < 2 || b.pace > 4 {
		t.Errorf("what took four times as long has pace %v", b.pace)
	}
	if got := b.next(viewing); got != 125 {
		t.Errorf("without time left, viewing takes %d thousandths", got)
	}
	if got := b.next(calibration); got != 500 {
		t.Errorf("without time left, calibration takes %d thousandths, not what it needs", got)
	}
	if got := b.next(keeping); got != wholeShare {
		t.Errorf("a phase without a cost takes %d thousandths", got)
	}
}

func TestPortion(t *testing.T) {
	for _, c := range []struct{ n, share, least, want int }{{100, 0, 16, 100}, {100, 1000, 16, 100}, {100, 500, 16, 50}, {100, 125, 16, 16}, {9, 125, 16, 9}} {
		if got := portion(c.n, c.share, c.least); got != c.want {
			t.Errorf("%d thousandths of %d, %d at least: %d, want %d", c.share, c.n, c.least, got, c.want)
		}
	}
	r := &Run{Held: uprights("held", 40), Promise: anomem.Promise{Alpha: 0.03}}
	if n := r.someHeld(125).Len(); n != 33 {
		t.Errorf("an eighth of 40 held-out images are %d, want the 33 that the promise takes", n)
	}
	if some := r.someHeld(0); some.Len() != 40 {
		t.Errorf("all held-out images are %d of 40", some.Len())
	}
	o := smallOptions()
	o.Shares.Views = []int{1001}
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "shares: 1001 thousandths") {
		t.Errorf("more than all: %v", err)
	}
}

// What follows stage 1 takes longer than the budget: views are made of fewer images, the end is
// in time, and the stored shares tell the same model.
func TestBudgetShares(t *testing.T) {
	const budget = 40 * time.Second
	d := uprights("normal", 400)
	for name, each := range map[string]func(at time.Duration) time.Duration{
		"steady": always(30 * time.Millisecond),
		"slow from half-way on": func(at time.Duration) time.Duration {
			if at > budget/2 {
				return 60 * time.Millisecond
			}
			return 30 * time.Millisecond
		},
	} {
		r, clock := budgetRun(t, d, each)
		r.Budget, r.Options.Batch = budget, 64
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if (clock.at - budget).Abs() > budget/20 {
			t.Errorf("%s: it took %v of %v: %v, %v, %+v", name, clock.at, budget, r.Options.Schedule, r.Options.Heads.Schedules, r.Options.Shares)
		}
		if v := r.Options.Shares.Views; len(v) != r.Options.Heads.Views || slices.Max(v) >= wholeShare {
			t.Errorf("%s: the shares of %d passes are %v", name, r.Options.Heads.Views, v)
		}
		repeats(t, name, d, m, r.Options)
	}
}

// A budget that is too short for the least of what follows is said to be so, once.
func TestBudgetTooShortWarns(t *testing.T) {
	r, _ := budgetRun(t, uprights("normal", 400), always(100*time.Millisecond))
	var warned []string
	r.OnNote = func(note string) {
		if strings.HasPrefix(note, "warning: the budget is too short") {
			warned = append(warned, note)
		}
	}
	if _, err := r.Train(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "of 20s, 2s are left, and what follows the steps takes about 20s at least") {
		t.Errorf("a budget that is too short for what follows the steps: %q", warned)
	}
}
