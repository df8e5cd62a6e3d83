package ocsvm

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

type fixtures struct {
	Tolerance float64
	Cases     []struct {
		D                             int
		Nu, Gamma, Rho                float64
		UsedGamma                     float64 `json:"used_gamma"`
		Rows, Queries, Decisions, Own []float64
	}
}

func stored(t *testing.T) (f fixtures) {
	t.Helper()
	text, err := os.ReadFile("../../testdata/baseline/ocsvm.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func single(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// The decision function is scikit-learn's, as near as two solutions of the same problem must
// be. Where no pair violates the conditions by more than ε and ε', the two sums w = Σα_iφ(x_i)
// are no farther apart than
//
//	‖w - w'‖² ≤ (ε + ε')·νn
//
// since from either solution α a change to any feasible α' has gᵀ(α' - α) ≥ -ε·νn, and both of
// these add to -‖w - w'‖² on the left. φ has length 1, so that Σα_iK differs by ‖w - w'‖, and ρ
// by ε + ε' more. A kernel that errs by δ moves a gradient by νnδ, which counts as violation:
// here float32 errs by 2⁻²² in the exponent and in the result. The bound is for the worst of
// problems. What is found is within 1e-6, so that 1e-5 would be a fault.
func TestAgainstScikitLearn(t *testing.T) {
	const tolerance = 1e-7
	f := stored(t)
	for _, c := range f.Cases {
		rows := single(c.Rows)
		n := float64(len(rows) / c.D)
		m, err := train(context.Background(), rows, c.D, Config{Nu: c.Nu, Gamma: c.Gamma, Tolerance: tolerance}, baseline.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(m.gamma)-c.UsedGamma) > 1e-6*c.UsedGamma {
			t.Errorf("%d rows: gamma %v, want %v", int(n), m.gamma, c.UsedGamma)
		}
		violation := tolerance + f.Tolerance + 2*c.Nu*n*math.Ldexp(1, -22)
		bound := min(1e-5, 2*math.Sqrt(violation*c.Nu*n)+violation)
		var worst float64
		queries := append(single(c.Queries), rows...)
		for i, want := range append(c.Decisions, c.Own...) {
			worst = max(worst, math.Abs(-m.score(queries[i*c.D:(i+1)*c.D])-want))
		}
		t.Logf("%d rows, ν %v: within %.1e, rho within %.1e; bound %.1e", int(n), c.Nu, worst, math.Abs(m.rho-c.Rho), bound)
		if worst > bound || math.Abs(m.rho-c.Rho) > bound {
			t.Errorf("%d rows, ν %v: differs by %v, rho by %v; want %v at most", int(n), c.Nu, worst, m.rho-c.Rho, bound)
		}
	}
}

// At the optimum the coefficients keep their bounds and sum, and every gradient lies on its
// side of ρ. At most νn scores are above 0 and at least νn rows support: the ν property.
func TestConditions(t *testing.T) {
	const n, nu, tolerance = 200, 0.15, 1e-4
	r := rng.New(4, rng.Name("rows"))
	rows := make([]float32, n*3)
	for i := range rows {
		rows[i] = float32(r.Norm())
	}
	m := &machine{gamma: 0.5}
	kernel := make([]float32, n*n)
	for i := range n {
		for j := range n {
			for l := range 3 {
				d := rows[3*i+l] - rows[3*j+l]
				kernel[i*n+j] += d * d
			}
		}
		m.similarity(kernel[i*n : (i+1)*n])
	}
	s := newSolver(kernel, n, nu)
	if err := s.solve(context.Background(), tolerance); err != nil {
		t.Fatal(err)
	}
	rho := s.offset()
	var sum float64
	outside, support := 0, 0
	for i, a := range s.alpha {
		var g float64
		for j, k := range s.row(i) {
			g += s.alpha[j] * float64(k)
		}
		if math.Abs(g-s.gradient[i]) > 1e-9 {
			t.Errorf("gradient %v, want %v", s.gradient[i], g)
		}
		if a < 0 || a > 1 || a == 0 && g < rho-tolerance || a == 1 && g > rho+tolerance || a > 0 && a < 1 && math.Abs(g-rho) > tolerance {
			t.Errorf("coefficient %v where the gradient is %v and rho %v", a, g, rho)
		}
		sum += a
		if a > 0 {
			support++
		}
		if g < rho-tolerance {
			outside++
		}
	}
	if math.Abs(sum-nu*n) > 1e-9 || outside > nu*n || support < nu*n {
		t.Errorf("sum %v, %d outside, %d support vectors of %v", sum, outside, support, nu*n)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := newSolver(kernel, n, nu).solve(done, tolerance); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
}

// With ν = 1 all coefficients are 1, and there is nothing to choose.
func TestParzen(t *testing.T) {
	rows := []float32{0, 1, 5}
	m, err := train(context.Background(), rows, 1, Config{Nu: 1, Gamma: 0.5, Tolerance: 1e-3}, baseline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := math.Exp(-0.5*4) + math.Exp(-0.5) + math.Exp(-0.5*9)
	if got := m.rho - m.score([]float32{2}); math.Abs(got-want) > 1e-6 {
		t.Errorf("%v, want %v", got, want)
	}
}

// pictures are grey, with noise, and brighter to the right for bright > 0.
func pictures(name string, n, bright int) dataset.Samples {
	r := rng.New(2, rng.Name(name))
	var all dataset.Samples
	for range n {
		img := imageio.NewImage(16, 16)
		for i := range img.Pix {
			img.Pix[i] = byte(80 + r.IntN(20) + bright*(i/3%16))
		}
		all = append(all, dataset.Sample{Image: img, Normal: true})
	}
	return all
}

// Pictures unlike the normal ones score higher, on pixels and on features, the same on any
// number of threads.
func TestDetector(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for _, encoder := range []string{"", "../../testdata/resnet/resnet18-small.safetensors"} {
		c := Default()
		c.Side, c.Encoder, c.Size, c.Most = 8, encoder, 16, 40
		d, alone := New(c), New(c)
		if err := d.Fit(context.Background(), pictures("normal", 60, 0), baseline.Options{Pool: p, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		if err := alone.Fit(context.Background(), pictures("normal", 60, 0), baseline.Options{Seed: 1}); err != nil {
			t.Fatal(err)
		}
		if n := d.machine.support.Len(); n > 40 || n < 4 {
			t.Errorf("%s: %d support vectors", d.Name(), n)
		}
		var normal float64
		for _, s := range pictures("test", 10, 0) {
			normal = max(normal, d.Score(s.Image))
		}
		for _, s := range pictures("odd", 10, 6) {
			got := d.Score(s.Image)
			if got <= normal {
				t.Errorf("%s: %v, and up to %v for normal pictures", d.Name(), got, normal)
			}
			if got != alone.Score(s.Image) {
				t.Errorf("%s: another score on one thread", d.Name())
			}
		}
	}
}

// Of more than Most normal images, some are drawn, by the seed.
func TestSome(t *testing.T) {
	src := pictures("normal", 30, 0)
	for i := range 10 {
		src[3*i].Normal = false
	}
	if got := some(src, 20, 1); got != nil {
		t.Errorf("all: %v", got)
	}
	a, same, b := some(src, 19, 1), some(src, 19, 1), some(src, 19, 2)
	differ := 0
	for i := range src {
		if a[i] && i%3 == 0 && i < 30 || a[i] != same[i] {
			t.Errorf("image %d: %t, again %t", i, a[i], same[i])
		}
		if a[i] != b[i] {
			differ++
		}
	}
	if len(a) != 19 || differ == 0 {
		t.Errorf("%d drawn, %d others by another seed", len(a), differ)
	}
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"nu 0:":         func(c *Config) { c.Nu = 0 },
		"nu 1.01:":      func(c *Config) { c.Nu = 1.01 },
		"nu NaN:":       func(c *Config) { c.Nu = math.NaN() },
		"gamma -1:":     func(c *Config) { c.Gamma = -1 },
		"gamma +Inf:":   func(c *Config) { c.Gamma = math.Inf(1) },
		"tolerance 0:":  func(c *Config) { c.Tolerance = 0 },
		"side 0:":       func(c *Config) { c.Side = 0 },
		"1 normal":      func(c *Config) { c.Most = 1 },
		"32769 normal":  func(c *Config) { c.Most = 1<<15 + 1 },
		"no such file":  func(c *Config) { c.Encoder = "nothing" },
		"size 7: want ": func(c *Config) { c.Encoder, c.Size = "nothing", 7 },
	} {
		c := Default()
		change(&c)
		if err := New(c).Fit(context.Background(), pictures("normal", 3, 0), baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
