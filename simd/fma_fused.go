//go:build arm64 || ppc64le || riscv64 || s390x || loong64

package simd

// FMA32 returns x*y + z, rounded once: the fused multiply-add of IEEE 754. On
// these architectures the compiler fuses the expression into one instruction. The
// conversion matters: where the call is inlined and z is itself a product, the
// compiler would otherwise be free to fuse that one, and to round x*y.
//
// Callers may not pass two constants as x and y, which are multiplied in advance,
// nor the constant 2, which becomes x + x. A test finds both.
//
// amd64 is not among them, even with GOAMD64=v3: there a factor that comes from
// memory joins the multiplication first, which then stays apart from the addition.
func FMA32(x, y, z float32) float32 { return x*y + float32(z) }

// fmaRow is the loop of axpyGo and of the product.
func fmaRow(dst []float32, s float32, x []float32) {
	x = x[:len(dst)]
	for i, d := range dst {
		dst[i] = FMA32(s, x[i], d)
	}
}
