package learn

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/nn/rng"
)

// Logits [36 10], by the definition.
func TestMoveHeads(t *testing.T) {
	moves := Moves()
	r := rng.New(1)
	logits, narrow := autograd.New[float64](36, 10), autograd.New[float32](36, 10)
	for i := range logits.Data() {
		narrow.Data()[i] = float32(r.Norm())
		logits.Data()[i] = float64(narrow.Data()[i])
	}
	var entropy, sum float64
	for i, m := range moves {
		row := logits.Data()[10*i:][:10]
		class := map[int]int{0: 0, -1: 1, 1: 2}
		for _, h := range [][3]int{{0, 4, m.Quarters}, {4, 7, class[m.Y]}, {7, 10, class[m.X]}} {
			total := 0.
			for _, v := range row[h[0]:h[1]] {
				total += math.Exp(v)
			}
			p := math.Exp(row[h[0]+h[2]]) / total
			entropy -= math.Log(p) / 36
			sum += p
		}
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return MoveLoss(g, in[0], moves)
	}
	if got := f(autograd.NewGraph[float64](nil), []*autograd.Tensor[float64]{logits}).Item(); math.Abs(got-entropy) > 1e-12 {
		t.Errorf("loss %v, want %v", got, entropy)
	}
	if err := autograd.GradCheck("loss", f, []*autograd.Tensor[float64]{logits}); err != nil {
		t.Error(err)
	}
	if got, want := MoveSurprise(autograd.NewGraph[float32](nil), narrow, moves), 1-sum/108; math.Abs(got-want) > 1e-6 {
		t.Errorf("score %v, want %v", got, want)
	}
}

// Each step has every turn of every image as often, and all shifts.
func TestDrawMoves(t *testing.T) {
	shifts := map[[2]int]int{}
	for i, m := range DrawMoves(1, "test", 2, 50) {
		if m.Quarters != i%4 {
			t.Fatalf("row %d is turned %d times", i, m.Quarters)
		}
		shifts[[2]int{m.X, m.Y}]++
	}
	if len(shifts) != 9 {
		t.Errorf("%d shifts", len(shifts))
	}
}
