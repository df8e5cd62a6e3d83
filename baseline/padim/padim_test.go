package padim

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/twin"
	"anomem/simd/pool"
)

// Scores and maps are those of PyTorch, up to float32, on any number of threads.
func TestAgainstPyTorch(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	w := twin.Load(t)
	c := Default()
	c.Encoder, c.Size = twin.Encoder, w.Side
	d, alone := New(c), New(c)
	if err := d.Fit(context.Background(), w.Learn(), baseline.Options{Pool: p}); err != nil {
		t.Fatal(err)
	}
	w.Compare(t, d, w.PaDiM, 1e-5)
	if err := alone.Fit(context.Background(), w.Learn(), baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, img := range w.Test() {
		if a, b := d.Map(img), alone.Map(img); !slices.Equal(a.Value, b.Value) {
			t.Error("another map on one thread")
		}
	}
}

// Where a picture differs is where its map is highest.
func TestSeesWhere(t *testing.T) {
	w := twin.Load(t)
	c := Default()
	c.Encoder, c.Size, c.Channels = twin.Encoder, w.Side, 8
	d := New(c)
	if err := d.Fit(context.Background(), w.Learn(), baseline.Options{Seed: 2}); err != nil {
		t.Fatal(err)
	}
	for k, img := range w.Test()[1:] {
		m := d.Map(img)
		at := 0
		for i, v := range m.Value {
			if v > m.Value[at] {
				at = i
			}
		}
		if at%m.W < 18 {
			t.Errorf("picture %d, which differs from column 20 on, is hottest in column %d", k, at%m.W)
		}
	}
}

// Channels are drawn without repetition, by the seed, from all stages; no more than there are.
func TestDraw(t *testing.T) {
	c := Config{Stages: []int{1, 3}, Channels: 9}
	a, same, b := draw(c, [4]int{8, 100, 32, 100}, 1), draw(c, [4]int{8, 100, 32, 100}, 1), draw(c, [4]int{8, 100, 32, 100}, 2)
	if !slices.Equal(a, same) || slices.Equal(a, b) {
		t.Errorf("seed 1: %v, again %v; seed 2: %v", a, same, b)
	}
	of := map[int]int{}
	for i, ch := range a {
		if slices.Contains(a[:i], ch) {
			t.Errorf("%v is drawn twice", ch)
		}
		of[ch.stage]++
	}
	if len(a) != 9 || of[1]+of[3] != 9 {
		t.Errorf("%v drawn", a)
	}
	c.Channels = 40
	if all := draw(c, [4]int{8, 100, 32, 100}, 1); len(all) != 40 || all[39] != (channel{3, 31}) {
		t.Errorf("all: %v", all)
	}
}

func TestRefuses(t *testing.T) {
	w := twin.Load(t)
	for want, change := range map[string]func(c *Config){
		"stages []":    func(c *Config) { c.Stages = nil },
		"stages [2 2]": func(c *Config) { c.Stages = []int{2, 2} },
		"stages [0]":   func(c *Config) { c.Stages = []int{0} },
		"stages [5]":   func(c *Config) { c.Stages = []int{5} },
		"0 channels":   func(c *Config) { c.Channels = 0 },
		"epsilon 0":    func(c *Config) { c.Epsilon = 0 },
		"sigma -1":     func(c *Config) { c.Sigma = -1 },
		"sigma NaN":    func(c *Config) { c.Sigma = math.NaN() },
		"no such file": func(c *Config) { c.Encoder = "nothing" },
	} {
		c := Default()
		c.Encoder, c.Size = twin.Encoder, 16
		change(&c)
		if err := New(c).Fit(context.Background(), w.Learn(), baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Covariances take 12 bytes a value, at most 4 GiB: a byte more is refused.
func TestFits(t *testing.T) {
	const channels, values = 550, 550 * 551 / 2
	d := New(Default())
	most := (4 << 30) / (12 * values)
	if err := d.fits(most, channels); err != nil {
		t.Error(err)
	}
	if err := d.fits(most+1, channels); err == nil || !strings.Contains(err.Error(), "550 channels at 2363 positions take 4.0 GiB, above 4") {
		t.Error(err)
	}
}

// Settings that change after Fit do not matter.
func TestSettingsAfterFit(t *testing.T) {
	w := twin.Load(t)
	c := Default()
	c.Encoder, c.Size = twin.Encoder, 16
	d := New(c)
	if err := d.Fit(context.Background(), w.Learn(), baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	img := w.Test()[1]
	before := d.Score(img)
	d.Config.Stages[0], d.Config.Sigma, d.Config.Size = 3, 0, 8
	if after := d.Score(img); after != before {
		t.Errorf("%v, and %v before", after, before)
	}
}
