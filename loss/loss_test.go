package loss

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/nn/rng"
	"anomem/simd"
	"anomem/simd/pool"
)

type (
	tensor64 = autograd.Tensor[float64]
	graph32  = autograd.Graph[float32]
	tensor32 = autograd.Tensor[float32]
)

// normal returns a tensor of normal numbers times scale.
func normal[T autograd.Float](seed uint64, scale float64, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	r := rng.New(seed)
	for i := range t.Data() {
		t.Data()[i] = T(scale * r.Norm())
	}
	return t
}

// filled returns a tensor of one number.
func filled[T autograd.Float](v T, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	simd.Fill(t.Data(), v)
	return t
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

// NTXent is eq. 5 as printed, term by term, for sizes on both sides of every block edge.
func TestNTXentAsPrinted(t *testing.T) {
	for _, b := range []int{1, 2, 63, 64, 65, 127, 128, 129, 192} {
		const c, tau = 3, 0.2
		z, zp := normal[float64](uint64(b), 1, b, c), normal[float64](uint64(b)+1000, 1, b, c)
		rows := slices.Concat(z.Data(), zp.Data())
		sim := func(i, j int) float64 {
			var dot, x, y float64
			for k := range c {
				u, v := rows[i*c+k], rows[j*c+k]
				dot, x, y = dot+u*v, x+u*u, y+v*v
			}
			return dot / math.Sqrt(x*y)
		}
		g := autograd.NewGraph[float64](nil)
		got := NTXent(g, z, zp, tau)
		var mean float64
		for i := range 2 * b {
			var sum float64
			for p := range 2 * b {
				if p != i {
					sum += math.Exp(sim(i, p) / tau)
				}
			}
			want := -math.Log(math.Exp(sim(i, (i+b)%(2*b))/tau) / sum)
			near(t, fmt.Sprintf("B = %d: term %d", b, i), got.Data()[i], want, 1e-12)
			mean += want / float64(2*b)
		}
		near(t, fmt.Sprintf("B = %d: eq. 2", b), SimCLR(g, z, zp, tau).Item(), mean, 1e-12)
	}
}

// P batches in one call have the bits of P calls.
func TestNTXentOfSeveralBatches(t *testing.T) {
	const p, b, c = 3, 150, 8
	z, zp := normal[float32](1, 1, p, b, c), normal[float32](2, 1, p, b, c)
	seed := normal[float32](3, 1, p*2*b).Data()
	run := func(z, zp *tensor32, seed []float32) (out, dz, dzp []float32) {
		g := autograd.NewGraph[float32](nil)
		y := NTXent(g, z.RequireGrad(), zp.RequireGrad(), 0.1)
		g.BackwardFrom(y, seed)
		return y.Data(), z.Grad(), zp.Grad()
	}
	out, dz, dzp := run(z, zp, seed)
	for i := range p {
		part := func(t *tensor32) *tensor32 { return autograd.FromSlice(t.Data()[i*b*c:(i+1)*b*c], b, c) }
		o, d, dp := run(part(z), part(zp), seed[i*2*b:(i+1)*2*b])
		if !slices.Equal(o, out[i*2*b:(i+1)*2*b]) || !slices.Equal(d, dz[i*b*c:(i+1)*b*c]) || !slices.Equal(dp, dzp[i*b*c:(i+1)*b*c]) {
			t.Errorf("batch %d by itself gives other bits", i)
		}
	}
}

// The smallest and the largest losses keep their digits in float32: an identical pair
// among opposite ones, and the reverse.
func TestNTXentExtremes(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	up, down := []float32{1, 0}, []float32{-1, 0}
	close := SimCLR(g, autograd.FromSlice(slices.Concat(up, down), 2, 2), autograd.FromSlice(slices.Concat(up, down), 2, 2), 0.05)
	near(t, "ln of a close pair's loss", math.Log(float64(close.Item())), math.Log(2)-40, 1e-4)
	far := SimCLR(g, autograd.FromSlice(slices.Concat(up, up), 2, 2), autograd.FromSlice(slices.Concat(down, down), 2, 2), 0.01)
	near(t, "a far pair's loss", float64(far.Item()), 200, 1e-4)
}

// Features whose squares overflow keep their direction.
func TestNTXentOfLongRows(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	z, zp := normal[float32](49, 1, 5, 7).RequireGrad(), normal[float32](50, 1, 5, 7)
	long := autograd.New[float32](5, 7).RequireGrad()
	simd.Scale(long.Data(), z.Data(), 1<<80)
	want, got := SimCLR(g, z, zp, 0.1), SimCLR(g, long, zp, 0.1)
	g.Backward(want)
	g.Backward(got)
	near(t, "the loss", float64(got.Item()), float64(want.Item()), 1e-5)
	for i, d := range long.Grad() {
		near(t, fmt.Sprint("gradient ", i), math.Ldexp(float64(d), 80), float64(z.Grad()[i]), 1e-5)
	}
}

// The lowest valid temperature gives finite numbers.
func TestNTXentAtTheLowestTemperature(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	z, zp := normal[float32](47, 1, 5, 3), normal[float32](48, 1, 5, 3)
	l := NTXent(g, z.RequireGrad(), zp.RequireGrad(), 1.2e-38)
	g.Backward(g.Scale(g.Max(l, false), 1e-30))
	for i, v := range slices.Concat(l.Data(), z.Grad(), zp.Grad()) {
		if v-v != 0 {
			t.Errorf("number %d is %g", i, v)
		}
	}
	if top := simd.Max(l.Data()); top < 1e37 {
		t.Errorf("the largest loss is only %g", top)
	}
}

// Eq. 7 is the weighted mean of eqs. 4 and 6, location by location.
func TestMultiScaleIsItsParts(t *testing.T) {
	const b, h, w, c = 6, 3, 4, 5
	labels := []bool{true, true, false, true, false, true}
	z, zp := normal[float64](31, 1, b, h, w, c), normal[float64](32, 1, b, h, w, c)
	memory := &hopfield.Memory[float64]{Patterns: normal[float64](33, 1, 4, c), Config: hopfield.DefaultConfig()}
	positions := []Position{{0, 3}, {2, 1}, {1, 0}, {2, 2}}
	cfg := DefaultConfig()
	g := autograd.NewGraph[float64](nil)
	got := MultiScale(g, []Scale[float64]{{Z: z, Zp: zp, Memory: memory, Positions: positions, Weight: 3}}, labels, cfg)
	var want float64
	for _, p := range positions {
		at := func(x *tensor64) *tensor64 {
			y := autograd.New[float64](b, c)
			for k := range b {
				copy(y.Data()[k*c:(k+1)*c], x.Data()[((k*h+p.Y)*w+p.X)*c:])
			}
			return y
		}
		want += 3 * (Contrasted(g, at(z), at(zp), labels, memory, cfg.Contrast).Item() + 0.05*Variance(g, at(z), labels, memory, cfg.Spread).Item()) / 4
	}
	near(t, "eq. 7", got.Item(), want, 1e-12)
	near(t, "eq. 7 without locations", MultiScale(g, []Scale[float64]{{Z: z, Zp: zp, Memory: memory, Weight: 3}}, labels, cfg).Item(), 0, 0)
}

func TestHingeByHand(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	d := autograd.FromSlice([]float64{0.4, 0.6, 1, 2.5, -1}, 5)
	got := HingeDistance(g, d, []bool{true, true, false, false, true}, 2)
	for i, want := range []float64{0, 0.1, 1, 0, 0} {
		near(t, fmt.Sprintf("distance %g", d.Data()[i]), got.Data()[i], want, 1e-15)
	}
}

func TestVarianceOfTooFewRows(t *testing.T) {
	memory := &hopfield.Memory[float64]{Patterns: normal[float64](37, 1, 4, 3).RequireGrad(), Config: hopfield.DefaultConfig()}
	z := normal[float64](38, 1, 4, 3).RequireGrad()
	for _, labels := range [][]bool{{false, false, false, false}, {false, true, false, false}} {
		g := autograd.NewGraph[float64](nil)
		v := Variance(g, z, labels, memory, DefaultSpread())
		g.Backward(v)
		if v.Item() != 0 || slices.ContainsFunc(z.Grad(), func(v float64) bool { return v != 0 }) {
			t.Errorf("labels %v: loss %g, gradient %v", labels, v.Item(), z.Grad())
		}
	}
}

// Losses and gradients of degenerate inputs stay finite in float32.
func TestDegenerateInputs(t *testing.T) {
	const b, c = 4, 6
	views := map[string]*tensor32{
		"zero": filled[float32](0, b, c), "equal": filled[float32](0.1, b, c), "tiny": normal[float32](41, 1e-30, b, c), "denormal": normal[float32](41, 1e-41, b, c),
		"large": normal[float32](42, 1e4, b, c), "normal": normal[float32](43, 1, b, c),
	}
	halfZero := normal[float32](44, 1, b, c)
	clear(halfZero.Data()[c : 3*c])
	views["half zero"] = halfZero
	labels := [][]bool{{true, true, true, true}, {false, false, false, false}, {true, false, false, false}, {true, true, false, true}}
	for zName, z := range views {
		for zpName, zp := range views {
			for xName, x := range views {
				for _, normal := range labels {
					losses := map[string]func(g *graph32, z, zp, x *tensor32) *tensor32{}
					for _, s := range []hopfield.Similarity{hopfield.Unit, hopfield.Raw, hopfield.LayerNorm} {
						memory := func(x *tensor32) *hopfield.Memory[float32] {
							return &hopfield.Memory[float32]{Patterns: x, Config: hopfield.Config{Beta: 2, Updates: 1, Similarity: s}}
						}
						for _, tau := range []float64{0.01, 0.1, 1} {
							c := DefaultContrast()
							c.Tau = tau
							losses[fmt.Sprintf("Contrasted, %v, τ = %g", s, tau)] = func(g *graph32, z, zp, x *tensor32) *tensor32 {
								return Contrasted(g, z, zp, normal, memory(x), c)
							}
						}
						for _, spread := range []Spread{DefaultSpread(), {Eps: 1e-4}, {Eps: 1e-4, PerRow: true}} {
							losses[fmt.Sprintf("Variance, %v, %+v", s, spread)] = func(g *graph32, z, _, x *tensor32) *tensor32 {
								return Variance(g, z, normal, memory(x), spread)
							}
						}
					}
					if xName == "normal" && normal[3] {
						losses["BarlowTwins"] = func(g *graph32, z, zp, _ *tensor32) *tensor32 { return BarlowTwins(g, z, zp, DefaultBarlow()) }
						losses["VICReg"] = func(g *graph32, z, zp, _ *tensor32) *tensor32 { return VICReg(g, z, zp, DefaultVICReg()) }
					}
					for name, f := range losses {
						copied := func(x *tensor32) *tensor32 {
							return autograd.FromSlice(slices.Clone(x.Data()), b, c).RequireGrad()
						}
						z, zp, x := copied(z), copied(zp), copied(x)
						g := autograd.NewGraph[float32](nil)
						v := f(g, z, zp, x)
						g.Backward(v)
						for what, v := range map[string][]float32{"loss": v.Data(), "gradient of z": z.Grad(), "gradient of z'": zp.Grad(), "gradient of the patterns": x.Grad()} {
							for i := range v {
								if v[i]-v[i] != 0 {
									t.Fatalf("%s of %s z, %s z', %s patterns, labels %v: %s %d is %g", name, zName, zpName, xName, normal, what, i, v[i])
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestSingleRow(t *testing.T) {
	one, other := normal[float32](45, 1, 1, 4), normal[float32](46, 1, 1, 4)
	for name, f := range map[string]func(g *graph32, z, zp *tensor32) *tensor32{
		"SimCLR":      func(g *graph32, z, zp *tensor32) *tensor32 { return SimCLR(g, z, zp, 0.1) },
		"BarlowTwins": func(g *graph32, z, zp *tensor32) *tensor32 { return BarlowTwins(g, z, zp, DefaultBarlow()) },
		"VICReg":      func(g *graph32, z, zp *tensor32) *tensor32 { return VICReg(g, z, zp, DefaultVICReg()) },
	} {
		z, zp := autograd.FromSlice(one.Data(), 1, 4).RequireGrad(), autograd.FromSlice(other.Data(), 1, 4).RequireGrad()
		g := autograd.NewGraph[float32](nil)
		v := f(g, z, zp)
		g.Backward(v)
		for i, d := range slices.Concat(v.Data(), z.Grad(), zp.Grad()) {
			if d-d != 0 {
				t.Errorf("%s: number %d is %g", name, i, d)
			}
		}
		if name == "SimCLR" && (v.Item() != 0 || slices.ContainsFunc(z.Grad(), func(d float32) bool { return d != 0 })) {
			t.Errorf("a pair without negatives has loss %g, gradient %v", v.Item(), z.Grad())
		}
	}
}

func TestWrongShapesPanic(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	z, zp := autograd.New[float32](3, 8), autograd.New[float32](4, 8)
	m := autograd.New[float32](2, 3, 3, 8)
	memory := &hopfield.Memory[float32]{Patterns: autograd.New[float32](5, 8), Config: hopfield.DefaultConfig()}
	for want, f := range map[string]func(){
		"loss: NTXent: shapes [3 8] and [4 8]":                   func() { NTXent(g, z, zp, 0.1) },
		"loss: NTXent: temperature 0":                            func() { NTXent(g, z, z, 0) },
		"loss: NTXent: temperature NaN":                          func() { NTXent(g, z, z, math.NaN()) },
		"loss: NTXent: temperature 1e-38: 4/τ overflows float32": func() { NTXent(g, z, z, 1e-38) },
		"loss: NTXent: temperature 1e-320: 4/τ overflows float64": func() {
			NTXent(autograd.NewGraph[float64](nil), autograd.New[float64](3, 8), autograd.New[float64](3, 8), 1e-320)
		},
		"loss: NTXent: shapes [0 8] and [0 8] hold no pair":       func() { NTXent(g, autograd.New[float32](0, 8), autograd.New[float32](0, 8), 0.1) },
		"loss: NTXent: shapes [2 0 8] and [2 0 8] hold no pair":   func() { NTXent(g, autograd.New[float32](2, 0, 8), autograd.New[float32](2, 0, 8), 0.1) },
		"loss: NTXent: shapes [0 2 8] and [0 2 8] hold no pair":   func() { NTXent(g, autograd.New[float32](0, 2, 8), autograd.New[float32](0, 2, 8), 0.1) },
		"loss: BarlowTwins: shapes [3 8] and [4 8]":               func() { BarlowTwins(g, z, zp, DefaultBarlow()) },
		"loss: VICReg: shapes [3 8] and [4 8]":                    func() { VICReg(g, z, zp, DefaultVICReg()) },
		"hopfield: 2 labels for rows [3 8]":                       func() { Variance(g, z, make([]bool, 2), memory, DefaultSpread()) },
		"loss: Variance: hinge -1":                                func() { Variance(g, z, []bool{true, true, true}, memory, Spread{Hinge: -1, Eps: 1}) },
		"loss: HingeDistance: 3 labels for distances [2]":         func() { HingeDistance(g, autograd.New[float32](2), make([]bool, 3), 2) },
		"loss: Supervised: 0 scales, 1 labels":                    func() { Supervised(g, []*tensor32{}, make([]bool, 1), 2) },
		"loss: MultiScale: maps [2 3 3 8] and [3 8] for 2 labels": func() { MultiScale(g, []Scale[float32]{{Z: m, Zp: z}}, make([]bool, 2), DefaultConfig()) },
		"loss: MultiScale: position (0, 3) is outside the maps": func() {
			MultiScale(g, []Scale[float32]{{Z: m, Zp: m, Positions: []Position{{0, 3}}}}, make([]bool, 2), DefaultConfig())
		},
		"loss: MultiScale: position (1, 1) is sampled twice": func() {
			MultiScale(g, []Scale[float32]{{Z: m, Zp: m, Memory: memory, Positions: []Position{{1, 1}, {1, 1}}}}, make([]bool, 2), DefaultConfig())
		},
		"loss: Queue: Retrieve: shape [3 8]: want [R 7]": func() { NewQueue[float32](3, 7).Retrieve(g, z) },
		"loss: Sample: ratio 1.5 of a 2×2 map":           func() { Sample(nil, 2, 2, 1.5, rng.New(1)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

func TestSample(t *testing.T) {
	for _, c := range []struct {
		h, w  int
		ratio float64
		want  int
	}{{8, 8, 0.3, 19}, {4, 4, 1, 16}, {10, 10, 0.29, 29}, {2, 2, 0.2, 0}, {10, 1, 0.3, 3}, {7, 5, 0, 0}, {0, 5, 1, 0}} {
		if got := Sample(nil, c.h, c.w, c.ratio, rng.New(1)); len(got) != c.want {
			t.Errorf("%g of a %d×%d map are %d positions, want %d", c.ratio, c.h, c.w, len(got), c.want)
		}
	}
	kept := Position{9, 9}
	count := map[Position]int{}
	for seed := range uint64(3000) {
		got := Sample([]Position{kept}, 3, 4, 0.5, rng.New(seed))
		if got[0] != kept {
			t.Fatal("what dst held is lost")
		}
		seen := map[Position]bool{}
		for _, p := range got[1:] {
			seen[p] = true
			count[p]++
		}
		if len(seen) != 6 {
			t.Fatalf("seed %d: positions %v", seed, got)
		}
		if again := Sample([]Position{kept}, 3, 4, 0.5, rng.New(seed)); !slices.Equal(got, again) {
			t.Fatalf("seed %d gives two samples", seed)
		}
	}
	for y := range 3 {
		for x := range 4 {
			// 3000 draws at ½: a standard deviation is 27.
			if n := count[Position{y, x}]; n < 1380 || n > 1620 {
				t.Errorf("position (%d, %d) was drawn %d times of 3000", y, x, n)
			}
		}
	}
}

func TestQueue(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	q := NewQueue[float32](3, 2)
	ask := autograd.FromSlice([]float32{1, 0.1, -1, 0.2, 0, 5}, 3, 2).RequireGrad()
	if q.Retrieve(g, ask) != ask {
		t.Error("an empty queue does not return the query")
	}
	q.Push(g, autograd.FromSlice([]float32{2, 0, 0, 0, 0, -3}, 3, 2), []bool{true, true, false})
	if q.Len() != 1 { // the zero row has no direction, the last is no normal one
		t.Fatalf("queue holds %d features, want 1", q.Len())
	}
	q.Push(g, autograd.FromSlice([]float32{-4, 0, 0, 7}, 2, 2), []bool{true, true})
	got := q.Retrieve(g, ask)
	if want := []float32{1, 0, -1, 0, 0, 1}; !slices.Equal(got.Data(), want) {
		t.Errorf("nearest are %v, want %v", got.Data(), want)
	}
	if got.RequiresGrad() {
		t.Error("the queue's features are to be learned")
	}
	q.Push(g, autograd.FromSlice([]float32{3, 4}, 1, 2), []bool{true}) // takes the place of (1, 0)
	if got := q.Retrieve(g, ask).Data()[:2]; q.Len() != 3 || math.Abs(float64(got[0])-0.6) > 1e-6 {
		t.Errorf("after the oldest has gone, nearest is %v of %d", got, q.Len())
	}
	labels := []bool{true, false, true}
	v := Contrasted(g, ask, normal[float32](51, 1, 3, 2), labels, q, DefaultContrast())
	g.Backward(g.Add(v, Variance(g, ask, labels, q, DefaultSpread())))
	if d := ask.Grad(); d[0] != 0 || d[1] != 0 || d[2] == 0 {
		t.Errorf("gradient %v: want some for the anomalous row alone", d)
	}
}

func TestQueueRing(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	q, again := NewQueue[float32](3, 2), NewQueue[float32](3, 2)
	for pushes := range 5 {
		rows, next := q.Ring()
		if want := min(pushes, 3); len(rows) != 2*want || next != pushes%3 {
			t.Errorf("after %d features: %d values, position %d", pushes, len(rows), next)
		}
		if err := again.SetRing(slices.Clone(rows), next); err != nil {
			t.Fatal(err)
		}
		for _, q := range []*Queue[float32]{q, again} {
			q.Push(g, normal[float32](uint64(pushes), 1, 1, 2), []bool{true})
		}
		want, at := q.Ring()
		if got, next := again.Ring(); !slices.Equal(got, want) || next != at {
			t.Errorf("%v at %d, want %v at %d", got, next, want, at)
		}
	}
	for _, c := range []struct{ values, next int }{{3, 1}, {8, 0}, {2, 0}, {6, 3}, {6, -1}} {
		if err := q.SetRing(make([]float32, c.values), c.next); err == nil {
			t.Errorf("%d values and position %d are taken", c.values, c.next)
		}
	}
}

// step is a steady training step of eq. 7 in float32.
type step struct {
	scales []Scale[float32]
	labels []bool
	leaves []*tensor32
	loss   float32
}

func newStep(batch int) *step {
	s := &step{}
	for k := range batch {
		s.labels = append(s.labels, k%7 != 3)
	}
	add := func(h, w, c, n int, weight float64, ratio float64) {
		seed := uint64(len(s.scales))
		z, zp, x := normal[float32](seed+61, 1, batch, h, w, c).RequireGrad(), normal[float32](seed+71, 1, batch, h, w, c).RequireGrad(), normal[float32](seed+81, 1, n, c).RequireGrad()
		s.leaves = append(s.leaves, z, zp, x)
		s.scales = append(s.scales, Scale[float32]{
			Z: z, Zp: zp, Weight: weight,
			Memory:    &hopfield.Memory[float32]{Patterns: x, Config: hopfield.DefaultConfig()},
			Positions: Sample(nil, h, w, ratio, rng.New(91, seed)),
		})
	}
	add(3, 3, 16, 20, 1, 0.25)
	add(2, 1, 24, 12, 2, 1)
	return s
}

func (s *step) run(g *graph32, c Config) {
	for _, l := range s.leaves {
		l.ZeroGrad()
	}
	v := MultiScale(g, s.scales, s.labels, c)
	g.Backward(v)
	s.loss = v.Item()
	g.Reset()
}

func (s *step) bits() []byte {
	var b []byte
	for _, v := range append(slices.Concat(s.leaves[0].Grad(), s.leaves[1].Grad(), s.leaves[2].Grad(), s.leaves[3].Grad(), s.leaves[4].Grad(), s.leaves[5].Grad()), s.loss) {
		u := math.Float32bits(v)
		b = append(b, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
	}
	return b
}

func TestSteadyStepDoesNotAllocate(t *testing.T) {
	for _, threads := range []int{2, 4} {
		for _, pooled := range []bool{false, true} {
			p := pool.New(threads)
			g := autograd.NewGraph[float32](p)
			s, c := newStep(20), DefaultConfig()
			c.Pooled = pooled
			// The pool makes a record for each task that is late to hand back its
			// own, and keeps it: a few steps are not steady yet.
			var n uint64
			for range 10 {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for range 5 {
					s.run(g, c)
				}
				runtime.ReadMemStats(&after)
				if n = after.Mallocs - before.Mallocs; n == 0 {
					break
				}
			}
			if n > 0 {
				t.Errorf("%d threads, pooled %v: %d allocations in 5 steps", threads, pooled, n)
			}
			p.Close()
		}
	}
}

// With B = 2048 the similarities would be 4096², 64 MiB in float32. A step must need a
// small part of that besides the features, their gradients and their normalisation.
func TestSimilaritiesAreNotStored(t *testing.T) {
	const b, c = 2048, 8
	p := pool.New(2)
	defer p.Close()
	z, zp := normal[float32](101, 1, b, c).RequireGrad(), normal[float32](102, 1, b, c).RequireGrad()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	g := autograd.NewGraph[float32](p)
	v := SimCLR(g, z, zp, 0.1)
	g.Backward(v)
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := int64(after.TotalAlloc - before.TotalAlloc)
	const similarities = 4 * (2 * b) * (2 * b)
	t.Logf("B = %d: %.1f MiB allocated, %.1f MiB for all similarities", b, float64(used)/(1<<20), float64(similarities)/(1<<20))
	if used > similarities/8 {
		t.Errorf("%d bytes allocated for a step of B = %d: similarities take %d", used, b, similarities)
	}
	g64 := autograd.NewGraph[float64](p)
	widened := func(x *tensor32) *tensor64 {
		y := autograd.New[float64](b, c)
		for i, v := range x.Data() {
			y.Data()[i] = float64(v)
		}
		return y
	}
	near(t, "loss", float64(v.Item()), SimCLR(g64, widened(z), widened(zp), 0.1).Item(), 1e-5)
}
