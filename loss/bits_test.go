package loss

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/simd"
	"anomem/simd/pool"
)

var update = flag.Bool("update", false, "write the golden digests, at level purego")

const golden = "testdata/bits.txt"

// Digests of the bits of the loss and all gradients of a step of eq. 7, written by the Go
// specification. Every level of every machine, with any number of threads, must give
// them. They change only with a specification.
func TestBits(t *testing.T) {
	if *update {
		if err := simd.Use("purego"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(digests(nil)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := string(data)
	defer simd.Use(simd.Level())
	for _, level := range simd.Levels() {
		if len(level.Missing) > 0 {
			t.Logf("SKIP: level %s: this CPU lacks %v", level.Name, level.Missing)
			continue
		}
		if err := simd.Use(level.Name); err != nil {
			t.Fatal(err)
		}
		for _, threads := range []int{1, 2, 4} {
			p := pool.New(threads)
			if got := digests(p); got != want {
				t.Errorf("%s, %d threads:\n%swant:\n%s", level.Name, threads, got, want)
			}
			p.Close()
		}
	}
}

func digests(p *pool.Pool) string {
	var b strings.Builder
	for _, c := range []struct {
		name   string
		change func(*Config)
	}{
		{"default", func(*Config) {}},
		{"pooled", func(c *Config) { c.Pooled = true }},
		{"unhinged, tau 0.01", func(c *Config) { c.Spread.Hinge, c.Contrast.Tau = 0, 0.01 }},
		{"barlow", func(c *Config) { c.Contrast.Pair = PairBarlowTwins }},
		{"vicreg", func(c *Config) { c.Contrast.Pair = PairVICReg }},
	} {
		cfg := DefaultConfig()
		c.change(&cfg)
		s := newStep(150) // more columns than one block
		s.run(autograd.NewGraph[float32](p), cfg)
		sum := sha256.Sum256(s.bits())
		b.WriteString(c.name + ": " + hex.EncodeToString(sum[:16]) + "\n")
	}
	return b.String()
}
