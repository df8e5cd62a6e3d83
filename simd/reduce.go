package simd

import "math"

// Reductions in float32 keep 16 lanes: element i goes to lane i%16, in order, and the
// lanes are then combined as l with l+8, l with l+4, l with l+2, l with l+1. Lanes
// beyond the end of the last block do not change. 16 lanes are two registers of AVX2,
// four of NEON and one of AVX-512. One call reduces the whole slice and cannot be
// preempted: about 0.2 ms for a million elements from memory.
const lanes = 16

// Sum returns the sum of x, and +0 for no elements. The lanes start from +0.
func Sum[T Float](x []T) T {
	if is32[T]() {
		return T(active.sum(as32(x)))
	}
	var s T
	for _, v := range x {
		s += v
	}
	return s
}

func sumGo(x []float32) float32 {
	var lane [lanes]float32
	for i, v := range x {
		lane[i%lanes] += v
	}
	return addLanes(&lane)
}

// SumSq returns the sum of x[i]², each added to its lane by fma.
func SumSq[T Float](x []T) T {
	if is32[T]() {
		return T(active.sumSq(as32(x)))
	}
	var s T
	for _, v := range x {
		s += T(v * v)
	}
	return s
}

func sumSqGo(x []float32) float32 {
	var lane [lanes]float32
	for i, v := range x {
		lane[i%lanes] = FMA32(v, v, lane[i%lanes])
	}
	return addLanes(&lane)
}

// Dot returns the sum of x[i]·y[i], each added to its lane by fma. It panics if
// the lengths differ.
func Dot[T Float](x, y []T) T {
	sameLen2("Dot", x, y)
	if is32[T]() {
		return T(active.dot(as32(x), as32(y)))
	}
	var s T
	for i, v := range x {
		s += T(v * y[i])
	}
	return s
}

func dotGo(x, y []float32) float32 {
	var lane [lanes]float32
	for i, v := range x {
		lane[i%lanes] = FMA32(v, y[i], lane[i%lanes])
	}
	return addLanes(&lane)
}

// Max returns the largest element of x, and -Inf for no elements. A NaN is never larger
// and is passed over. The lanes start from -Inf. Of two zeros the earlier one stays in
// its lane, and the one of the later lane wins when lanes are combined.
func Max[T Float](x []T) T {
	if is32[T]() {
		return T(active.max(as32(x)))
	}
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func maxGo(x []float32) float32 {
	var lane [lanes]float32
	for l := range lane {
		lane[l] = float32(math.Inf(-1))
	}
	for i, v := range x {
		if v > lane[i%lanes] {
			lane[i%lanes] = v
		}
	}
	for step := lanes / 2; step > 0; step /= 2 {
		for l := range step {
			if !(lane[l] > lane[l+step]) {
				lane[l] = lane[l+step]
			}
		}
	}
	return lane[0]
}

// ExpShiftSum sets dst[i] = e^(x[i]-shift) and returns the sum of dst. With the largest
// x[i] as shift, dst is the softmax times that sum. In float32 the power is Exp32. It
// panics if the lengths differ; dst may be exactly x.
func ExpShiftSum[T Float](dst, x []T, shift T) T {
	sameLen2("ExpShiftSum", dst, x)
	if is32[T]() {
		return T(active.expShiftSum(as32(dst), as32(x), float32(shift)))
	}
	var s T
	for i, v := range x {
		e := T(math.Exp(float64(v - shift)))
		dst[i] = e
		s += e
	}
	return s
}

func expShiftSumGo(dst, x []float32, shift float32) float32 {
	var lane [lanes]float32
	for i, v := range x {
		e := Exp32(v - shift)
		dst[i] = e
		lane[i%lanes] += e
	}
	return addLanes(&lane)
}

// ExpSum returns the sum of e^(x[i]-shift): ExpShiftSum without storing the powers.
func ExpSum[T Float](x []T, shift T) T {
	if is32[T]() {
		return T(active.expSum(as32(x), float32(shift)))
	}
	var s T
	for _, v := range x {
		s += T(math.Exp(float64(v - shift)))
	}
	return s
}

func expSumGo(x []float32, shift float32) float32 {
	var lane [lanes]float32
	for i, v := range x {
		lane[i%lanes] += Exp32(v - shift)
	}
	return addLanes(&lane)
}

// addLanes combines the lanes of a sum.
func addLanes(lane *[lanes]float32) float32 {
	for step := lanes / 2; step > 0; step /= 2 {
		for l := range step {
			lane[l] += lane[l+step]
		}
	}
	return lane[0]
}
