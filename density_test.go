package anomem

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/nn/rng"
)

// Distances are those of scikit-learn and SciPy, within the rounding of float32 factors.
func TestDensityDistances(t *testing.T) {
	text, err := os.ReadFile("testdata/density/oas.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Channels                 int
			Rows, Queries, Distances []float64
			Shrinkage                float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	shrunk := false
	for _, c := range file.Cases {
		shrunk = shrunk || c.Shrinkage > 0.2
		d := NewDensity[float32](2, c.Channels)
		if err := d.Fit(1, narrow(c.Rows)); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.Distances {
			q := narrow(c.Queries[i*c.Channels : (i+1)*c.Channels])
			got := distance(d, q, 1, make([]float32, c.Channels))
			// Each of C rows is a sum of up to C products, each off by 2^-24 or so.
			if bound := 1e-6 * float64(c.Channels) * max(1, want); !(math.Abs(float64(got)-want) <= bound) {
				t.Errorf("%d channels, query %d: %v, want %v within %g", c.Channels, i, got, want, bound)
			}
		}
	}
	if !shrunk {
		t.Error("no case needs much shrinkage")
	}
}

func narrow(v []float64) []float32 {
	var out []float32
	for _, x := range v {
		out = append(out, float32(x))
	}
	return out
}

func TestDensityRefuses(t *testing.T) {
	d := NewDensity[float32](1, 2)
	if err := d.Fit(0, nil); err == nil {
		t.Error("no feature has a density")
	}
	if err := d.Fit(0, []float32{1, 2, float32(math.NaN()), 2}); err == nil {
		t.Error("NaN has a density")
	}
	if err := d.Fit(0, []float32{1, 0, 1, 0}); err != nil {
		t.Fatal(err)
	}
	scratch := make([]float32, 2)
	if same, other := distance(d, []float32{1, 0}, 0, scratch), distance(d, []float32{0, 1}, 0, scratch); same != 0 || !(other > 1e3) {
		t.Errorf("of features that are all the same: distance %v, and %v of another", same, other)
	}
}

// A density describes unit vectors, so the length of features does not count.
func TestDensityFeatures(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	z, twice := autograd.New[float64](2, 3, 3, 4), autograd.New[float64](2, 3, 3, 4)
	r := rng.New(1)
	for i := range z.Data() {
		z.Data()[i] = r.Norm()
		twice.Data()[i] = 2 * z.Data()[i]
	}
	a, b := DensityFeatures(g, z), DensityFeatures(g, twice)
	if !slices.Equal(a.Data(), b.Data()) {
		t.Errorf("%v, and of twice the map %v", a.Data(), b.Data())
	}
	for i := range 2 {
		var square, mean float64
		for c := range 4 {
			square += a.Data()[i*4+c] * a.Data()[i*4+c]
		}
		for p := range 9 {
			mean += z.Data()[i*36+p*4] / 9
		}
		if !(math.Abs(square-1) < 1e-12) || math.Signbit(mean) != math.Signbit(a.Data()[i*4]) {
			t.Errorf("image %d: length %v, channel 0 %v of mean %v", i, math.Sqrt(square), a.Data()[i*4], mean)
		}
	}
}
