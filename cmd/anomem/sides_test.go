package main

import "testing"

func TestSides(t *testing.T) {
	for text, want := range map[string]sides{"0": {0, 0}, "96": {96, 96}, "256x128": {256, 128}, "64x64": {64, 64}} {
		var s sides
		if err := s.Set(text); err != nil || s != want {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "x", "96x", "x96", "-8", "96x-8", "96x0", "96x96x3", "9.5", "96×96", " 96"} {
		s := sides{1, 2}
		if err := s.Set(text); err == nil || s != (sides{1, 2}) {
			t.Errorf("%q is taken as %v", text, s)
		}
	}
	if s := (&sides{256, 128}).String(); s != "256x128" {
		t.Error(s)
	}
}
