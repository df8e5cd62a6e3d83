package clusters

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"anomem/internal/lloyd"
	"anomem/nn/rng"
)

type fixtures struct {
	Cases []struct {
		D, Clusters                     int
		Rows, Queries, Centres, Nearest []float64
		Start                           []int
		Inertia, Best                   float64
	}
}

func stored(t *testing.T) (f fixtures) {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/baseline/neighbours.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// From the same start, the centres are scikit-learn's. The best of fifty starts is as good as
// its best of fifty.
func TestAgainstScikitLearn(t *testing.T) {
	for _, c := range stored(t).Cases {
		rows := make([]float32, len(c.Rows))
		for i, v := range c.Rows {
			rows[i] = float32(v)
		}
		x := wide(rows, c.D)
		var centres [][]float64
		for _, i := range c.Start {
			centres = append(centres, slices.Clone(x[i]))
		}
		found := lloyd.Run(x, centres, rounds, nil)
		var inertia float64
		for _, gap := range found.Gap {
			inertia += gap
		}
		if math.Abs(inertia-c.Inertia) > 1e-5*c.Inertia {
			t.Errorf("inertia %v, want %v", inertia, c.Inertia)
		}
		for i, v := range narrow(centres) {
			if math.Abs(float64(v)-c.Centres[i]) > 1e-5 {
				t.Errorf("value %d of the centres is %v, want %v", i, v, c.Centres[i])
			}
		}
		best, inertia := Find(rows, c.D, c.Clusters, 50, 1)
		if math.Abs(inertia-c.Best) > 1e-5*c.Best || len(best) != c.Clusters*c.D {
			t.Errorf("the best is %v, scikit-learn's %v; %d centres", inertia, c.Best, len(best)/c.D)
		}
	}
}

// k-means++ draws rows far from those drawn before, in proportion to the squared distance.
func TestPlusPlus(t *testing.T) {
	x := [][]float64{{0}, {0}, {3}, {1}} // from {0}: 9 of 10 draw {3}
	count := map[float64]int{}
	const draws = 20000
	for i := range draws {
		r := rng.New(uint64(i), rng.Name("test"))
		if c := plusPlus(x, 2, &r); c[0][0] == 0 {
			count[c[1][0]]++
		}
	}
	n := float64(count[3] + count[1])
	if share := float64(count[3]) / n; math.Abs(n/draws-0.5) > 0.02 || math.Abs(share-0.9) > 0.02 || count[0] > 0 {
		t.Errorf("after 0 came %v", count)
	}
}

// Two bundles of directions have one centre each, of length 1, which no step of Lloyd's algorithm
// moves.
func TestSpherical(t *testing.T) {
	r := rng.New(1, rng.Name("directions"))
	var rows []float32
	for i := range 40 {
		at := float64(i%2)*2 + 0.2*r.Norm()
		rows = append(rows, float32(math.Cos(at)), float32(math.Sin(at)))
	}
	centres := Spherical(rows, 2, 2, 20, 1)
	if len(centres) != 4 {
		t.Fatalf("centres %v", centres)
	}
	for k := range 2 {
		x, y := float64(centres[2*k]), float64(centres[2*k+1])
		var sx, sy float64
		for i := 0; i < len(rows); i += 2 {
			own := float64(rows[i])*x + float64(rows[i+1])*y
			if other := float64(rows[i]*centres[2-2*k]) + float64(rows[i+1]*centres[3-2*k]); own > other {
				sx, sy = sx+float64(rows[i]), sy+float64(rows[i+1])
			}
		}
		length := math.Hypot(sx, sy)
		if math.Abs(math.Hypot(x, y)-1) > 1e-6 || math.Hypot(sx/length-x, sy/length-y) > 1e-5 {
			t.Errorf("centre (%v, %v), its directions are (%v, %v)", x, y, sx/length, sy/length)
		}
	}
	if unit([]float64{0, 0}) {
		t.Error("0 has a direction")
	}
}

// Rows that are the same are one cluster.
func TestFewerRowsThanClusters(t *testing.T) {
	centres, inertia := Find([]float32{1, 2, 1, 2, 5, 6}, 2, 4, 3, 1)
	if len(centres) != 4 || inertia != 0 {
		t.Errorf("centres %v, inertia %v", centres, inertia)
	}
}

func TestSeed(t *testing.T) {
	r := rng.New(1, rng.Name("rows"))
	rows := make([]float32, 200)
	for i := range rows {
		rows[i] = float32(r.Norm())
	}
	a, _ := Find(rows, 2, 9, 1, 1)
	b, _ := Find(rows, 2, 9, 1, 1)
	c, _ := Find(rows, 2, 9, 1, 2)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("seed 1: %v, again %v; seed 2: %v", a, b, c)
	}
}
