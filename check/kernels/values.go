package kernels

import (
	"math"
	"math/rand/v2"
)

func inf32(sign int) float32 { return float32(math.Inf(sign)) }

var nan32 = float32(math.NaN())

// specials are the values at which floating-point rules change.
var specials = []float32{
	0, negZero(), 1, -1, 0.5, -1.5, 3, 1 + 0x1p-23, 0x1.fffffep-1,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, // subnormal
	0x1.8p-140, 0x1.fffffcp-127, 0x1p-126, -0x1p-126, // around the smallest normal
	math.MaxFloat32, -math.MaxFloat32, 0x1p64, 88.7, -104.5,
	inf32(1), inf32(-1), nan32,
}

func negZero() float32 { return math.Float32frombits(1 << 31) }

// source makes values. The same seed makes the same values everywhere.
type source struct{ *rand.Rand }

func newSource(seed uint64) source { return source{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))} }

// ordinary returns values of both signs within a few powers of two of 1.
func (r source) ordinary(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Ldexp(2*r.Float64()-1, r.IntN(7)-3))
	}
	return x
}

// anything returns floats of random bits.
func (r source) anything(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(r.Uint32())
	}
	return x
}

// special returns ordinary values, one in eight replaced by one of specials.
func (r source) special(n int) []float32 {
	x := r.ordinary(n)
	for i := range x {
		if r.IntN(8) == 0 {
			x[i] = specials[r.IntN(len(specials))]
		}
	}
	return x
}

// specialsFrom repeats the specials, from one of them on.
func specialsFrom(from, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = specials[(from+i)%len(specials)]
	}
	return x
}

// zeros returns zeros of either sign, which show rules that order them.
func (r source) zeros(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		if r.IntN(2) == 0 {
			x[i] = negZero()
		}
	}
	return x
}

// zerosAbove returns negative values and zeros of either sign, 16 or 8 apart. The zeros
// meet in one lane of a maximum, or in two that are combined, and decide it.
func (r source) zerosAbove(n int) []float32 {
	x := r.zeros(n)
	apart := 16 >> r.IntN(2)
	place := r.IntN(apart)
	for i := range x {
		if i%apart != place {
			x[i] = -1
		}
	}
	return x
}

// tiny returns values of one sign whose products underflow, to -0 if two signs differ.
func (r source) tiny(n int) []float32 {
	x := r.ordinary(n)
	tiny := float32(math.Copysign(1e-30, r.Float64()-0.5))
	for i, v := range x {
		x[i] = tiny * float32(math.Abs(float64(v)))
	}
	return x
}

// oneOdd returns ordinary values with one special value among them.
func (r source) oneOdd(n int) []float32 {
	x := r.ordinary(n)
	if n > 0 {
		x[r.IntN(n)] = specials[r.IntN(len(specials))]
	}
	return x
}

// cross returns every combination of operands from specials.
func cross(count int) [][]float32 {
	n := 1
	for range count {
		n *= len(specials)
	}
	x := make([][]float32, count)
	period := 1
	for j := range x {
		x[j] = make([]float32, n)
		for i := range n {
			x[j][i] = specials[i/period%len(specials)]
		}
		period *= len(specials)
	}
	return x
}

// sweep returns n values spread evenly over all bits.
func sweep(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(uint32(uint64(i) << 32 / uint64(n)))
	}
	return x
}

// fused returns factors and addends for which a multiply-add that rounds twice is wrong.
func (r source) fused(n int) (x, y, z []float32) {
	x, y, z = r.anything(n), r.anything(n), r.anything(n)
	sign := func() float64 { return float64(1 - 2*r.IntN(2)) }
	odd := func(bits int) float64 { return float64(1<<(bits-1) | r.IntN(1<<(bits-1)) | 1) }
	for i := range x {
		set := func(a, b, c float64) { x[i], y[i], z[i] = float32(a), float32(b), float32(c) }
		switch i % 8 {
		case 0: // any bits
		case 1: // a product of 25 bits, which is half-way or nearly, and little besides
			set(sign()*odd(13), odd(13), sign()*math.Ldexp(1, -r.IntN(100)))
		case 2: // a sum half-way between two subnormals, but for what 53 bits lose
			a := math.Ldexp(1, -1-r.IntN(23))
			b := math.Ldexp(1, -1-r.IntN(23))
			set(sign()*math.Ldexp(1+a, -75), math.Ldexp(1-b, -75), sign()*float64(r.IntN(1<<23))*0x1p-149)
		case 3: // around overflow
			a := math.Ldexp(1, -1-r.IntN(23))
			set(sign()*math.Ldexp(1+a, 64), math.Ldexp(1-a/2, 63), sign()*math.MaxFloat32*r.Float64())
		case 4: // cancellation
			p := float32(r.NormFloat64())
			q := float32(r.NormFloat64())
			x[i], y[i], z[i] = p, q, -p*q
		case 5: // a product far below the addend
			set(r.NormFloat64(), math.Ldexp(sign(), -24-r.IntN(30)), odd(24))
		case 6: // a product that is subnormal
			set(math.Ldexp(r.NormFloat64(), -70), math.Ldexp(r.NormFloat64(), -60-r.IntN(25)), 0)
		case 7: // specials
			x[i], y[i], z[i] = specials[r.IntN(len(specials))], specials[r.IntN(len(specials))], specials[r.IntN(len(specials))]
		}
	}
	return x, y, z
}
