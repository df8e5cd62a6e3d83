//go:build arm64

package simd

// FMA32 returns x*y + z, rounded once: the fused multiply-add of IEEE 754. On
// arm64 the compiler fuses the expression into one instruction. (It may on other
// architectures too, but does not always: with GOAMD64=v3 a factor that comes from
// memory is multiplied on its own.) The conversion matters: where the call is
// inlined and z is itself a product, the compiler would otherwise be free to fuse
// that one, and to round x*y.
//
// Callers may not pass two constants as x and y, which are multiplied in advance,
// nor the constant 2, which becomes x + x. A test finds both.
func FMA32(x, y, z float32) float32 { return x*y + float32(z) }

// fmaRow is the loop of axpyGo and of the product.
func fmaRow(dst []float32, s float32, x []float32) {
	x = x[:len(dst)]
	for i, d := range dst {
		dst[i] = FMA32(s, x[i], d)
	}
}
