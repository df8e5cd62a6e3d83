package main

import "testing"

func TestShapeOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		want [3]string
		ok   bool
	}{
		{"sgemm/256", [3]string{"256", "256", "256"}, true},
		{"sgemm/3136x64x256", [3]string{"3136", "64", "256"}, true},
		{"sgemm/3x4", [3]string{}, false},
		{"add/2Ki", [3]string{}, false},
	} {
		if got, ok := shapeOf(tt.name); got != tt.want || ok != tt.ok {
			t.Errorf("shapeOf(%q) = %q, %v, want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("median of three = %v, want 2", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median of four = %v, want 3", got)
	}
}
