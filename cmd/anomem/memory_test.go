package main

import (
	"math"
	"runtime/debug"
	"testing"
)

// What training keeps of decoded images is in memory up to a bound, or to its share of
// GOMEMLIMIT.
func TestSplitCache(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	for _, c := range []struct{ limit, all, memory, file int64 }{
		{math.MaxInt64, 100 << 20, 100 << 20, 0},
		{math.MaxInt64, 2 << 30, 256 << 20, 2<<30 - 256<<20},
		{600 << 20, 2 << 30, 150 << 20, 2<<30 - 150<<20},
		{8 << 30, 1 << 30, 1 << 30, 0},
		{600 << 20, 0, 0, 0},
	} {
		debug.SetMemoryLimit(c.limit)
		if memory, file := splitCache(c.all); memory != c.memory || file != c.file {
			t.Errorf("of %d bytes, with a limit of %d: %d in memory and %d in a file, want %d and %d", c.all, c.limit, memory, file, c.memory, c.file)
		}
	}
}

// GOMEMLIMIT, which the runtime reads, is left as it is; without it there is a bound.
func TestBoundGarbageLeavesGOMEMLIMIT(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	for env, want := range map[string]int64{"1GiB": math.MaxInt64, "off": math.MaxInt64, "": 7<<20 + 384<<20} {
		t.Setenv("GOMEMLIMIT", env)
		boundGarbage(7 << 20)
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("GOMEMLIMIT=%q: %d, want %d", env, got, want)
		}
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
