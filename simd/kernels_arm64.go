//go:build arm64 && !purego

package simd

var neon = kernels{
	name: "neon",

	add:          addNEON,
	sub:          subNEON,
	mul:          mulNEON,
	div:          divNEON,
	larger:       largerNEON,
	addScalar:    addScalarNEON,
	scale:        scaleNEON,
	maxScalar:    maxScalarNEON,
	minScalar:    minScalarNEON,
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

	gemm: neonGemm,

	winograd2: neonWinograd2,
	winograd4: neonWinograd4,
}
