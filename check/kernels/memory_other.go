//go:build !linux

package kernels

import (
	"runtime"
	"unsafe"
)

const noGuardPages = "none on " + runtime.GOOS + ": reading outside an operand shows only where it changes a result"

// newMemory allocates the areas. Without guard pages here, a write outside an
// operand still shows in the bytes around it, and a read in the result.
func newMemory() (*memory, error) {
	m := &memory{free: func() {}}
	const margin = 1 << 12
	for i := range m.areas {
		words := make([]uint64, (areaSize+2*margin)/8) // aligned for float64
		bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))
		m.areas[i] = bytes[margin : margin+areaSize]
	}
	return m, nil
}
