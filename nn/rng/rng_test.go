package rng

import (
	"hash/fnv"
	"math"
	"slices"
	"testing"
)

// TestPhilox: the known answers of the authors' Random123 library.
func TestPhilox(t *testing.T) {
	const all = 0xffffffff
	for _, tc := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{all, all, all, all}, [2]uint32{all, all}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(tc.ctr, tc.key); got != tc.want {
			t.Errorf("philox(%x, %x) = %x, want %x", tc.ctr, tc.key, got, tc.want)
		}
	}
}

func TestName(t *testing.T) {
	for _, s := range []string{"", "a", "foobar", "ü\x00"} {
		h := fnv.New64a()
		h.Write([]byte(s))
		if got := Name(s); got != h.Sum64() {
			t.Errorf("Name(%q) = %x, want %x", s, got, h.Sum64())
		}
	}
}

// TestStreams: a stream of no path is Philox itself, and paths that differ in
// anything, length and order included, are other streams.
func TestStreams(t *testing.T) {
	r := New(0)
	if a, b := r.Uint32(), r.Uint64(); a != 0x6627e8d5 || b != 0xbc57ac4c_e169c58d {
		t.Errorf("stream 0 starts with %x %x", a, b)
	}
	seen := map[uint64][]uint64{}
	for _, path := range [][]uint64{{1}, {2}, {1 << 32}, {1, 0}, {1, 0, 0}, {0, 1}, {1, 2}, {2, 1}, {1, 1}, {0, 0, 1}, {0}, {0, 0}} {
		for seed := range uint64(3) {
			r := New(seed, path...)
			again := New(seed, path...)
			v := r.Uint64()
			if v != again.Uint64() {
				t.Errorf("New(%d, %v) is not the same twice", seed, path)
			}
			if old, ok := seen[v]; ok {
				t.Errorf("New(%d, %v) is New(%v)", seed, path, old)
			}
			seen[v] = append([]uint64{seed}, path...)
		}
	}
}

// TestPinned: the numbers that models and checkpoints depend on. They must not
// change, and must be the same on every architecture.
func TestPinned(t *testing.T) {
	r := New(42, Name("pin"), 7)
	h := fnv.New64a()
	var b [8]byte
	put := func(v uint64) {
		for i := range b {
			b[i] = byte(v >> (8 * i))
		}
		h.Write(b[:])
	}
	for range 100_000 {
		put(math.Float64bits(r.Norm()))
	}
	for i := range 1000 {
		put(math.Float64bits(r.Float64()))
		put(uint64(r.IntN(i + 1)))
	}
	for _, i := range r.Perm(1000) {
		put(uint64(i))
	}
	if got, want := h.Sum64(), uint64(0x9620a2c047d8442a); got != want {
		t.Errorf("digest %#x, want %#x", got, want)
	}
}

func TestIntN(t *testing.T) {
	r := New(1)
	for _, n := range []int{1, 2, 3, 10, 1 << 20, math.MaxInt} {
		for range 1000 {
			if v := r.IntN(n); v < 0 || v >= n {
				t.Fatalf("IntN(%d) = %d", n, v)
			}
		}
	}
	// Each of 6 results in 60,000 throws: χ² with 5 degrees of freedom, which exceeds
	// 20.5 once in a thousand.
	var count [6]float64
	for range 60_000 {
		count[r.IntN(6)]++
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - 10_000) * (c - 10_000) / 10_000
	}
	if chi > 20.5 {
		t.Errorf("IntN(6): counts %v, χ² = %v", count, chi)
	}
	defer func() {
		if recover() == nil {
			t.Error("IntN(0) does not panic")
		}
	}()
	r.IntN(0)
}

func TestPerm(t *testing.T) {
	r := New(2)
	orders := map[[3]int]int{}
	for range 6000 {
		orders[[3]int(r.Perm(3))]++
	}
	if len(orders) != 6 {
		t.Errorf("%d orders of 3, want 6", len(orders))
	}
	for o, n := range orders {
		if n < 850 || n > 1150 { // 5 standard deviations
			t.Errorf("order %v came %d times of 6000", o, n)
		}
	}
	p := r.Perm(1000)
	slices.Sort(p)
	for i, v := range p {
		if i != v {
			t.Fatalf("not a permutation: %d is missing", i)
		}
	}
	if len(r.Perm(0)) != 0 {
		t.Error("Perm(0) is not empty")
	}
}

func TestFloat64(t *testing.T) {
	r := New(3)
	const n = 100_000
	sum := 0.0
	for range n {
		v := r.Float64()
		if v < 0 || v >= 1 {
			t.Fatalf("Float64() = %v", v)
		}
		sum += v
	}
	if mean := sum / n; math.Abs(mean-0.5) > 5/math.Sqrt(12*n) {
		t.Errorf("mean %v", mean)
	}
}
