package kernels

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"anomem/check"
	"anomem/simd"
)

// scalarChecks returns the checks of the specification's own arithmetic against exact
// and float64 arithmetic.
func scalarChecks() []check.Check {
	const family = "kernels/purego"
	return []check.Check{
		{Family: family, Name: "FMA32", Run: func() error { return CheckFMA32(1, 40_000) }},
		{Family: family, Name: "Exp32", Run: func() error { return CheckExp32(4001) }},
		{Family: family, Name: "Log32", Run: func() error { return CheckLog32(4001) }},
	}
}

// CheckFMA32 compares n cases of simd.FMA32 with exact arithmetic.
func CheckFMA32(seed uint64, n int) error {
	x, y, z := newSource(seed).fused(n)
	for i := range x {
		if got, want := simd.FMA32(x[i], y[i], z[i]), ExactFMA32(x[i], y[i], z[i]); !same32(got, want) {
			return fmt.Errorf("FMA32(%v, %v, %v) is %v, exactly %v", show32(x[i]), show32(y[i]), show32(z[i]), show32(got), show32(want))
		}
	}
	return nil
}

// ExactFMA32 returns x*y + z rounded once, by arithmetic of arbitrary precision.
func ExactFMA32(x, y, z float32) float32 {
	// Infinities, NaN and the sign of an exact zero are as in float64, where the
	// product is exact and the sum cannot overflow.
	s := float64(x)*float64(y) + float64(z)
	if s == 0 || s != s || math.IsInf(s, 0) {
		return float32(s)
	}
	// 2^-298 is the last bit of a product, 2^256 above the largest.
	exact := func(v float32) *big.Float { return new(big.Float).SetPrec(600).SetFloat64(float64(v)) }
	p := new(big.Float).SetPrec(600).Mul(exact(x), exact(y))
	v, _ := p.Add(p, exact(z)).Float32()
	return v
}

// CheckExp32 compares simd.Exp32 with math.Exp at every step-th float32.
func CheckExp32(step int) error { return within(exp32, step) }

// CheckLog32 compares simd.Log32 with math.Log at every step-th float32.
func CheckLog32(step int) error { return within(log32, step) }

// CheckExpLogAt compares both at x.
func CheckExpLogAt(x float32) error {
	return errors.Join(exp32.at(x), log32.at(x))
}

// maxULP is the documented error of Exp32 and Log32; over all of float32 it is 0.90 and
// 0.87.
const maxULP = 1

// function is a function of package simd and the exact one that it approximates.
type function struct {
	name  string
	f     func(float32) float32
	exact func(float64) float64
}

var (
	exp32 = function{"Exp32", simd.Exp32, math.Exp}
	log32 = function{"Log32", simd.Log32, math.Log}
)

// at returns an error if f(x) is not within maxULP of the exact value.
func (f function) at(x float32) error {
	got, want := f.f(x), f.exact(float64(x))
	if e := ulps(got, want); !(e < maxULP) {
		return fmt.Errorf("%s(%v) is %v, exactly %v: %.3g ulp away", f.name, show32(x), show32(got), want, e)
	}
	return nil
}

// within checks the error of f at the special values and at every step-th float32.
func within(f function, step int) error {
	for _, x := range specials {
		if err := f.at(x); err != nil {
			return err
		}
	}
	for b := uint64(0); b < 1<<32; b += uint64(step) {
		if err := f.at(math.Float32frombits(uint32(b))); err != nil {
			return err
		}
	}
	return nil
}

// ulps returns the distance from got to want in units in the last place of want as a
// float32. If want is NaN or rounds to an infinity, got must be the same.
func ulps(got float32, want float64) float64 {
	rounded := float32(want)
	if want != want || math.IsInf(float64(rounded), 0) || want == 0 {
		if same32(got, rounded) {
			return 0
		}
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e, -125)-24)
}
