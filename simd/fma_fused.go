//go:build arm64 || ppc64le || riscv64 || s390x || loong64 || amd64.v3

package simd

// FMA32 returns x*y + z, rounded once: the fused multiply-add of IEEE 754. On
// these architectures the compiler fuses the expression into one instruction,
// unless x and y are both constants, which no caller may pass.
func FMA32(x, y, z float32) float32 { return x*y + z }

// fmaRow is the loop of axpyGo and of the product.
func fmaRow(dst []float32, s float32, x []float32) {
	x = x[:len(dst)]
	for i, d := range dst {
		dst[i] = FMA32(s, x[i], d)
	}
}
