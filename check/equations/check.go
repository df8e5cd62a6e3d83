package equations

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/check"
)

// Checks returns a check for each stored case in float64 (family
// "equations/float64") and, where it means anything there, in float32
// ("equations/float32"), and for the derivative of each function that an equation
// is ("gradients/equations"). A failure to read the cases is a check that fails.
func Checks() []check.Check {
	checks := gradientChecks()
	all, err := fixtures()
	if err != nil {
		return append(checks, check.Check{Family: "equations/float64", Name: "stored cases", Run: func() error { return err }})
	}
	for i := range all {
		f := &all[i]
		checks = append(checks, check.Check{Family: "equations/float64", Name: f.Name, Run: func() error {
			_, err := compare[float64](f)
			return err
		}})
	}
	for i := range all {
		if f := &all[i]; f.Float64Only == "" {
			checks = append(checks, check.Check{Family: "equations/float32", Name: f.Name, Run: func() error {
				_, err := compare[float32](f)
				return err
			}})
		}
	}
	return checks
}

// Skipped returns the stored cases that are checked in float64 alone, under the
// family they are missing from, with the reason stored beside each. It is empty if
// the cases cannot be read: Checks reports that.
func Skipped() []check.Skip {
	all, _ := fixtures()
	var skipped []check.Skip
	for i := range all {
		if f := &all[i]; f.Float64Only != "" {
			skipped = append(skipped, check.Skip{Family: "equations/float32", Name: f.Name, Reason: f.Float64Only})
		}
	}
	return skipped
}

const (
	unit32 = 0x1p-24 // largest relative error of one float32 rounding
	eps32  = 0x1p-23
)

// tolerance is what an error over the tensor's largest magnitude may be.
//
// In float32 it is 1e-5 down to τ = 0.1. Below, it grows as 1/τ: a similarity is a
// chain of roundings (two normalisations, the product, the difference to the
// partner's: 8 units) over τ, an error of the exponent is a relative error of its
// exponential, and a gradient holds two of these: 16 units over τ, which is 1e-5
// at τ = 0.1.
func tolerance[T autograd.Float](f *fixture) float64 {
	if !is32[T]() {
		return 1e-10
	}
	if tau := f.Config.Tau; tau > 0 && tau < 0.1 {
		return 16 * unit32 / tau
	}
	return 1e-5
}

// compare returns the largest error of the output and the gradients of a case, as
// a share of what is tolerated, and an error for the first tensor that exceeds it.
//
// The error of a tensor is that of its worst element over its largest magnitude.
// A tensor that is exactly 0 (in float32: that rounds to 0) has no magnitude; what
// a computation leaves there is the rounding of terms of order one that cancel,
// and the error itself is compared with the tolerance. A scalar loss with a
// temperature may in float32 err by 8ε/τ, absolute: its exponents reach 1/τ.
func compare[T autograd.Float](f *fixture) (worst float64, err error) {
	g := autograd.NewGraph[T](nil)
	inputs := map[string]*autograd.Tensor[T]{}
	for name, a := range f.Inputs {
		t := autograd.New[T](a.Shape...).RequireGrad()
		for i, v := range a.Data {
			t.Data()[i] = T(v)
		}
		inputs[name] = t
	}
	out, err := evaluate(g, f, inputs)
	if err != nil {
		return 0, err
	}
	if want := autograd.MakeShape(f.Output.Shape...); out.Shape() != want {
		return 0, fmt.Errorf("output has shape %v, want %v", out.Shape(), want)
	}
	judge := func(name string, got []T, want []float64) {
		share, e := judge(f, name, got, want)
		worst = max(worst, share)
		if err == nil {
			err = e
		}
	}
	judge("output", out.Data(), f.Output.Data)
	seed := make([]T, out.Len())
	for i := range seed {
		seed[i] = T(2*(7*i%16)-15) / 16
	}
	if out.Rank() == 0 {
		seed[0] = 1
	}
	g.BackwardFrom(out, seed)
	for _, name := range slices.Sorted(maps.Keys(f.Grads)) {
		got := inputs[name].Grad()
		if got == nil {
			got = make([]T, inputs[name].Len())
		}
		judge("gradient of "+name, got, f.Grads[name].Data)
	}
	return worst, err
}

// judge returns the error of one tensor as a share of what is tolerated.
func judge[T autograd.Float](f *fixture, name string, got []T, want []float64) (float64, error) {
	var largest, worst float64
	at := 0
	for i, w := range want {
		largest = max(largest, math.Abs(float64(T(w))))
		e := math.Abs(float64(got[i]) - w)
		if e > worst || math.IsNaN(e) {
			worst, at = e, i
		}
		if math.IsNaN(e) {
			break
		}
	}
	allowed := tolerance[T](f)
	if largest > 0 {
		allowed *= largest
	}
	if tau := f.Config.Tau; is32[T]() && tau > 0 && name == "output" && len(want) == 1 {
		allowed = 8 * eps32 / tau
	}
	if worst <= allowed {
		return worst / allowed, nil
	}
	return math.Inf(1), fmt.Errorf("%s: element %d is %g, want %g: off by %.3g, tolerated is %.3g (largest element %.3g)",
		name, at, float64(got[at]), want[at], worst, allowed, largest)
}

func is32[T autograd.Float]() bool {
	var x T
	_, ok := any(x).(float32)
	return ok
}
