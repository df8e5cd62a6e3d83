package simd

import (
	"testing"
	"unsafe"
)

// The assembly reads winogradOutput by these offsets.
func TestWinogradOutputLayout(t *testing.T) {
	var o winogradOutput
	got := []uintptr{
		unsafe.Offsetof(o.src), unsafe.Offsetof(o.plane), unsafe.Offsetof(o.dst), unsafe.Offsetof(o.row), unsafe.Offsetof(o.col),
		unsafe.Offsetof(o.rows), unsafe.Offsetof(o.cols), unsafe.Offsetof(o.n), unsafe.Offsetof(o.load),
		unsafe.Offsetof(o.scale), unsafe.Offsetof(o.shift), unsafe.Offsetof(o.residual),
		unsafe.Offsetof(o.resRow), unsafe.Offsetof(o.resCol), unsafe.Offsetof(o.relu),
	}
	for i, want := range []uintptr{0, 24, 32, 56, 64, 72, 80, 88, 96, 104, 128, 152, 176, 184, 192} {
		if got[i] != want {
			t.Errorf("field %d lies at %d, want %d", i, got[i], want)
		}
	}
}
