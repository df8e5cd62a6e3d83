package main

import (
	"math"
	"runtime/debug"
	"testing"
)

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
