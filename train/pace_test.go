package train

import (
	"math"
	"testing"
	"time"
)

// A clock on which each step takes 10 ms: the rate rises, stays, falls from the middle on,
// and the training ends with the budget.
func TestPace(t *testing.T) {
	clock := time.Unix(0, 0)
	p := NewPace(2*time.Second, 30, func() time.Time { return clock })
	var rates []float64
	for done := 1; ; done++ {
		rates = append(rates, p.At(done-1))
		clock = clock.Add(10 * time.Millisecond)
		if p.After(done) {
			break
		}
	}
	if n := len(rates); n < 195 || n > 205 {
		t.Fatalf("%d steps, want about 200", n)
	}
	for step, want := range map[int]float64{0: 0.1, 30: 1, 99: 1, 150: 0.5} {
		if got := rates[step]; math.Abs(got-want) > 0.06 {
			t.Errorf("step %d: rate %v, want %v", step, got, want)
		}
	}
	if p.Left() > 20*time.Millisecond {
		t.Errorf("%v left", p.Left())
	}
}

func TestPaceOfNoTime(t *testing.T) {
	p := NewPace(time.Nanosecond, 10, nil)
	if at := p.At(0); at <= 0 {
		t.Errorf("rate %v", at)
	}
	time.Sleep(time.Millisecond)
	if !p.After(1) {
		t.Error("it goes on after a step")
	}
}
