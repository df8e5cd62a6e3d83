package eval

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anomem/imageio"
)

// The fixtures label parts by SciPy and sort all pixels. Their values differ in the first 17
// bits, so that no bin holds two.
func TestPRO(t *testing.T) {
	for k, o := range fixtures(t).Overlaps {
		var p PixelPRO
		for i, values := range o.Maps {
			m, mask := &imageio.Map{W: o.Side, H: o.Side, Value: values}, imageio.NewMask(o.Side, o.Side)
			for j, marked := range o.Masks[i] {
				mask.Pix[j] = marked == 1
			}
			if !mask.Any() {
				mask = nil
			}
			if err := p.Add(m, mask); err != nil {
				t.Fatal(err)
			}
		}
		for name, want := range o.Area {
			share, err := strconv.ParseFloat(name, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Area(share); err != nil || math.Abs(got-want) > 1e-12 {
				t.Errorf("pictures %d up to %v: %v, %v, want %v", k, share, got, err, want)
			}
		}
	}
}

func TestConnected(t *testing.T) {
	mask := &imageio.Mask{W: 4, H: 3, Pix: []bool{
		true, false, false, true,
		false, true, false, true,
		false, false, false, false,
	}}
	part, areas := connected(mask)
	if want := []int32{0, -1, -1, 1, -1, 0, -1, 1, -1, -1, -1, -1}; !slices.Equal(part, want) || !slices.Equal(areas, []int{2, 2}) {
		t.Errorf("%v of %v", part, areas)
	}
	if part, areas := connected(nil); part != nil || areas != nil {
		t.Errorf("of no mask: %v of %v", part, areas)
	}
}

// A small defect counts as much as a large one.
func TestPROCountsDefectsAlike(t *testing.T) {
	var p PixelPRO
	if err := p.Add(row([]float32{9, 0, 1, 1, 1, 1, 0, 0}, []bool{true, false, true, true, true, true, false, false})); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Area(0.3); err != nil || got != 1 {
		t.Errorf("%v, %v", got, err)
	}
	p = PixelPRO{}
	if err := p.Add(row([]float32{-9, 0, 1, 1, 1, 1, 0, 0}, []bool{true, false, true, true, true, true, false, false})); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Area(0.3); err != nil || got != 0.5 {
		t.Errorf("%v, %v, want 0.5", got, err)
	}
}

func TestPRORefuses(t *testing.T) {
	var p PixelPRO
	if err := p.Add(row([]float32{1, 2}, []bool{true})); err == nil || !strings.Contains(err.Error(), "with a mask of 1×1") {
		t.Error(err)
	}
	if err := p.Add(row([]float32{float32(math.NaN())}, []bool{true})); err == nil || !strings.Contains(err.Error(), "is NaN") {
		t.Error(err)
	}
	if _, err := p.Area(0.3); err == nil || !strings.Contains(err.Error(), "0 defects and 0 normal pixels") {
		t.Error(err)
	}
	if err := p.Add(row([]float32{1, 0}, []bool{true, false})); err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0, 1.01, math.NaN()} {
		if _, err := p.Area(share); err == nil {
			t.Errorf("up to %v", share)
		}
	}
	p.normals = math.MaxUint32
	m, _ := row([]float32{1}, nil)
	if err := p.Add(m, nil); err == nil || !strings.Contains(err.Error(), "4294967296 pixels") {
		t.Errorf("2³² pixels: %v", err)
	}
}
