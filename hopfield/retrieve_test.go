package hopfield

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

var similarities = []Similarity{Unit, Raw, LayerNorm}

// normal returns a tensor of normal numbers times scale.
func normal[T autograd.Float](seed uint64, scale float64, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	r := rng.New(seed)
	for i := range t.Data() {
		t.Data()[i] = T(scale * r.Norm())
	}
	return t
}

// cosine returns the cosine deviation alone.
func cosine[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	_, cosine := Deviations(g, z, patterns, c)
	return cosine
}

func TestStoredPatternIsAFixedPointAtHighBeta(t *testing.T) {
	x := normal[float64](1, 1, 5, 8)
	g := autograd.NewGraph[float64](nil)
	for _, s := range similarities {
		got := Retrieve(g, x, x, Config{Beta: 200, Updates: 1, Similarity: s})
		want := Normalize(g, x, s)
		for i, v := range got.Data() {
			if math.Abs(v-want.Data()[i]) > 1e-6 {
				t.Errorf("%v: element %d is %g, want %g", s, i, v, want.Data()[i])
			}
		}
	}
}

// The weights are equal for a query without direction: its answer is the mean of the
// patterns.
func TestZeroRow(t *testing.T) {
	for _, s := range similarities {
		z := normal[float32](2, 1, 3, 8).RequireGrad()
		clear(z.Data()[8:16])
		x := normal[float32](3, 1, 5, 8).RequireGrad()
		g := autograd.NewGraph[float32](nil)
		out := Retrieve(g, z, x, Config{Beta: 2, Updates: 1, Similarity: s})
		stored := Normalize(g, x, s)
		for c := range 8 {
			var mean float64
			for n := range 5 {
				mean += float64(stored.Data()[n*8+c]) / 5
			}
			if got := out.Data()[8+c]; math.Abs(float64(got)-mean) > 1e-6 {
				t.Errorf("%v: channel %d of a zero query's answer is %g, want the patterns' mean %g", s, c, got, mean)
			}
		}
		g.BackwardFrom(out, normal[float32](4, 1, 3, 8).Data())
		zero := !slices.ContainsFunc(z.Grad()[8:16], func(v float32) bool { return v != 0 })
		if want := s != Raw; zero != want {
			t.Errorf("%v: gradient of a zero query is %v", s, z.Grad()[8:16])
		}
		if slices.Contains(z.Grad()[:8], 0) {
			t.Errorf("%v: gradient of a nonzero query is %v", s, z.Grad()[:8])
		}
	}
}

func TestUnitIgnoresNorms(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	z, x := normal[float64](5, 1, 4, 8), normal[float64](6, 1, 5, 8)
	for _, s := range []Similarity{Unit, LayerNorm} {
		c := Config{Beta: 2, Updates: 3, Similarity: s}
		a, b := Retrieve(g, z, x, c), Retrieve(g, g.Scale(z, 7), g.Scale(x, 0.3), c)
		for i, v := range a.Data() {
			if math.Abs(v-b.Data()[i]) > 1e-12 {
				t.Errorf("%v: element %d: %g, and %g of scaled inputs", s, i, v, b.Data()[i])
			}
		}
	}
}

// A row has the same answer and gradient alone and in a batch.
func TestRowDoesNotDependOnItsBatch(t *testing.T) {
	const rows, channels = 40, 16
	z, x := normal[float32](7, 1, rows, channels), normal[float32](8, 1, 30, channels)
	clear(z.Data()[3*channels : 4*channels])
	copy(z.Data()[5*channels:6*channels], z.Data()[6*channels:7*channels])
	for _, s := range similarities {
		for _, c := range []Config{{Beta: 2, Updates: 0, Eps: 1e-3}, {Beta: 1, Updates: 0, Eps: 1e-4}, {Beta: 2, Updates: 0}, {Beta: 2, Updates: 2}} {
			c.Similarity = s
			g := autograd.NewGraph[float32](nil)
			seed := normal[float32](9, 1, rows, channels).Data()
			run := func(from, to int) (out, grad []float32) {
				part := autograd.FromSlice(slices.Clone(z.Data()[from*channels:to*channels]), to-from, channels).RequireGrad()
				y := Retrieve(g, part, x, c)
				g.BackwardFrom(y, seed[from*channels:to*channels])
				out, grad = slices.Clone(y.Data()), part.Grad()
				g.Reset()
				return out, grad
			}
			out, grad := run(0, rows)
			for k := range rows {
				o, d := run(k, k+1)
				if !slices.Equal(o, out[k*channels:(k+1)*channels]) {
					t.Fatalf("%v, %+v: row %d differs alone", s, c, k)
				}
				if !slices.Equal(d, grad[k*channels:(k+1)*channels]) {
					t.Fatalf("%v, %+v: the gradient of row %d differs alone", s, c, k)
				}
			}
		}
	}
}

// With Updates 0 a row is updated until its change is at most Eps.
func TestConverges(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	z, x := normal[float64](10, 1, 20, 8), normal[float64](11, 1, 6, 8)
	for _, s := range similarities {
		c := Config{Beta: 1, Eps: 1e-7, Similarity: s}
		end := Retrieve(g, z, x, c)
		c.Updates = 1
		again := Retrieve(g, end, x, c)
		for k := range 20 {
			if d := distance(end.Data()[k*8:k*8+8], again.Data()[k*8:k*8+8]); d > 1e-7 {
				t.Errorf("%v: row %d still changes by %g", s, k, d)
			}
		}
	}
}

// Mem returns anomalous rows unchanged, and normal rows as Retrieve does.
func TestMemSelects(t *testing.T) {
	z, x := normal[float32](15, 1, 6, 8), normal[float32](16, 1, 5, 8)
	for i := range 8 {
		z.Data()[2*8+i] = float32(math.NaN()) // an anomaly that multiplication by 0 would not stop
	}
	labels := []bool{true, true, false, true, false, true}
	g := autograd.NewGraph[float32](nil)
	out, all := Mem(g, z, labels, x, DefaultConfig()), Retrieve(g, z, x, DefaultConfig())
	for k, y := range labels {
		want := z.Data()[k*8 : k*8+8]
		if y {
			want = all.Data()[k*8 : k*8+8]
		}
		for i, v := range out.Data()[k*8 : k*8+8] {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Errorf("row %d, channel %d is %g, want %g", k, i, v, want[i])
			}
		}
	}
	if got := Mem(g, z, make([]bool, 6), x, DefaultConfig()); got != z {
		t.Error("a batch without normal rows is not returned as it is")
	}
}

// Values and gradients of degenerate inputs stay finite.
func TestDegenerateInputs(t *testing.T) {
	ones := func(v float32, dims ...int) *autograd.Tensor[float32] {
		x := autograd.New[float32](dims...)
		for i := range x.Data() {
			x.Data()[i] = v
		}
		return x
	}
	inputs := map[string]*autograd.Tensor[float32]{
		"zeros": ones(0, 4, 8), "equal": ones(0.1, 4, 8), "tiny": normal[float32](17, 1e-30, 4, 8), "denormal": normal[float32](17, 1e-41, 4, 8),
		"small": normal[float32](18, 1e-12, 4, 8), "large": normal[float32](19, 1e4, 4, 8), "huge": normal[float32](20, 1e15, 4, 8),
	}
	for _, s := range similarities {
		for zName, z := range inputs {
			for xName, x := range inputs {
				for _, updates := range []int{1, 3, 0} {
					z, x := autograd.FromSlice(slices.Clone(z.Data()), 4, 8).RequireGrad(), autograd.FromSlice(slices.Clone(x.Data()), 4, 8).RequireGrad()
					g := autograd.NewGraph[float32](nil)
					c := Config{Beta: 2, Updates: updates, Eps: 1e-6, Similarity: s}
					out := cosine(g, z, x, c)
					g.BackwardFrom(out, []float32{1, 1, 1, 1})
					for what, v := range map[string][]float32{"value": out.Data(), "query gradient": z.Grad(), "pattern gradient": x.Grad()} {
						for i := range v {
							if v[i]-v[i] != 0 {
								t.Fatalf("%v, %d updates, %s queries of %s patterns: %s %d is %g", s, updates, zName, xName, what, i, v[i])
							}
						}
					}
				}
			}
		}
	}
}

func TestWrongShapesPanic(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	z, x := autograd.New[float32](3, 8), autograd.New[float32](5, 8)
	for want, f := range map[string]func(){
		"hopfield: Retrieve: query [3 8] and patterns [5 7]": func() { Retrieve(g, z, autograd.New[float32](5, 7), DefaultConfig()) },
		"hopfield: Retrieve: query [3 8] and patterns [0 8]": func() { Retrieve(g, z, autograd.New[float32](0, 8), DefaultConfig()) },
		"hopfield: 2 labels for rows [3 8]":                  func() { Mem(g, z, []bool{true, true}, x, DefaultConfig()) },
		"hopfield: β 0, 1 updates":                           func() { Retrieve(g, z, x, Config{Updates: 1}) },
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

func TestNoRows(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	for _, updates := range []int{1, 2, 0} {
		out := Retrieve(g, autograd.New[float32](0, 8), normal[float32](1, 1, 5, 8), Config{Beta: 2, Updates: updates})
		if out.Shape() != autograd.MakeShape(0, 8) {
			t.Errorf("%d updates: shape %v", updates, out.Shape())
		}
	}
}

func TestParseSimilarity(t *testing.T) {
	for _, s := range similarities {
		if got, err := ParseSimilarity(s.String()); err != nil || got != s {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	if _, err := ParseSimilarity("cosine"); err == nil {
		t.Error("cosine is taken for a similarity")
	}
}

func TestThreadsGiveTheSameBits(t *testing.T) {
	x := normal[float32](21, 1, 100, 64)
	field := normal[float32](22, 1, 8, 6, 6, 64)
	for _, s := range similarities {
		var first []float32
		for _, threads := range []int{1, 2, 4} {
			p := pool.New(threads)
			g := autograd.NewGraph[float32](p)
			z, x := autograd.FromSlice(slices.Clone(field.Data()), 8, 6, 6, 64).RequireGrad(), autograd.FromSlice(slices.Clone(x.Data()), 100, 64).RequireGrad()
			out := Deviation(g, z, x, Config{Beta: 2, Updates: 2, Similarity: s})
			g.BackwardFrom(out, normal[float32](23, 1, 8*36*64).Data())
			all := slices.Concat(out.Data(), z.Grad(), x.Grad())
			if first == nil {
				first = all
			} else if !slices.Equal(first, all) {
				t.Errorf("%v: %d threads give other bits than one", s, threads)
			}
			p.Close()
		}
	}
}

// Features whose squares overflow keep their direction.
func TestLongRows(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	z, x := normal[float32](27, 1, 6, 9), normal[float32](28, 1, 4, 9)
	long, longX := autograd.New[float32](6, 9), autograd.New[float32](4, 9)
	for i, v := range z.Data() {
		long.Data()[i] = v * (1 << 80)
	}
	for i, v := range x.Data() {
		longX.Data()[i] = v * (1 << 70)
	}
	for _, s := range []Similarity{Unit, LayerNorm} {
		c := DefaultConfig()
		c.Similarity = s
		want, got := cosine(g, z, x, c).Data(), cosine(g, long, longX, c).Data()
		for i, v := range got {
			if math.Abs(float64(v-want[i])) > 1e-6 {
				t.Errorf("%v: row %d is off by %g, want %g", s, i, v, want[i])
			}
		}
	}
}

func TestSteadyStepDoesNotAllocate(t *testing.T) {
	for _, threads := range []int{2, 4} {
		p := pool.New(threads)
		g := autograd.NewGraph[float32](p)
		z, x := normal[float32](24, 1, 16, 4, 4, 32).RequireGrad(), normal[float32](25, 1, 20, 32).RequireGrad()
		seed := normal[float32](26, 1, 16*16).Data()
		step := func() {
			g.BackwardFrom(cosine(g, z, x, DefaultConfig()), seed)
			g.Reset()
		}
		// The pool makes a record for each task that is late to hand back its own,
		// and keeps it: a few steps are not steady yet.
		var n uint64
		for range 10 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 20 {
				step()
			}
			runtime.ReadMemStats(&after)
			if n = after.Mallocs - before.Mallocs; n == 0 {
				break
			}
		}
		if n > 0 {
			t.Errorf("%d threads: %d allocations in 20 steps", threads, n)
		}
		p.Close()
	}
}
