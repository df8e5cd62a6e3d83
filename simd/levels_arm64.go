//go:build arm64 && !purego

package simd

import "github.com/klauspost/cpuid/v2"

var archLevels = []level{{&neon, missingNEON}}

// missingNEON trusts that Advanced SIMD is there, as Go's own runtime does, unless
// the system lists the CPU's features without it: not every system lists them.
func missingNEON() []string {
	if cpuid.CPU.Supports(cpuid.FP) && !cpuid.CPU.Supports(cpuid.ASIMD) {
		return []string{cpuid.ASIMD.String()}
	}
	return nil
}

// neon is what every arm64 CPU can run.
var neon = kernels{
	name: "neon",

	add:          addNEON,
	sub:          subNEON,
	mul:          mulNEON,
	div:          divNEON,
	addScalar:    addScalarNEON,
	scale:        scaleNEON,
	maxScalar:    maxScalarNEON,
	minScalar:    minScalarNEON,
	larger:       largerNEON,
	axpy:         axpyNEON,
	mulAdd:       mulAddNEON,
	scaleShift:   scaleShiftNEON,
	sqrt:         sqrtNEON,
	abs:          absNEON,
	exp:          expNEON,
	log:          logNEON,
	relu:         reluNEON,
	reluBackward: reluBackwardNEON,
	keepPositive: keepPositiveNEON,

	sum:         sumNEON,
	sumSq:       sumSqNEON,
	max:         maxNEON,
	dot:         dotNEON,
	expShiftSum: expShiftSumNEON,
	expSum:      expSumNEON,

	columnSums:    columnSumsNEON,
	columnMoments: columnMomentsNEON,
	columnDots:    columnDotsNEON,

	normalize:        normalizeNEON,
	normalizeAdd:     normalizeAddNEON,
	normGrad:         normGradNEON,
	normGradSums:     normGradSumsNEON,
	normGradSumsReLU: normGradSumsReLUNEON,

	sgdNesterov: sgdNesterovNEON,

	transpose: transposeNEON,

	gemm: gemmKernel{
		mr: 6, nr: 16,
		run:       gemmNEON,
		transpose: transposeNEON,
		peak:      peakNEON, peakFlops: 24 * 4 * 2,
	},

	winograd2: winogradKernels{winogradInput2NEON, winogradFilter2NEON, winogradOutput2NEON, winogradGrad2NEON, winogradWeights2NEON},
	winograd4: winogradKernels{winogradInput4NEON, winogradFilter4NEON, winogradOutput4NEON, winogradGrad4NEON, winogradWeights4NEON},
}
