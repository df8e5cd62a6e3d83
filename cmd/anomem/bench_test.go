package main

import (
	"testing"
	"time"

	"anomem/simd/pool"
)

// TestBenchmarkTable runs every row once: its operands must have the lengths that
// its kernel wants. The rows of big operands are the same code as those of small.
func TestBenchmarkTable(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range benchmarks(false) {
		if seen[b.name] {
			t.Errorf("two benchmarks are named %s", b.name)
		}
		seen[b.name] = true
		if b.unit != unitFlops && b.unit != unitBytes {
			t.Errorf("%s: unit %q", b.name, b.unit)
		}
	}
	small := append(vectorBenchmarks("2Ki", 2<<10), matrixBenchmarks()...)
	for _, b := range append(small, sgemm("sgemm/7x5x3", product{7, 5, 3}, false)) {
		if b.work <= 0 {
			t.Errorf("%s: does no work", b.name)
		}
		b.setup(nil)()
	}
}

func TestMeasure(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	calls := 0
	b := benchmark{name: "sleep", unit: unitBytes, work: 1e6, setup: func(*pool.Pool) func() {
		return func() { calls++; time.Sleep(time.Millisecond) }
	}}
	r := measure(b, p, 22*time.Millisecond)
	// A megabyte a millisecond is a GB/s; a sleep may last longer than asked for.
	if r.Threads != 1 || r.OfPeak != nil || r.Value <= 0 || r.Value > 1 {
		t.Errorf("measured %+v", r)
	}
	if calls < runsPerFigure {
		t.Errorf("%d calls", calls)
	}
}

func TestRound(t *testing.T) {
	for _, tt := range []struct{ v, want float64 }{
		{0, 0}, {12345.6, 12350}, {1.23456, 1.235}, {0.00123456, 0.001235}, {1000, 1000},
	} {
		if got := round(tt.v); got != tt.want {
			t.Errorf("round(%v) = %v, want %v", tt.v, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("median of three = %v, want 2", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median of four = %v, want 3", got)
	}
}

func TestResNet50Products(t *testing.T) {
	all := resnet50Products()
	if len(all) != 4*15 {
		t.Errorf("%d products, want 15 on each of 1, 2, 4 and 8 images", len(all))
	}
	for _, p := range all {
		if p.m%49 != 0 || p.n < 64 || p.n > 2048 || p.k < 64 || p.k > 2048 {
			t.Errorf("%+v is not of a 1×1 convolution of ResNet-50", p)
		}
	}
}

// TestNetworkFlops compares the count of operations with the literature's, which
// counts a multiplication and an addition as one: He et al. 2015, table 1, for
// 224×224, here with the stride in the 3×3 convolution, the last layer included.
func TestNetworkFlops(t *testing.T) {
	for n, want := range map[network]float64{{18, 224}: 1.814e9, {50, 224}: 4.089e9} {
		if got := n.flops() / 2; got < 0.999*want || got > 1.001*want {
			t.Errorf("%v: %.4g multiply-adds, want %.4g", n, got, want)
		}
	}
}
