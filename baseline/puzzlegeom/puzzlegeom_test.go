package puzzlegeom

import (
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/learn/learntest"
	"anomem/nn/rng"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Grid: 2, Batch: 6, Rate: 0.05, Weight: 1, Puzzles: 6, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 80, learntest.Parts(1, 120, 0), learntest.Parts(2, 25, 25, synthetic.Object), 70, 85)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Each place has the piece that the puzzle says, every pixel where it was in its piece.
func TestPuzzle(t *testing.T) {
	const side, grid = 6, 3
	src, dst := make([]float32, 3*side*side), make([]float32, 3*side*side)
	for i := range src {
		src[i] = float32(i)
	}
	p := puzzle{4, 0, 8, 1, 2, 3, 5, 7, 6}
	p.apply(dst, src, side, grid)
	for i, v := range dst {
		c, x, y := i%3, i/3%side, i/3/side
		piece := p[y/2*grid+x/2]
		want := 3*((piece/grid*2+y%2)*side+piece%grid*2+x%2) + c
		if v != float32(want) {
			t.Fatalf("value %d of the puzzle is %v of the image, want %d", i, v, want)
		}
	}
	all := drawPuzzles(1, 2, 50, grid)
	seen := map[int]bool{}
	for _, q := range all {
		seen[q[0]] = true
		if q = slices.Clone(q); !slices.Equal(slices.Sorted(slices.Values(q)), []int{0, 1, 2, 3, 4, 5, 6, 7, 8}) {
			t.Errorf("%v is no permutation", q)
		}
	}
	if len(all) != 50 || len(seen) != 9 {
		t.Errorf("%d puzzles, in whose first place lie %d pieces", len(all), len(seen))
	}
}

// Logits of two puzzles of four pieces, by the definition.
func TestLossAndScore(t *testing.T) {
	puzzles := []puzzle{{1, 0, 3, 2}, {2, 3, 0, 1}}
	r := rng.New(1)
	logits, narrow := autograd.New[float64](2, 16), autograd.New[float32](2, 16)
	for i := range logits.Data() {
		narrow.Data()[i] = float32(r.Norm())
		logits.Data()[i] = float64(narrow.Data()[i])
	}
	entropy, sum := 0., 0.
	for i, p := range puzzles {
		for place, piece := range p {
			row, total := logits.Data()[16*i+4*place:][:4], 0.
			for _, v := range row {
				total += math.Exp(v)
			}
			told := math.Exp(row[piece]) / total
			entropy -= math.Log(told) / 8
			sum += told / 8
		}
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return puzzleLoss(g, in[0], puzzles)
	}
	in := []*autograd.Tensor[float64]{logits}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-entropy) > 1e-12 {
		t.Errorf("loss %v, want %v", got, entropy)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
	if got := puzzleSurprise(autograd.NewGraph[float32](nil), narrow, puzzles); math.Abs(got-(1-sum)) > 1e-6 {
		t.Errorf("score %v, want %v", got, 1-sum)
	}
}

func TestSettingsThatDoNotFit(t *testing.T) {
	learntest.Refuses(t, learntest.Parts(1, 3, 0), "PuzzleGeom: ",
		&Detector{Side: 25, Grid: 2, Puzzles: 1}, &Detector{Side: 24, Grid: 1, Puzzles: 1}, &Detector{Side: 24, Grid: 2})
}
