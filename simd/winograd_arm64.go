//go:build arm64 && !purego

package simd

var (
	neonWinograd2 = winogradKernels{winogradInput2NEON, winogradFilter2NEON, winogradOutput2NEON, winogradGrad2NEON, winogradWeights2NEON}
	neonWinograd4 = winogradKernels{winogradInput4NEON, winogradFilter4NEON, winogradOutput4NEON, winogradGrad4NEON, winogradWeights4NEON}
)
