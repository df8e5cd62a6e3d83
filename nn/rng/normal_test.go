package rng

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"testing"
)

// TestQuantile holds logarithm and quantile against numbers of mpmath.
func TestQuantile(t *testing.T) {
	f, err := os.Open("testdata/quantiles.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
		var p, l, q float64
		if _, err := fmt.Sscan(s.Text(), &p, &l, &q); err != nil {
			t.Fatal(err)
		}
		if got := log(p); math.Abs(got-l) > 0x1p-52*math.Abs(l) {
			t.Errorf("log(%v) = %v, want %v", p, got, l)
		}
		if got := quantile(p); math.Abs(got-q) > 1e-15*max(math.Abs(q), 0.01) {
			t.Errorf("quantile(%v) = %v, want %v", p, got, q)
		}
	}
	if n < 100 {
		t.Errorf("only %d rows", n)
	}
}

func TestLog(t *testing.T) {
	r := New(5)
	for i := range 100_000 {
		x := math.Ldexp(0.5+r.Float64(), i%100-60)
		if got, want := log(x), math.Log(x); math.Abs(got-want) > 0x1p-52*math.Abs(want) {
			t.Fatalf("log(%v) = %v, want %v", x, got, want)
		}
	}
	if got := log(1); got != 0 {
		t.Errorf("log(1) = %v", got)
	}
}

// TestNorm holds the moments and the distribution function of 400,000 numbers
// against the normal distribution's.
func TestNorm(t *testing.T) {
	const n = 400_000
	r := New(6)
	var m [4]float64
	below := map[float64]float64{-3: 0, -1.5: 0, -0.5: 0, 0: 0, 1: 0, 2: 0}
	for range n {
		x := r.Norm()
		for i, p := 0, x; i < len(m); i, p = i+1, p*x {
			m[i] += p / n
		}
		for at := range below {
			if x < at {
				below[at] += 1.0 / n
			}
		}
	}
	// E x⁰… of the moments 1 to 4 are 0, 1, 0, 3; the variances of xᵏ are 1, 2, 15, 96.
	for i, want := range []float64{0, 1, 0, 3} {
		if tol := 4 * math.Sqrt([]float64{1, 2, 15, 96}[i]/n); math.Abs(m[i]-want) > tol {
			t.Errorf("moment %d is %v, want %v ± %v", i+1, m[i], want, tol)
		}
	}
	for at, got := range below {
		want := math.Erfc(-at/math.Sqrt2) / 2
		if tol := 4 * math.Sqrt(want*(1-want)/n); math.Abs(got-want) > tol {
			t.Errorf("P(x < %v) is %v, want %v ± %v", at, got, want, tol)
		}
	}
	if x := quantile(0x1p-53); x < -8.3 || x > -8.2 {
		t.Errorf("the smallest number is %v", x)
	}
}

func BenchmarkNorm(b *testing.B) {
	r := New(1)
	for b.Loop() {
		r.Norm()
	}
}
