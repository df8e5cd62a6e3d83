package simd

import (
	"testing"
	"unsafe"
)

// The assembly reads gemmArgs by the offsets that the generators of amd64 and arm64 count up.
func TestGemmArgsLayout(t *testing.T) {
	var g gemmArgs
	got := []uintptr{
		unsafe.Offsetof(g.a), unsafe.Offsetof(g.off), unsafe.Offsetof(g.offStep),
		unsafe.Offsetof(g.b), unsafe.Offsetof(g.bStride),
		unsafe.Offsetof(g.c), unsafe.Offsetof(g.cStride),
		unsafe.Offsetof(g.height), unsafe.Offsetof(g.tiles), unsafe.Offsetof(g.taps), unsafe.Offsetof(g.k),
		unsafe.Offsetof(g.load), unsafe.Offsetof(g.scale), unsafe.Offsetof(g.shift),
		unsafe.Offsetof(g.residual), unsafe.Offsetof(g.residualStride),
		unsafe.Offsetof(g.relu), unsafe.Offsetof(g.mask), unsafe.Offsetof(g.tapsLeft), unsafe.Offsetof(g.next),
	}
	for i, o := range got {
		if o != uintptr(8*i) {
			t.Errorf("field %d lies at %d, want %d", i, o, 8*i)
		}
	}
}
