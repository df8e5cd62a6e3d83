package eval

import (
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// row returns a map and a mask of one row.
func row(values []float32, marked []bool) (*imageio.Map, *imageio.Mask) {
	return &imageio.Map{W: len(values), H: 1, Value: values}, &imageio.Mask{W: len(marked), H: 1, Pix: marked}
}

// Within what it says it leaves open, the area over bins is the area over pixels; of
// values of 17 bits behind the point it is equal.
func TestPixelAUROC(t *testing.T) {
	r := rng.New(3)
	var fine, coarse PixelAUROC
	var fines, coarses []float64
	var labels []bool
	for range 5 {
		values, rounded, mask := make([]float32, 4000), make([]float32, 4000), make([]bool, 4000)
		for i := range values {
			mask[i] = r.IntN(20) == 0
			values[i] = float32(r.Norm()) / 1000
			if mask[i] {
				values[i] += 0.0005
			}
			values[i] += 3 // so that bins are filled by several
			rounded[i] = math.Float32frombits(math.Float32bits(values[i]) &^ (1<<6 - 1))
			fines, coarses = append(fines, float64(values[i])), append(coarses, float64(rounded[i]))
		}
		labels = append(labels, mask...)
		if err := fine.Add(row(values, mask)); err != nil {
			t.Fatal(err)
		}
		if err := coarse.Add(row(rounded, mask)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := AUROC(fines, labels)
	if err != nil {
		t.Fatal(err)
	}
	got, within, err := fine.AUROC()
	if err != nil || math.Abs(got-want) > within || within > 0.01 {
		t.Errorf("%v ± %v, %v, want %v", got, within, err, want)
	}
	if got == want {
		t.Errorf("no bin was filled by different values")
	}
	want, err = AUROC(coarses, labels)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err = coarse.AUROC(); err != nil || got != want {
		t.Errorf("of rounded values %v, %v, want %v", got, err, want)
	}
}

// A nil mask is one that marks nothing.
func TestPixelsOfANormalImage(t *testing.T) {
	var with, without PixelAUROC
	m, mask := row([]float32{1, 2, 3, 4}, make([]bool, 4))
	for p, mask := range map[*PixelAUROC]*imageio.Mask{&with: mask, &without: nil} {
		if err := p.Add(m, mask); err != nil {
			t.Fatal(err)
		}
		if err := p.Add(row([]float32{2.5, 9}, []bool{true, true})); err != nil {
			t.Fatal(err)
		}
		if got, _, err := p.AUROC(); err != nil || got != 6./8 {
			t.Errorf("AUROC %v, %v, want 0.75", got, err)
		}
	}
}

func TestPixelsAreInOrder(t *testing.T) {
	inf := float32(math.Inf(1))
	values := []float32{-inf, -2, -1, -1e-45, 0, 1e-45, 1e-38, 1, 1.5, math.MaxFloat32, inf}
	if !slices.IsSortedFunc(values, func(a, b float32) int { return int(int64(ascending(a)) - int64(ascending(b))) }) {
		t.Error("not in order")
	}
	if negative := float32(math.Copysign(0, -1)); ascending(negative) != ascending(0) {
		t.Error("-0 is not 0")
	}
	var p PixelAUROC
	for i, v := range values[1:] {
		if err := p.Add(row([]float32{v}, []bool{i >= 5})); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, err := p.AUROC(); err != nil || got != 1 {
		t.Errorf("AUROC %v, %v", got, err)
	}
}

func TestPixelsThatAreRefused(t *testing.T) {
	var p PixelAUROC
	if err := p.Add(row([]float32{1, 2}, []bool{true})); err == nil || !strings.Contains(err.Error(), "a heatmap of 2×1, 2 values, with a mask of 1×1, 1 values") {
		t.Error(err)
	}
	if err := p.Add(row([]float32{1, float32(math.NaN())}, []bool{true, false})); err == nil || !strings.Contains(err.Error(), "value 1 of a heatmap of 2 is NaN") {
		t.Error(err)
	}
	if err := p.Add(row([]float32{1}, []bool{true})); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.AUROC(); err == nil || !strings.Contains(err.Error(), "1 anomalous and 0 normal pixels") {
		t.Error(err)
	}
	p.n[0] = math.MaxUint32 - 1
	if err := p.Add(row([]float32{1}, []bool{true})); err == nil {
		t.Error("2³² pixels")
	}
}

// Ten million pixels that lie between 0.001 and 1, as deviations do.
func BenchmarkPixelAUROC(b *testing.B) {
	r := rng.New(4)
	values, mask := make([]float32, 1_000_000), make([]bool, 1_000_000)
	for i := range values {
		values[i] = max(float32(r.Float64()), 0.001)
		mask[i] = i%50 == 0
	}
	b.ReportAllocs()
	for b.Loop() {
		var p PixelAUROC
		for range 10 {
			if err := p.Add(row(values, mask)); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := p.AUROC(); err != nil {
			b.Fatal(err)
		}
	}
}
