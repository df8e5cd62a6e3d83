package patchcore

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/nearest"
	"anomem/baseline/internal/twin"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// small returns the configuration for pictures of the twin.
func small(w twin.Twin) Config {
	c := Default()
	c.Encoder, c.Size = twin.Encoder, w.Side
	return c
}

// With all patches in the bank, scores and maps are those of PyTorch, up to float32.
func TestAgainstPyTorch(t *testing.T) {
	w := twin.Load(t)
	c := small(w)
	c.Share = 1
	d := New(c)
	if err := d.Fit(context.Background(), w.Learn(), baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	w.Compare(t, d, w.PatchCore, 1e-5)
}

// The coreset is the one that the greedy rule gives in PyTorch, from the same first patch.
func TestCoreset(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	w := twin.Load(t)
	rows := make([]float32, len(w.Coreset.Rows))
	for i, v := range w.Coreset.Rows {
		rows[i] = float32(v)
	}
	v := vectors{rows, w.Coreset.D}
	seed := seedOf(len(rows)/w.Coreset.D, w.Coreset.First)
	for _, p := range []*pool.Pool{nil, p} {
		got, err := coreset(context.Background(), v, len(w.Coreset.Chosen), baseline.Options{Seed: seed, Pool: p})
		if err != nil || !slices.Equal(got, w.Coreset.Chosen) {
			t.Errorf("%v, %v, want %v", got, err, w.Coreset.Chosen)
		}
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := coreset(done, v, 3, baseline.Options{}); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
}

// seedOf returns a seed for which the first of n patches to be chosen is the given one.
func seedOf(n, first int) uint64 {
	for seed := uint64(0); ; seed++ {
		r := rng.New(seed, rng.Name("PatchCore"), rng.Name("coreset"))
		if r.IntN(n) == first {
			return seed
		}
	}
}

// A coreset holds no patch twice: it ends where all others are the same as those it has.
func TestCoresetOfTheSame(t *testing.T) {
	got, err := coreset(context.Background(), vectors{[]float32{1, 2, 1, 2, 3, 4, 1, 2, 3, 4}, 2}, 5, baseline.Options{})
	if err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// A projection to 128 values keeps distances within some part, as of 500 values, and nothing is
// projected where there is nothing to gain.
func TestProjected(t *testing.T) {
	const n, d = 30, 500
	r := rng.New(1, rng.Name("rows"))
	rows := make([]float32, n*d)
	for i := range rows {
		rows[i] = float32(r.Norm())
	}
	v := projected(rows, d, 128, baseline.Options{Seed: 1})
	if v.d != 128 {
		t.Fatalf("%d values", v.d)
	}
	distance := func(x []float32, d, i, j int) (sum float64) {
		for k := range d {
			o := float64(x[i*d+k]) - float64(x[j*d+k])
			sum += o * o
		}
		return math.Sqrt(sum)
	}
	for i := range n {
		for j := range i {
			// The ratio's standard deviation is 1/√256.
			if ratio := distance(v.data, 128, i, j) / distance(rows, d, i, j); math.Abs(ratio-1) > 5./16 {
				t.Errorf("distance of %d and %d: %v of what it was", i, j, ratio)
			}
		}
	}
	for _, to := range []int{0, d, d + 1} {
		if v := projected(rows, d, to, baseline.Options{}); v.d != d || &v.data[0] != &rows[0] {
			t.Errorf("to %d: %d values", to, v.d)
		}
	}
}

// The bank is bounded by its share of all patches, by its size, and by the candidates.
func TestBank(t *testing.T) {
	w := twin.Load(t)
	all := w.Learned * 16 * 16
	for _, c := range []struct {
		candidates, bank int
		share            float64
		want             int
	}{{all, all, 0.01, 31}, {all, 20, 0.01, 20}, {17, 20, 0.01, 17}, {1, 20, 0.01, 1}} {
		config := small(w)
		config.Candidates, config.Bank, config.Share = c.candidates, c.bank, c.share
		d := New(config)
		said := ""
		if err := d.Fit(context.Background(), w.Learn(), baseline.Options{Seed: 1, Note: func(s string) { said = s }}); err != nil {
			t.Fatal(err)
		}
		if d.bank.Len() != c.want || !strings.Contains(said, " of 3072 patches") {
			t.Errorf("%+v: a bank of %d; %s", c, d.bank.Len(), said)
		}
		test := w.Test()
		if normal, odd := d.Score(test[0]), d.Score(test[1]); c.want > 16 && odd < 2*normal || !(odd > 0) {
			t.Errorf("%+v: %v, and %v for a normal picture", c, odd, normal)
		}
	}
}

// A patch whose nearest lies among others counts more than one whose nearest lies alone, and a
// bank of one patch weighs nothing.
func TestWeigh(t *testing.T) {
	d := New(Default())
	d.using = d.Config
	d.using.Neighbours = 3
	d.bank = nearest.NewRows([]float32{0, 1, 1.5, 9}, 1)
	patch := []float32{-1}
	// Nearest is 0; the three nearest to it are 0, 1 and 1.5, at 1, 2 and 2.5 from the patch.
	want := 1 - math.Exp(1)/(math.Exp(1)+math.Exp(2)+math.Exp(2.5))
	if got := d.weigh(patch, d.bank.Find(nil, patch, 1)[0]); math.Abs(got-want) > 1e-6 {
		t.Errorf("%v, want %v", got, want)
	}
	// Nearest to 3000 is 9, and next to that are 1.5 and 1; exp of these distances overflows.
	far := []float32{3000}
	want = 2991 * (1 - 1/(1+math.Exp(7.5)+math.Exp(8)))
	if got := d.weigh(far, d.bank.Find(nil, far, 1)[0]); math.Abs(got-want) > 1e-3 {
		t.Errorf("far away %v, want %v", got, want)
	}
	d.using.Neighbours = 1
	if got := d.weigh(patch, d.bank.Find(nil, patch, 1)[0]); got != 1 {
		t.Errorf("without neighbours %v, want 1", got)
	}
	d.using.Neighbours, d.bank = 3, nearest.NewRows([]float32{4}, 1)
	if got := d.weigh(patch, d.bank.Find(nil, patch, 1)[0]); got != 5 {
		t.Errorf("of a bank of one %v, want 5", got)
	}
}

// A reservoir holds each row with the same probability.
func TestReservoir(t *testing.T) {
	const rows, most, draws = 12, 3, 8000
	var count [rows]int
	all := make([]float32, 2*rows)
	for i := range all {
		all[i] = float32(i / 2)
	}
	for k := range draws {
		v := reservoir{most: most, r: rng.New(uint64(k))}
		v.add(all[:10], 2)
		v.add(all[10:], 2)
		if v.seen != rows || len(v.rows) != 2*most {
			t.Fatalf("%d seen, %d values kept", v.seen, len(v.rows))
		}
		for i := 0; i < len(v.rows); i += 2 {
			if v.rows[i] != v.rows[i+1] {
				t.Fatalf("rows are mixed: %v", v.rows)
			}
			count[int(v.rows[i])]++
		}
	}
	for i, n := range count {
		if share := float64(n) / draws; math.Abs(share-0.25) > 0.025 {
			t.Errorf("row %d is kept in %v of draws, want a quarter", i, share)
		}
	}
}

func TestRefuses(t *testing.T) {
	w := twin.Load(t)
	for want, change := range map[string]func(c *Config){
		"stages [3 2]":  func(c *Config) { c.Stages = []int{3, 2} },
		"0 candidates":  func(c *Config) { c.Candidates = 0 },
		"2097152 cand":  func(c *Config) { c.Candidates = 1 << 21 },
		"share 0:":      func(c *Config) { c.Share = 0 },
		"share 1.1:":    func(c *Config) { c.Share = 1.1 },
		"share NaN:":    func(c *Config) { c.Share = math.NaN() },
		"a bank of 0":   func(c *Config) { c.Bank = 0 },
		"-1 projected":  func(c *Config) { c.Projected = -1 },
		"0 neighbours":  func(c *Config) { c.Neighbours = 0 },
		"1001 neighb":   func(c *Config) { c.Neighbours = 1001 },
		"sigma 225":     func(c *Config) { c.Sigma = 225 },
		"no such file":  func(c *Config) { c.Encoder = "nothing" },
		"size 7: want ": func(c *Config) { c.Size = 7 },
	} {
		c := small(w)
		change(&c)
		if err := New(c).Fit(context.Background(), w.Learn(), baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
