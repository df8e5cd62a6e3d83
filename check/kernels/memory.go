package kernels

import (
	"fmt"
	"unsafe"
)

// areaSize is the memory of one operand, in bytes, between two guard pages.
const areaSize = 1 << 19

// operands is the most operands of a trial.
const operands = 8

// memory holds an area for each operand.
type memory struct {
	areas [operands][]byte
	free  func()
}

// placement is the place of an operand in its area.
type placement struct {
	atEnd  bool // it ends at the guard page behind; otherwise it starts near the one before
	offset int  // in bytes, from that page
}

// The placements touch either page, and include addresses without a vector's alignment.
var placements = []placement{{false, 0}, {true, 0}, {false, 4}, {true, 4}, {false, 8 * 5}, {true, 8*7 + 4}}

func (p placement) String() string {
	if p.atEnd {
		return fmt.Sprintf("%d bytes before a guard page", p.offset)
	}
	return fmt.Sprintf("%d bytes after a guard page", p.offset)
}

// guard fills the bytes around an operand. They form NaNs, so that reading them also
// shows.
const guard = 0xa5

// place copies data to its place, and returns it with a function that checks whether
// the bytes around it are untouched.
func place[T float32 | float64](m *memory, operand int, data []T, p placement) ([]T, func() error) {
	if m == nil {
		return append([]T(nil), data...), func() error { return nil }
	}
	size := int(unsafe.Sizeof(T(0)))
	area, n := m.areas[operand], size*len(data)
	offset := p.offset / size * size // an element is aligned to its size
	start := offset
	if p.atEnd {
		start = len(area) - n - offset
	}
	if start < 0 || start+n > len(area) {
		panic(fmt.Sprintf("operand of %d bytes in an area of %d", n, len(area)))
	}
	// A window around the operand is enough: no kernel strays by more than its unrolled loop.
	const window = 1 << 10
	before, after := area[max(start-window, 0):start], area[start+n:min(start+n+window, len(area))]
	for _, g := range [][]byte{before, after} {
		for i := range g {
			g[i] = guard
		}
	}
	placed := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(area[start:]))), len(data))
	copy(placed, data)
	return placed, func() error {
		for i, b := range before {
			if b != guard {
				return fmt.Errorf("operand %d: byte %d before it is overwritten", operand, len(before)-i)
			}
		}
		for i, b := range after {
			if b != guard {
				return fmt.Errorf("operand %d: byte %d after it is overwritten", operand, i)
			}
		}
		return nil
	}
}
