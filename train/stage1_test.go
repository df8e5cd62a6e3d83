package train

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// An epoch passes over each unit once. Positions are drawn without replacement. Copies
// stand beside their units and are anomalies.
func TestDraw(t *testing.T) {
	ctx := context.Background()
	o := smallOptions()
	o.Known = 0
	d := uprights("a", 13)
	d.normal[4] = false
	s := newStage(t, smallConfig(), o, d)
	if s.Rows() != 8 || s.StepsPerEpoch() != 3 || s.Steps() != 6 {
		t.Fatalf("%d rows, %d steps an epoch, %d in all, want 8, 3, 6", s.Rows(), s.StepsPerEpoch(), s.Steps())
	}
	var orders [][]pick
	for epoch := range 2 {
		seen := map[int]bool{}
		for at := range 3 {
			step := 3*epoch + at
			if err := s.draw(ctx, step); err != nil {
				t.Fatal(err)
			}
			for i, p := range s.order.of(epoch)[at*4 : at*4+4] {
				u := p.unit
				if seen[u] {
					t.Errorf("epoch %d passes over unit %d twice", epoch, u)
				}
				seen[u] = true
				if s.batch.Normal[2*i] != (u != 4) || s.batch.Normal[2*i+1] || s.batch.Copied[2*i] || !s.batch.Copied[2*i+1] {
					t.Errorf("unit %d has the labels %v, and of its rows are copies %v", u, s.batch.Normal[2*i:2*i+2], s.batch.Copied[2*i:2*i+2])
				}
			}
			if sorted := slices.Sorted(slices.Values(s.batch.Second)); len(sorted) != 8 || sorted[0] != 0 || sorted[7] != 7 || len(slices.Compact(sorted)) != 8 {
				t.Errorf("the second order is %v", s.batch.Second)
			}
			for i, omega := range s.batch.Positions {
				n := s.Config.MapSizes()[i]
				set := map[loss.Position]bool{}
				for _, q := range omega {
					set[q] = true
				}
				if want := loss.SampleSize(n.Y, n.X, s.Config.Scales[i].Ratio); len(set) != want || len(omega) != want {
					t.Errorf("scale %d: positions %v, want %d different ones", i, omega, want)
				}
			}
		}
		orders = append(orders, slices.Clone(s.order.of(epoch)))
	}
	if slices.Equal(orders[0], orders[1]) {
		t.Error("two epochs have one order")
	}
	// The batch of a step depends only on the step.
	if err := s.draw(ctx, 1); err != nil {
		t.Fatal(err)
	}
	first, positions := slices.Clone(s.batch.Views[1]), s.batch.Positions
	other := newStage(t, smallConfig(), o, d)
	if err := other.draw(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(other.batch.Views[1], first) || !slices.Equal(other.batch.Positions[0], positions[0]) {
		t.Error("a batch depends on the ones before it")
	}
}

// B falls to the number of images there are.
func TestBatchFallsToTheClass(t *testing.T) {
	o := smallOptions()
	o.Batch = 64
	s := newStage(t, smallConfig(), o, uprights("a", 5))
	if s.Rows() != 10 || s.StepsPerEpoch() != 1 {
		t.Errorf("%d rows, %d steps an epoch, want 10 and 1", s.Rows(), s.StepsPerEpoch())
	}
	if peak := s.schedule().Peak; peak != o.LR*10/1024 {
		t.Errorf("a learning rate of %v for 10 rows", peak)
	}
	if _, err := s.Next(context.Background()); err != nil {
		t.Error(err)
	}
	o.Shift = augment.None
	if s := newStage(t, smallConfig(), o, uprights("a", 5)); s.Rows() != 5 {
		t.Errorf("%d rows of 5 images without copies", s.Rows())
	}
}

func TestNewStage1Refuses(t *testing.T) {
	d := uprights("a", 4)
	none := uprights("a", 4)
	clear(none.normal)
	c, o := smallConfig(), smallOptions()
	coarse := c
	coarse.Encoder.Stem = "imagenet"
	chunk := o
	chunk.Chunk = 1
	for want, f := range map[string]func() error{
		"want 2 at least": func() error { _, err := NewStage1(c, o, newStage(t, c, o, d).Parts, uprights("a", 1), nil); return err },
		"none of the images is normal": func() error {
			_, err := NewStage1(c, o, newStage(t, c, o, d).Parts, none, nil)
			return err
		},
		"a ratio of 0.3 of a map of 1×1 samples nothing: take 1,": func() error {
			_, err := NewStage1(coarse, o, newStage(t, c, o, d).Parts, d, nil)
			return err
		},
		"chunk 1": func() error { _, err := NewStage1(c, chunk, newStage(t, c, o, d).Parts, d, nil); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// Patterns are features of normal rows, even if one epoch has too few of them.
func TestMemoriesStartFromFeatures(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	c.Scales[0].Patterns, c.Scales[1].Patterns = 16, 40 // of 4 images with 4·4·0.3 = 4 and 2·2 positions
	s := newStage(t, c, o, uprights("a", 4))
	before := slices.Clone(s.Parts.Memories[1].Patterns.Data())
	old := statistics[float32](s.Parts)
	if err := s.fillMemories(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, v := range statistics[float32](s.Parts) {
		if !slices.Equal(v, old[i]) {
			t.Errorf("norm %d has moved", i)
		}
	}
	p := s.Parts.Memories[1].Patterns
	if slices.Equal(before, p.Data()) {
		t.Error("the patterns are those of the start")
	}
	seen := map[float32]bool{}
	for i := range p.Dim(0) {
		seen[p.Data()[i*p.Dim(1)]+p.Data()[i*p.Dim(1)+1]] = true
		if slices.Min(p.Data()[i*p.Dim(1):(i+1)*p.Dim(1)]) < 0 {
			t.Fatal("a feature behind a ReLU is below 0")
		}
	}
	if len(seen) < 30 {
		t.Errorf("%d different patterns of 40", len(seen))
	}
	c.Scales[1].Patterns = 1000
	if _, err := newStage(t, c, o, uprights("a", 4)).Next(context.Background()); err == nil || !strings.Contains(err.Error(), "scale 2") || !strings.Contains(err.Error(), "take fewer patterns or more images") {
		t.Errorf("1000 patterns of 4 images: %v", err)
	}
}

// state returns everything that a checkpoint holds.
func (s *Stage1) state() [][]float32 {
	var all [][]float32
	for _, e := range nn.Entries(s.Parts, "") {
		all = append(all, slices.Clone(e.Tensor.Data()))
	}
	for _, v := range s.sgd.Velocities() {
		all = append(all, slices.Clone(v.Value))
	}
	return all
}

// A dropped step changes nothing: parameters, velocities, running statistics.
func TestDroppedStepsLeaveNoTrace(t *testing.T) {
	s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12))
	if _, err := s.Next(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := s.state()
	check := func(what string) {
		t.Helper()
		if s.Done() != 1 {
			t.Errorf("%s: %d steps are done", what, s.Done())
		}
		for i, v := range s.state() {
			if !slices.Equal(v, before[i]) {
				t.Errorf("%s: something has changed", what)
				return
			}
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Next(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	check("ended before")
	if _, err := s.Next(&endsAfter{Context: context.Background(), left: 4}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends within: %v", err)
	}
	check("ended within")
	s.stepper.Loss.LambdaV = math.MaxFloat64
	_, err := s.Next(context.Background())
	if err == nil || !strings.Contains(err.Error(), "lower the learning rate (0.5) or raise the temperature (0.1)") {
		t.Errorf("a loss that is no number: %v", err)
	}
	check("not finite")
	s.stepper.Loss = loss.DefaultConfig()
	if _, err := s.Next(context.Background()); err != nil {
		t.Errorf("after three dropped steps: %v", err)
	}
}

// endsAfter is a context that ends after a number of calls of Err.
type endsAfter struct {
	context.Context
	left int
}

func (c *endsAfter) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// An infinite value is reported before a model is made of it.
func TestHugeLearningRates(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	o.LR, o.WarmUp, o.Epochs = 1e38, 0, 20
	d := uprights("a", 12)
	r := &Run{Config: c, Options: o, Data: d}
	m, err := r.Train(context.Background(), nil)
	if m != nil || err == nil || !strings.Contains(err.Error(), "lower the learning rate") {
		t.Errorf("stage 1: %v", err)
	}
	// With a single step, no later loss could show it.
	o.Epochs, o.Steps, o.LR = 1, 1, math.MaxFloat64
	r.Options = o
	if m, err = r.Train(context.Background(), nil); m != nil || err == nil || !strings.Contains(err.Error(), "lower the learning rate") {
		t.Errorf("stage 1 of one step: %v", err)
	}
	o = smallOptions()
	o.Heads.LR = math.MaxFloat64
	r.Options = o
	if m, err = r.Train(context.Background(), nil); m != nil || err == nil || !strings.Contains(err.Error(), "lower the") {
		t.Errorf("stage 2: %v", err)
	}
}

func TestCollapse(t *testing.T) {
	spread := func(rows ...float32) float64 { return spreadOf(autograd.FromSlice(rows, len(rows)/2, 2)) }
	if got := spread(1, 0, -1, 0, 0, 1, 0, -1); math.Abs(got-1) > 1e-12 {
		t.Errorf("rows to all sides: spread %v, want 1", got)
	}
	if got := spread(0.6, 0.8, 0.6, 0.8, 0.6, 0.8); got > 1e-7 {
		t.Errorf("rows to one side: spread %v, want 0", got)
	}
	if got := spread(1, 0, 0, 1); math.Abs(got-math.Sqrt(0.5)) > 1e-12 {
		t.Errorf("two axes: spread %v, want √½", got)
	}
	if got := effective(autograd.FromSlice([]float32{0.5, 0.5, 0, 0, 0, 0, 1, 0}, 2, 4)); math.Abs(got-math.Exp(0.5*math.Log(4)+0.5*math.Log(2))) > 1e-6 {
		t.Errorf("mean weights ¼, ¼, ½, 0: %v patterns in use", got)
	}
	if got := sharpness(autograd.FromSlice([]float32{0.5, 0.25, 0.25, 0.1, 0.2, 0.7}, 2, 3)); math.Abs(got-0.6) > 1e-7 {
		t.Errorf("sharpness %v, want 0.6", got)
	}
	for _, c := range []struct {
		w    Diagnostics
		step int
		bad  bool
	}{
		{Diagnostics{FeatureSpread: 0.5, Rows: 10}, 5, false}, {Diagnostics{FeatureSpread: 0.001, Rows: 10}, 5, true}, {Diagnostics{FeatureSpread: 0.001, Rows: 10}, 0, false},
		{Diagnostics{FeatureSpread: math.NaN(), Rows: 10}, 0, true}, {Diagnostics{FeatureSpread: 0, Rows: 1}, 5, false}, {Diagnostics{}, 5, false},
	} {
		if err := collapsed([]Diagnostics{{FeatureSpread: 1, Rows: 10}, c.w}, c.step); (err != nil) != c.bad || err != nil && !strings.Contains(err.Error(), "features of scale 2 have collapsed") {
			t.Errorf("%+v at step %d: %v", c.w, c.step, err)
		}
	}
	// An encoder with zero weights in its last norms maps everything to one point.
	s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12))
	if _, err := s.Next(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, e := range nn.Parameters(s.Parts) {
		if strings.HasSuffix(e.Name, ".bn1.weight") || strings.HasSuffix(e.Name, ".bn2.weight") || strings.HasSuffix(e.Name, "downsample.1.weight") {
			clear(e.Tensor.Data())
		}
		if strings.HasSuffix(e.Name, ".bn2.bias") {
			for i := range e.Tensor.Data() {
				e.Tensor.Data()[i] = 1
			}
		}
	}
	var err error
	for range s.StepsPerEpoch() - 1 {
		if _, err = s.Next(context.Background()); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "have collapsed to one point") {
		t.Errorf("a collapsed encoder: %v", err)
	}
}

// A batch of anomalies alone is not a collapse.
func TestDiagnosticsWithoutNormals(t *testing.T) {
	s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12))
	p, err := s.Next(context.Background())
	if err != nil || len(p.Diagnostics) != 2 || p.Diagnostics[0].Rows != 4*4 || !(p.Diagnostics[0].EffectivePatterns >= 1 && p.Diagnostics[0].EffectivePatterns <= 12) || !(p.Diagnostics[0].FeatureSpread > 0) {
		t.Errorf("%v: %+v", err, p.Diagnostics)
	}
	clear(s.batch.Normal)
	w := diagnose(s.stepper, &s.batch)
	if len(w) != 2 || w[0].Rows != 0 || collapsed(w, 7) != nil {
		t.Errorf("%+v", w)
	}
}

// The spread of unit rows, as hopfield.Normalize makes them, is 1 less the length of their
// mean.
func TestSpreadIsOfDirections(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	x := autograd.FromSlice([]float32{3, 4, 0, 5, -2, 0, 1, 1}, 4, 2)
	q := hopfield.Normalize(g, x, hopfield.Unit)
	var mx, my float64
	for i := range 4 {
		mx, my = mx+float64(q.Data()[2*i])/4, my+float64(q.Data()[2*i+1])/4
	}
	if got, want := spreadOf(q), math.Sqrt(1-mx*mx-my*my); math.Abs(got-want) > 1e-6 {
		t.Errorf("%v, want %v", got, want)
	}
}

// The statistics are measured anew before a model is made, whatever they were before.
func TestRecalibrate(t *testing.T) {
	var first [][]float32
	for i := range 2 {
		s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12))
		if i == 1 {
			scramble[float32](s.Parts)
		}
		if err := s.Recalibrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		got := statistics[float32](s.Parts)
		if first == nil {
			first = got
		}
		for j, v := range got {
			if !slices.Equal(v, first[j]) {
				t.Errorf("norm %d depends on what it was", j)
			}
			if i := slices.IndexFunc(v, func(x float32) bool { return x != x }); i >= 0 {
				t.Errorf("norm %d is NaN", j)
			}
		}
	}
}

// TestNextAllocatesLittle checks that a steady step allocates only the orders, positions
// and tasks of a batch, some hundred objects, and nothing that grows with the network.
func TestNextAllocatesLittle(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	o := smallOptions()
	o.Epochs = 100
	s := newStage(t, smallConfig(), o, uprights("a", 12))
	s.pool = p
	var before, after runtime.MemStats
	const warm, steps = 9, 9
	for i := range warm + steps {
		if i == warm {
			runtime.ReadMemStats(&before)
		}
		if _, err := s.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := (after.Mallocs - before.Mallocs) / steps; n > 300 {
		t.Errorf("%d allocations a step", n)
	}
	if n := (after.TotalAlloc - before.TotalAlloc) / steps; n > 64<<10 {
		t.Errorf("%d bytes a step", n)
	}
}
