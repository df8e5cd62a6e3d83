package main

import (
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
)

// startMemoryPeak gives unused memory back to the system, resets the peak of resident memory
// and returns it, in bytes; 0 where the system does not tell. Linux does.
func startMemoryPeak() int64 {
	debug.FreeOSMemory()
	// proc(5): 5 sets the peak to what is resident now.
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return 0
	}
	return memoryPeak()
}

// memoryPeak returns the peak of resident memory since startMemoryPeak, in bytes, or 0.
func memoryPeak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == "VmHWM:" {
			kib, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return kib << 10
		}
	}
	return 0
}
