package imageio

import (
	"slices"
	"testing"

	"anomem/nn/rng"
)

func TestMapResize(t *testing.T) {
	m := &Map{2, 1, []float32{0, 8}}
	for _, c := range []struct {
		w, h int
		want []float32
	}{
		{4, 1, []float32{0, 2, 6, 8}},
		{4, 2, []float32{0, 2, 6, 8, 0, 2, 6, 8}},
		{2, 1, []float32{0, 8}},
		{1, 1, []float32{4}},
		{8, 1, []float32{0, 0, 1, 3, 5, 7, 8, 8}},
	} {
		if got := m.Resize(c.w, c.h); got.W != c.w || got.H != c.h || !slices.Equal(got.Value, c.want) {
			t.Errorf("to %d×%d: %v, want %v", c.w, c.h, got.Value, c.want)
		}
	}
	// Rows are what columns are.
	if got := (&Map{1, 2, []float32{0, 8}}).Resize(1, 4); !slices.Equal(got.Value, []float32{0, 2, 6, 8}) {
		t.Errorf("down: %v", got.Value)
	}
	// What is constant stays so, to the bit.
	r := rng.New(1)
	for range 50 {
		m := &Map{1 + r.IntN(9), 1 + r.IntN(9), nil}
		for range m.W * m.H {
			m.Value = append(m.Value, float32(0.1))
		}
		for _, v := range m.Resize(1+r.IntN(30), 1+r.IntN(30)).Value {
			if v != 0.1 {
				t.Fatalf("%v of a constant map", v)
			}
		}
	}
}

func TestMapRangeAndAbove(t *testing.T) {
	m := &Map{3, 1, []float32{0.5, -2, 7}}
	if lo, hi := m.Range(); lo != -2 || hi != 7 {
		t.Errorf("from %v to %v, want -2 to 7", lo, hi)
	}
	if got := m.Above(0.5); got.W != 3 || got.H != 1 || marks(got) != "001" {
		t.Errorf("above 0.5: %s of %d×%d", marks(got), got.W, got.H)
	}
	if got := (&Map{2, 1, []float32{0, 1}}).Resize(4, 1).Above(0.5); marks(got) != "0011" {
		t.Errorf("above 0.5, enlarged: %s", marks(got))
	}
}

func TestMapsThatPanic(t *testing.T) {
	short := &Map{2, 2, []float32{1}}
	for name, f := range map[string]func(){
		"short map resized": func() { short.Resize(4, 4) },
		"empty map resized": func() { new(Map).Resize(4, 4) },
		"to nothing":        func() { (&Map{1, 1, []float32{0}}).Resize(0, 3) },
		"range":             func() { short.Range() },
		"above":             func() { short.Above(0) },
		"larger mask":       func() { NewMask(2, 2).Shrink(3, 1) },
		"empty mask":        func() { NewMask(2, 2).Shrink(0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
