package equations

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/check"
)

// Checks returns the checks of three families: each stored case in float64
// ("equations/float64") and, unless float32 cannot resolve it, in float32
// ("equations/float32"); and the derivative of each equation's function
// ("gradients/equations"). If the cases cannot be read, a check fails.
func Checks() []check.Check {
	checks := gradientChecks()
	all, err := fixtures()
	if err != nil {
		return append(checks, check.Check{Family: "equations/float64", Name: "stored cases", Run: func() error { return err }})
	}
	comparisons := comparisonsOf(all)
	for _, c := range comparisons {
		checks = append(checks, check.Check{Family: "equations/float64", Name: c.name(), Run: func() error {
			_, err := compare[float64](c)
			return err
		}})
	}
	for _, c := range comparisons {
		if c.Float64Only == "" {
			checks = append(checks, check.Check{Family: "equations/float32", Name: c.name(), Run: func() error {
				_, err := compare[float32](c)
				return err
			}})
		}
	}
	return checks
}

// comparison is a stored case and the function that it checks.
type comparison struct {
	*fixture
	grad bool // loss.GradMultiScale in place of loss.MultiScale
}

func (c comparison) name() string {
	if c.grad {
		return c.Name + "/GradMultiScale"
	}
	return c.Name
}

// comparisonsOf returns each case and, after each case of eq. 7, the same for
// loss.GradMultiScale.
func comparisonsOf(all []fixture) []comparison {
	var list []comparison
	for i := range all {
		list = append(list, comparison{fixture: &all[i]})
		if all[i].Func == "multiscale" {
			list = append(list, comparison{&all[i], true})
		}
	}
	return list
}

// Skipped returns the cases that are checked in float64 alone, under the family that
// lacks them, each with its stored reason. It is empty if the cases cannot be read, which
// Checks reports.
func Skipped() []check.Skip {
	all, _ := fixtures()
	var skipped []check.Skip
	for _, c := range comparisonsOf(all) {
		if c.Float64Only != "" {
			skipped = append(skipped, check.Skip{Family: "equations/float32", Name: c.name(), Reason: c.Float64Only})
		}
	}
	return skipped
}

const (
	unit32 = 0x1p-24 // largest relative error of one float32 rounding
	eps32  = 0x1p-23
)

// tolerance returns the largest tolerated error, relative to the tensor's largest
// magnitude.
//
// In float32 it is 1e-5 down to τ = 0.1. Below, it grows as 1/τ: a similarity is a chain
// of roundings (two normalisations, the product, the difference to the partner's: 8
// units) over τ, an error of the exponent is a relative error of its exponential, and a
// gradient holds two of these: 16 units over τ, which is 1e-5 at τ = 0.1.
func tolerance[T autograd.Float](f *fixture) float64 {
	if !is32[T]() {
		return 1e-10
	}
	if tau := f.Config.Tau; tau > 0 && tau < 0.1 {
		return 16 * unit32 / tau
	}
	return 1e-5
}

// compare returns the largest error of the output and the gradients of a case, as a
// share of the tolerance, and an error for the first tensor that exceeds it.
//
// The error of a tensor is that of its worst element over its largest magnitude. Where
// the stored tensor is exactly 0 (in float32: rounds to 0), the computed one holds the
// rounding of terms of order one that cancel, and the error counts without the division.
// A scalar loss with a temperature may in float32 err by 8ε/τ, absolute: its exponents
// reach 1/τ.
func compare[T autograd.Float](c comparison) (worst float64, err error) {
	f := c.fixture
	inputs := map[string]*autograd.Tensor[T]{}
	for name, a := range f.Inputs {
		t := autograd.New[T](a.Shape...).RequireGrad()
		for i, v := range a.Data {
			t.Data()[i] = T(v)
		}
		inputs[name] = t
	}
	out, err := differentiate(c, inputs)
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
	for _, name := range slices.Sorted(maps.Keys(f.Grads)) {
		got := inputs[name].Grad()
		if got == nil {
			got = make([]T, inputs[name].Len())
		}
		judge("gradient of "+name, got, f.Grads[name].Data)
	}
	return worst, err
}

// differentiate returns the output of a case and leaves the gradients at its inputs. An
// output that is no scalar is first multiplied by what generate.py multiplies it by.
func differentiate[T autograd.Float](c comparison, inputs map[string]*autograd.Tensor[T]) (*autograd.Tensor[T], error) {
	g := autograd.NewGraph[T](nil)
	p, err := newProblem(g, &c.Config, inputs)
	if err != nil {
		return nil, err
	}
	if c.grad {
		return p.gradMultiScale(), nil
	}
	out, err := p.evaluate(c.Func)
	if err != nil {
		return nil, err
	}
	seed := make([]T, out.Len())
	for i := range seed {
		seed[i] = T(2*(7*i%16)-15) / 16
	}
	if out.Rank() == 0 {
		seed[0] = 1
	}
	g.BackwardFrom(out, seed)
	return out, nil
}

// judge returns the error of one tensor as a share of the tolerance, and an error above it.
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
