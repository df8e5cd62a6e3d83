//go:build amd64 && !purego

package simd

var avx2 = kernels{
	name: "avx2",

	add:          addAVX2,
	sub:          subAVX2,
	mul:          mulAVX2,
	div:          divAVX2,
	larger:       largerAVX2,
	addScalar:    addScalarAVX2,
	scale:        scaleAVX2,
	maxScalar:    maxScalarAVX2,
	minScalar:    minScalarAVX2,
	axpy:         axpyAVX2,
	mulAdd:       mulAddAVX2,
	scaleShift:   scaleShiftAVX2,
	sqrt:         sqrtAVX2,
	abs:          absAVX2,
	exp:          expAVX2,
	log:          logAVX2,
	relu:         reluAVX2,
	reluBackward: reluBackwardAVX2,
	keepPositive: keepPositiveAVX2,

	sum:         sumAVX2,
	sumSq:       sumSqAVX2,
	max:         maxAVX2,
	dot:         dotAVX2,
	expShiftSum: expShiftSumAVX2,
	expSum:      expSumAVX2,

	columnSums:    columnSumsAVX2,
	columnMoments: columnMomentsAVX2,
	columnDots:    columnDotsAVX2,

	normalize:        normalizeAVX2,
	normalizeAdd:     normalizeAddAVX2,
	normGrad:         normGradAVX2,
	normGradSums:     normGradSumsAVX2,
	normGradSumsReLU: normGradSumsReLUAVX2,

	sgdNesterov: sgdNesterovAVX2,

	transpose: transposeAVX2,

	gemm: avx2Gemm,

	winograd2: avx2Winograd2,
	winograd4: avx2Winograd4,
}

var avx512 = kernels{
	name: "avx512",

	add:          addAVX512,
	sub:          subAVX512,
	mul:          mulAVX512,
	div:          divAVX512,
	larger:       largerAVX512,
	addScalar:    addScalarAVX512,
	scale:        scaleAVX512,
	maxScalar:    maxScalarAVX512,
	minScalar:    minScalarAVX512,
	axpy:         axpyAVX512,
	mulAdd:       mulAddAVX512,
	scaleShift:   scaleShiftAVX512,
	sqrt:         sqrtAVX512,
	abs:          absAVX512,
	exp:          expAVX512,
	log:          logAVX512,
	relu:         reluAVX512,
	reluBackward: reluBackwardAVX512,
	keepPositive: keepPositiveAVX512,

	sum:         sumAVX512,
	sumSq:       sumSqAVX512,
	max:         maxAVX512,
	dot:         dotAVX512,
	expShiftSum: expShiftSumAVX512,
	expSum:      expSumAVX512,

	columnSums:    columnSumsAVX512,
	columnMoments: columnMomentsAVX512,
	columnDots:    columnDotsAVX512,

	normalize:        normalizeAVX512,
	normalizeAdd:     normalizeAddAVX512,
	normGrad:         normGradAVX512,
	normGradSums:     normGradSumsAVX512,
	normGradSumsReLU: normGradSumsReLUAVX512,

	sgdNesterov: sgdNesterovAVX512,

	transpose: transposeAVX512,

	gemm: avx512Gemm,

	winograd2: avx512Winograd2,
	winograd4: avx512Winograd4,
}
