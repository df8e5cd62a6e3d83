package optim

import (
	"math"
	"testing"
)

// The Taylor series of the sine to the 23rd power leaves less than (π/2)²⁵/25! = 5e-21;
// what remains is a rounding of each of 12 terms of a sum below 1.6.
func TestHalfTurnCos(t *testing.T) {
	for i := range 10001 {
		x := float64(i) / 10000
		if got, want := halfTurnCos(x), math.Cos(math.Pi*x); math.Abs(got-want) > 12*1.6*0x1p-53 {
			t.Errorf("cos(%v·π): %v, want %v", x, got, want)
		}
	}
}

func TestSchedule(t *testing.T) {
	s := Schedule{Peak: 0.5, WarmUp: 4, Steps: 20}
	for i, want := range []float64{0.125, 0.25, 0.375, 0.5, 0.5} {
		if got := s.At(i); math.Abs(got-want) > 1e-15 {
			t.Errorf("step %d: %v, want %v", i, got, want)
		}
	}
	for i := 4; i < 20; i++ {
		want := 0.5 * (1 + math.Cos(math.Pi*float64(i-4)/16)) / 2
		if got := s.At(i); math.Abs(got-want) > 1e-15 || !(got < s.At(i-1) || i <= 4) || !(got > 0) {
			t.Errorf("step %d: %v after %v, want %v", i, got, s.At(i-1), want)
		}
	}
	if s.At(20) != 0 || s.At(1000) != 0 {
		t.Errorf("after the end: %v, %v", s.At(20), s.At(1000))
	}
	if got := (Schedule{Peak: 1, Steps: 1}).At(0); math.Abs(got-1) > 1e-15 {
		t.Errorf("one step without warm-up: %v", got)
	}
	if got := (Schedule{Peak: 1, WarmUp: 3, Steps: 3}).At(2); got != 1 {
		t.Errorf("nothing but warm-up: %v", got)
	}
	// The bits are the same everywhere: these were computed on amd64.
	sum := uint64(0)
	for i := range 1000 {
		sum = (sum ^ math.Float64bits(Schedule{0.3, 50, 1000}.At(i))) * 1099511628211
	}
	if want := uint64(0x5de875c53dae0a50); sum != want {
		t.Errorf("digest %#x, want %#x", sum, want)
	}
}
