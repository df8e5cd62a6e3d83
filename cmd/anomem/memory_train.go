package main

import (
	"math"
	"os"
	"runtime/debug"
)

// garbageShare is how much garbage training lets pile up, in per cent of what is in use. Nearly
// all of that are pixels and numbers, which the collector need not look at.
const garbageShare = 40

// cacheInMemory is the most bytes of decoded images that training keeps in memory, unless
// GOMEMLIMIT allows for more; cacheOfLimit is the share of that limit.
const (
	cacheInMemory = 256 << 20
	cacheOfLimit  = 1.0 / 4
)

// boundTraining makes the collector run before much garbage is there, unless GOGC, where it is
// set, says otherwise.
func boundTraining() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbageShare)
	}
}

// splitCache divides the bytes of decoded images to keep between memory and a temporary file.
func splitCache(all int64) (memory, file int64) {
	memory = cacheInMemory
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		memory = int64(cacheOfLimit * float64(limit))
	}
	memory = min(memory, all)
	return memory, all - memory
}
