package anomem

import (
	"math"
	"path/filepath"
	"reflect"
	"testing"
)

func TestHeatScaleByHand(t *testing.T) {
	var m HeatMeter
	if _, err := m.Scale(); err == nil {
		t.Error("a scale of no heatmap")
	}
	for _, v := range [][]float32{{0, 1, 2, 9}, {0, 1, 3, 4}, {5, 5, 5, 5}} {
		m.Add(&Heatmap{W: 2, H: 2, Value: v})
	}
	s, err := m.Scale()
	if err != nil {
		t.Fatal(err)
	}
	if want := (HeatScale{Floor: 3, Peaks: []float64{4, 5, 9}}); !reflect.DeepEqual(*s, want) {
		t.Errorf("%+v, want %+v", *s, want)
	}
	// One of three normal images may exceed 5 at a rate of a half; three promise no 0.1.
	if a, b := s.Threshold(Promise{Alpha: 0.5}), s.Threshold(Promise{Alpha: 0.1}); a != 5 || b != 9 {
		t.Errorf("thresholds %v and %v", a, b)
	}
	if lo, hi := s.Colours(Promise{Alpha: 0.5}); lo != 3 || hi != 7 {
		t.Errorf("colours from %v to %v", lo, hi)
	}
	flat := HeatScale{Floor: 1, Peaks: []float64{1}}
	if lo, hi := flat.Colours(Promise{Alpha: 0.5}); !(lo < hi) {
		t.Errorf("colours of flat maps from %v to %v", lo, hi)
	}
	m.Add(&Heatmap{W: 1, H: 1, Value: []float32{float32(math.Inf(1))}})
	if _, err := m.Scale(); err == nil {
		t.Error("an infinite peak")
	}
}

func TestHeatScaleIsStored(t *testing.T) {
	m := tinyModel(t, tinyConfig(), nil)
	if err := m.Calibrate([]float64{1, 2, 3}, Promise{Alpha: 0.25}); err != nil {
		t.Fatal(err)
	}
	want := &HeatScale{Floor: 1. / 3, Peaks: []float64{0.1, 0.2, 7}}
	if err := m.SetHeatScale(want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path, nil, ForScoring())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.HeatScale(), want) {
		t.Errorf("%+v, want %+v", got.HeatScale(), want)
	}
	for _, bad := range []HeatScale{{}, {Peaks: []float64{2, 1}}, {Floor: math.NaN(), Peaks: []float64{1}}} {
		if err := m.SetHeatScale(&bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
