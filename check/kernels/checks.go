package kernels

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"anomem/check"
	"anomem/simd"
)

// Checks returns the checks of the scalar arithmetic, family "kernels/purego", and the
// checks of the kernels of each other level that this CPU can run, family
// "kernels/LEVEL". The name of a kernel's check is the name of its field in simd's
// table of kernels.
func Checks() []check.Check {
	checks := scalarChecks()
	for _, l := range simd.Levels() {
		if l.Name == "purego" || len(l.Missing) > 0 {
			continue
		}
		for _, k := range kernels() {
			checks = append(checks, check.Check{
				Family: "kernels/" + l.Name,
				Name:   k.name,
				Run:    func() error { return k.against(l.Name) },
			})
		}
	}
	return checks
}

// Skipped returns what Checks cannot check on this machine: each level whose
// instructions the CPU lacks, or that is not in this binary, as a family without a
// name, and guard pages where the system has none.
func Skipped() []check.Skip {
	var skipped []check.Skip
	for _, name := range []string{"avx512", "avx2", "neon"} {
		reason := fmt.Sprintf("not in a %s/%s build", runtime.GOOS, runtime.GOARCH)
		for _, l := range simd.Levels() {
			if l.Name == name {
				reason = ""
				if len(l.Missing) > 0 {
					reason = "this CPU lacks " + strings.Join(l.Missing, ", ")
				}
			}
		}
		switch {
		case reason != "":
			skipped = append(skipped, check.Skip{Family: "kernels/" + name, Reason: reason})
		case noGuardPages != "":
			skipped = append(skipped, check.Skip{Family: "kernels/" + name, Name: "guard pages", Reason: noGuardPages})
		}
	}
	return skipped
}

// kernel is the check of one kernel.
type kernel struct {
	name string
	// trials calls try with each call to compare, until one fails.
	trials func(try func(trial) error) error
}

// trial is one call of a public function.
type trial struct {
	what    string      // for the error, e.g. "17 elements of special values"
	floats  [][]float32 // operands that are read or written
	doubles [][]float64 // totals of sums down columns
	share   []int       // share[i] = j < i: operand i is operand j; nil: none is
	call    func(floats [][]float32, doubles [][]float64) float32
}

// against runs every trial at a level, in every placement, and compares.
func (k kernel) against(level string) (err error) {
	before := simd.Level()
	defer simd.Use(before)
	// An access outside an operand hits a guard page. Make it an error, which a pool
	// passes on to its workers.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	memory, err := newMemory()
	if err != nil {
		return fmt.Errorf("no memory between guard pages: %w", err)
	}
	defer memory.free()
	return k.trials(func(t trial) error {
		want, err := t.run("purego", nil, placement{})
		if err != nil {
			return err
		}
		for _, p := range placements {
			got, err := t.run(level, memory, p)
			if err != nil {
				return fmt.Errorf("%s, %v: %w", t.what, p, err)
			}
			if err := want.differs(got); err != nil {
				return fmt.Errorf("%s, %v: %w", t.what, p, err)
			}
		}
		return nil
	})
}

// outcome is the result of a call, and its operands afterwards.
type outcome struct {
	result  float32
	floats  [][]float32
	doubles [][]float64
}

// run makes the call at a level with operands placed in memory, or in fresh slices
// if memory is nil.
func (t trial) run(level string, memory *memory, p placement) (o outcome, err error) {
	if err := simd.Use(level); err != nil {
		return o, err
	}
	var checkGuards []func() error
	for i, data := range t.floats {
		if t.share != nil && t.share[i] < i {
			o.floats = append(o.floats, o.floats[t.share[i]])
			continue
		}
		placed, guards := place(memory, i, data, p)
		o.floats = append(o.floats, placed)
		checkGuards = append(checkGuards, guards)
	}
	for i, data := range t.doubles {
		placed, guards := place(memory, len(t.floats)+i, data, p)
		o.doubles = append(o.doubles, placed)
		checkGuards = append(checkGuards, guards)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	o.result = t.call(o.floats, o.doubles)
	for _, guards := range checkGuards {
		if err := guards(); err != nil {
			return o, err
		}
	}
	// The memory is used again.
	for i, x := range o.floats {
		o.floats[i] = append([]float32(nil), x...)
	}
	for i, x := range o.doubles {
		o.doubles[i] = append([]float64(nil), x...)
	}
	return o, nil
}

// differs describes the first value of got that is not the same bits as in want,
// or both NaN.
func (want outcome) differs(got outcome) error {
	if !same32(want.result, got.result) {
		return fmt.Errorf("result %v, specification %v", show32(got.result), show32(want.result))
	}
	for i, x := range want.floats {
		for j, v := range x {
			if !same32(v, got.floats[i][j]) {
				return fmt.Errorf("operand %d, element %d: %v, specification %v", i, j, show32(got.floats[i][j]), show32(v))
			}
		}
	}
	for i, x := range want.doubles {
		for j, v := range x {
			if !same64(v, got.doubles[i][j]) {
				return fmt.Errorf("total %d, column %d: %v, specification %v", i, j, got.doubles[i][j], v)
			}
		}
	}
	return nil
}
