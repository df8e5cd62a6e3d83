package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/nn/rng"
	"anomem/train/augment"
)

// cloud adds n squares of the given number of values around a centre to the cells of one
// scale.
func cloud(cells *Cells, name string, n, values int, centre float64, normal, self bool, bag int) {
	r := rng.New(4, rng.Name(name))
	for range n {
		for j := range values {
			v := 0.02 * r.Norm()
			if j%2 == 0 {
				v += centre
			}
			cells.Scales[0] = append(cells.Scales[0], float32(0.3+v))
		}
		cells.Quarters, cells.Image, cells.Normal = append(cells.Quarters, 0), append(cells.Image, cells.Len()), append(cells.Normal, normal)
		cells.Self, cells.Bag, cells.Level = append(cells.Self, self), append(cells.Bag, bag), append(cells.Level, 0)
	}
}

// headConfig has one scale of 8 channels, of which heads see one cell: 8 values.
func headConfig() anomem.Config {
	c := smallConfig()
	c.Encoder.Width = 1.0 / 64
	c.Scales = []anomem.ScaleConfig{{Stage: 4, Patterns: 2, Ratio: 1, Lambda: 1}}
	c.Head = anomem.HeadConfig{Pool: 1, Hidden: 16}
	return c
}

func headOptions() HeadOptions {
	return HeadOptions{Views: 1, Epochs: 30, Batch: 16, LR: 0.05, Momentum: 0.9, WeightDecay: 1e-4, Margin: 2}
}

func trainedScores(t *testing.T, c anomem.Config, o HeadOptions, cells *Cells) []float64 {
	t.Helper()
	parts := &anomem.Parts[float32]{}
	if err := TrainHeads(context.Background(), c, o, 1, parts, cells, nil); err != nil {
		t.Fatal(err)
	}
	return headScores(c, parts, cells, nil)
}

// The distances of two linearly separable clouds end up where eq. 11 wants them, below 1/M
// and beyond M, up to what one step moves.
func TestHeadsPartTwoClouds(t *testing.T) {
	c := headConfig()
	cells := &Cells{Scales: make([][]float32, 1)}
	cloud(cells, "normal", 60, 8, 0, true, false, 0)
	cloud(cells, "known", 10, 8, 0.1, false, false, 0)
	cloud(cells, "self", 40, 8, -0.1, false, true, 0)
	for k, s := range trainedScores(t, c, headOptions(), cells) {
		if cells.Normal[k] && s > 0.75 || !cells.Normal[k] && s < 1.75 {
			t.Errorf("square %d, normal %v: score %v", k, cells.Normal[k], s)
		}
	}
	// Half of the rows of a step are normal, a quarter each kind of anomaly.
	h, err := newHeadTraining(c, headOptions(), 1, cells, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.normal) != 60 || len(h.known) != 10 || len(h.self) != 40 || h.each != 2*60/16 || h.schedule.Steps != 30*h.each {
		t.Errorf("%d normal, %d known, %d self, %d steps an epoch, %d in all", len(h.normal), len(h.known), len(h.self), h.each, h.schedule.Steps)
	}
}

// TestPairedHeads checks that the first heads see known anomalies and no copies, and the
// second ones, unless they are given, copies of normal images and no known anomalies.
func TestPairedHeads(t *testing.T) {
	ctx := context.Background()
	cells := &Cells{Scales: make([][]float32, 1)}
	cloud(cells, "normal", 60, 8, 0, true, false, 0)
	known := cells.Len()
	cloud(cells, "known", 10, 8, 0.1, false, false, 0)
	copies := cells.Len()
	cloud(cells, "self", 40, 8, -0.1, false, true, 0)
	cloud(cells, "copy of a known one", 1, 8, 5, false, true, 0)
	cells.Image[cells.Len()-1] = known
	train := func(c anomem.Config, parts *anomem.Parts[float32], keep func(k int) bool) *anomem.Parts[float32] {
		if err := TrainHeads(ctx, c, headOptions(), 1, parts, cells.Select(keep), nil); err != nil {
			t.Fatal(err)
		}
		return parts
	}
	same := func(a, b []*anomem.Head[float32]) bool {
		return slices.Equal(a[0].Hidden.Weight.Data(), b[0].Hidden.Weight.Data()) && slices.Equal(a[0].Out.Weight.Data(), b[0].Out.Weight.Data())
	}
	c := headConfig()
	own := train(c, &anomem.Parts[float32]{}, func(k int) bool { return k < copies })
	made := train(c, &anomem.Parts[float32]{}, func(k int) bool { return k < known || k >= copies && k < cells.Len()-1 })
	c.Head.RotationWeight, c.Score.Rotations = 1, true
	got := train(c, &anomem.Parts[float32]{}, func(int) bool { return true })
	if !same(got.Heads, own.Heads) || !same(got.RotationHeads, made.Heads) || same(own.Heads, made.Heads) {
		t.Error("paired heads are not those of known anomalies alone and of copies alone")
	}
	given := &anomem.Parts[float32]{RotationHeads: own.Heads}
	if train(c, given, func(k int) bool { return k < copies }); given.RotationHeads[0] != own.Heads[0] || !same(given.Heads, own.Heads) {
		t.Error("heads for rotated copies that were there are others now")
	}
}

func TestHeadsNeedBothLabels(t *testing.T) {
	c := headConfig()
	for _, normal := range []bool{true, false} {
		cells := &Cells{Scales: make([][]float32, 1)}
		cloud(cells, "one", 5, 8, 0, normal, false, 0)
		parts := &anomem.Parts[float32]{}
		err := TrainHeads(context.Background(), c, headOptions(), 1, parts, cells, nil)
		if err == nil || !strings.Contains(err.Error(), "both labels") || parts.Heads != nil {
			t.Errorf("normal alone %v: %v", normal, err)
		}
	}
	cells := &Cells{Scales: make([][]float32, 1)}
	cloud(cells, "a", 5, 8, 0, true, false, 0)
	cloud(cells, "b", 5, 8, 1, false, false, 0)
	o := headOptions()
	o.Batch = 1 << 40 // of a file that nobody has checked
	if err := TrainHeads(context.Background(), c, o, 1, &anomem.Parts[float32]{}, cells, nil); err == nil {
		t.Error("a batch of 2⁴⁰")
	}
	cells.Scales[0][3] = float32(math.NaN())
	parts := &anomem.Parts[float32]{}
	if err := TrainHeads(context.Background(), c, headOptions(), 1, parts, cells, nil); err == nil || !strings.Contains(err.Error(), "the loss is NaN") || parts.Heads != nil {
		t.Errorf("NaN in the cells: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := TrainHeads(ended, c, headOptions(), 1, parts, cells, nil); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
}

// Only the worst square of a bag counts, as the head sees it. The other squares of an
// anomalous image may look normal.
func TestWorstOfABag(t *testing.T) {
	c := headConfig()
	cells := &Cells{Scales: make([][]float32, 1)}
	cloud(cells, "normal", 60, 8, 0, true, false, 0)
	for bag := range 6 {
		cloud(cells, "beside"+string(rune('a'+bag)), 3, 8, 0, false, false, bag+1)
		cloud(cells, "defect"+string(rune('a'+bag)), 1, 8, 0.1, false, false, bag+1)
	}
	o := headOptions()
	h, err := newHeadTraining(c, o, 1, cells, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.known) != 6 || len(h.known[2].squares) != 4 {
		t.Fatalf("bags: %+v", h.known)
	}
	h.findWorst()
	for i, bag := range h.known {
		worst, best := 0, math.Inf(-1)
		for _, k := range bag.squares {
			g := autograd.NewGraph[float32](nil)
			if d := float64(h.parts.heads[0].Forward(g, h.input(g, 0, []int{k})).Item()); d > best {
				worst, best = k, d
			}
		}
		if bag.worst[0] != worst {
			t.Errorf("bag %d: square %d is said to be the worst, and it is %d", i, bag.worst[0], worst)
		}
	}
	for k, s := range trainedScores(t, c, o, cells) {
		defect := k >= 60 && (k-60)%4 == 3
		if !defect && s > 1 || defect && s < 1.5 {
			t.Errorf("square %d, defect %v: score %v", k, defect, s)
		}
	}
}

// TestFold checks that a folded head gives for raw cells what it gave for standardised
// ones. With n values of (x - m)/σ and weights of at most w, a hidden unit errs by the
// roundings of the standardised value (3), of the folded weight (1), of the two sums (n
// each) and of the bias (2), each of at most 2⁻²⁴ of Σ|w|·(|x|+|m|)/σ + |b|.
func TestFold(t *testing.T) {
	c := smallConfig()
	parts := &anomem.Parts[float32]{}
	parts.AddHeads(c, 3)
	g := autograd.NewGraph[float32](nil)
	r := rng.New(8)
	for s, h := range parts.Heads {
		channels := c.Channels()[s]
		x := g.NewTensor(9, 2, 2, channels)
		for i := range x.Data() {
			x.Data()[i] = float32(0.2*float64(i%channels) + 0.05*r.Norm())
		}
		st := standardOf(x.Data(), channels)
		scaled := g.NewTensor(9, 2, 2, channels)
		st.apply(scaled.Data(), x.Data())
		flat := func(x *autograd.Tensor[float32]) *autograd.Tensor[float32] { return g.Reshape(x, 9, 4*channels) }
		want := h.Hidden.Forward(g, flat(scaled)).Data()
		w, b := slices.Clone(h.Hidden.Weight.Data()), slices.Clone(h.Hidden.Bias.Data())
		st.fold(h)
		n := 4 * channels
		for i, got := range h.Hidden.Forward(g, flat(x)).Data() {
			row, o := i/c.Head.Hidden, i%c.Head.Hidden
			size := math.Abs(float64(b[o]))
			for j := range n {
				size += math.Abs(float64(w[o*n+j])) * float64(st.inverse[j%channels]) * (math.Abs(float64(x.Data()[row*n+j])) + math.Abs(float64(st.mean[j%channels])))
			}
			if bound := float64(2*n+6) * 0x1p-24 * size; math.Abs(float64(got-want[i])) > bound {
				t.Fatalf("scale %d, hidden unit %d: %v, want %v ± %v", s, i, got, want[i], bound)
			}
		}
	}
}

// Standardised channels have mean 0 and deviation 1. A channel that hardly varies must not
// outweigh all others when it later does.
func TestStandard(t *testing.T) {
	const channels, n = 3, 1000
	r := rng.New(2)
	var data []float32
	for range n {
		data = append(data, float32(5+0.1*r.Norm()), float32(-1+0.2*r.Norm()), 0.25)
	}
	st := standardOf(data, channels)
	out := make([]float32, len(data))
	st.apply(out, data)
	for c := range channels {
		var mean, square float64
		for i := range n {
			mean += float64(out[i*channels+c]) / n
			square += float64(out[i*channels+c]) * float64(out[i*channels+c]) / n
		}
		deviation := math.Sqrt(square - mean*mean)
		// A value errs by a rounding of 5, in units of the deviation of 0.1.
		if math.Abs(mean) > 1e-5 || c < 2 && math.Abs(deviation-1) > 1e-3 || c == 2 && deviation != 0 {
			t.Errorf("channel %d: mean %v, deviation %v", c, mean, deviation)
		}
	}
	// The third channel is now 0.1 larger, as much as the first one deviates.
	st.apply(out, []float32{5.1, -1, 0.35})
	if !(out[2] > 1 && out[2] < 100) {
		t.Errorf("a channel that never varied counts %v for a change that counts %v elsewhere", out[2], out[0])
	}
	// No channel varies.
	st = standardOf([]float32{1, 2, 1, 2}, 2)
	if st.apply(out, []float32{1, 2}); out[0] != 0 || out[1] != 0 {
		t.Errorf("constant data: %v", out[:2])
	}
}

// Self-labelled copies count if images with known anomalies are few, however many views and
// tiles these have, and do not count if they are many.
func TestManyKnownAnomaliesAreEnough(t *testing.T) {
	const views = 4
	for _, known := range []int{0, 1, FewDefects - 1, FewDefects} {
		cells := &Cells{Scales: make([][]float32, 1)}
		cloud(cells, "normal", 8, 8, 0, true, false, 0)
		from := cells.Len()
		cloud(cells, "known", views*known, 8, 0.1, false, false, 0)
		for k := from; k < cells.Len(); k++ {
			cells.Image[k] = from + (k-from)/views
		}
		cloud(cells, "self", 8, 8, -0.1, false, true, 0)
		h, err := newHeadTraining(headConfig(), headOptions(), 1, cells, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := 8
		if known >= FewDefects {
			want = 0
		}
		if len(h.self) != want || len(h.known) != views*known {
			t.Errorf("%d known anomalies: heads see %d squares of them, and %d copies, want %d and %d", known, len(h.known), len(h.self), views*known, want)
		}
		if made := headShift(anomem.HeadConfig{}, Options{Shift: augment.Blemish}, known) != augment.None; made != (want > 0) {
			t.Errorf("%d known anomalies: copies are made: %v", known, made)
		}
	}
}
