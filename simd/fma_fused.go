//go:build arm64

package simd

// FMA32 returns x*y + z, rounded once: the fused multiply-add of IEEE 754. On
// arm64 the compiler fuses the expression into one instruction. (On other
// architectures it does so only sometimes: with GOAMD64=v3 a factor that comes from
// memory is multiplied on its own.) The conversion matters: if the call is inlined
// and z is itself a product, the compiler could otherwise fuse that product instead,
// and round x*y.
//
// Callers must not pass two constants as x and y, which the compiler multiplies in
// advance, nor the constant 2, which it turns into x + x. A test finds both.
func FMA32(x, y, z float32) float32 { return x*y + float32(z) }

// fmaRow sets dst[i] = fma(s, x[i], dst[i]), for axpyGo and the product.
func fmaRow(dst []float32, s float32, x []float32) {
	x = x[:len(dst)]
	for i, d := range dst {
		dst[i] = FMA32(s, x[i], d)
	}
}
