package optim

import (
	"math"
	"strings"
	"testing"
)

func TestPiecewise(t *testing.T) {
	p := Piecewise{{0, 9, 1000}, {20, 30, 0}, {25, 27, 0}}
	for step, want := range map[int]float64{
		0: 0.1, 1: 0.2, 8: 0.9, 9: 1, 15: 1, 20: 1, 21: 0.9, 24: 0.6, 25: 0.5, 26: 0.25, 27: 0, 28: 0, 1000: 0,
	} {
		if got := p.At(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	if end, ok := p.End(); end != 27 || !ok {
		t.Errorf("it ends at %d, %v", end, ok)
	}
	if from, ok := p.DecayFrom(); from != 20 || !ok {
		t.Errorf("it decays from %d, %v", from, ok)
	}
	if top := p.Top(); top != 9 {
		t.Errorf("the warm-up ends at %d", top)
	}
	// A piece changes no step before it.
	for step := range 25 {
		if got, before := p.At(step), p[:2].At(step); got != before {
			t.Errorf("step %d: %v, and %v before", step, got, before)
		}
	}
	open := Piecewise{{0, 9, 1000}}
	if _, ok := open.End(); ok {
		t.Error("a plateau ends")
	}
	if _, ok := open.DecayFrom(); ok {
		t.Error("a plateau decays")
	}
	if top := (Piecewise{{0, 9, 1000}, {4, 8, 0}}).Top(); top != 4 {
		t.Errorf("a warm-up that is cut ends at %d", top)
	}
	if got := (Piecewise{{0, 0, 1000}, {7, 7, 0}}); got.At(0) != 1 || got.At(6) != 1 || got.At(7) != 0 {
		t.Errorf("pieces of no length: %v, %v, %v", got.At(0), got.At(6), got.At(7))
	}
	// The bits are the same everywhere: these were computed on amd64.
	sum := uint64(0)
	for i := range 100 {
		sum = (sum ^ math.Float64bits(Piecewise{{0, 7, 1000}, {40, 97, 0}, {61, 91, 0}}.At(i))) * 1099511628211
	}
	if want := uint64(0x63092026c1b6cc8c); sum != want {
		t.Errorf("digest %#x, want %#x", sum, want)
	}
}

func TestPiecewiseText(t *testing.T) {
	const text = "0-9:1000,20-30:0,25-27:0"
	var p Piecewise
	if err := p.UnmarshalText([]byte(text)); err != nil || p.String() != text {
		t.Fatalf("%v, %v", p, err)
	}
	if err := p.UnmarshalText(nil); err != nil || len(p) != 0 {
		t.Errorf("no text: %v, %v", p, err)
	}
	for _, text := range []string{"0", "0-1", "0:1", "0-1:a", "0-1:5 6-7:8", "0-1:2:3"} {
		if err := p.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "want FROM-TO:LEVEL") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPiecewiseCheck(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"0-0:1000":                        "",
		"0-9:1,9-9:1000,12-100:0,15-15:0": "",
		"1-9:1000":                        "it begins at step 1",
		"0-9:1000,0-8:0":                  "stands behind one from step 0",
		"0-9:1000,5-4:0":                  "from step 5 to 4",
		"0-101:1000":                      "want 100 at most",
		"0-9:1001":                        "level 1001",
		"0-9:-1":                          "level -1",
		"0-9:1000,10-20:0,15-25:5":        "behind the end of the decay",
		"0-9:1000,10-20:0,21-25:0":        "behind the end of the decay",
	} {
		var p Piecewise
		if err := p.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(100); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
