package main

import (
	"errors"
	"time"

	"anomem/check"
)

// plantedChecks are sets of checks that a test may put in place of the real ones.
var plantedChecks = map[string]func() []check.Check{
	// healthy has a passing check in every family that must have one.
	"healthy": func() []check.Check { return healthy("") },

	// faulty has one check of each way to fail, too.
	"faulty": func() []check.Check {
		return append(healthy(""),
			check.Check{Family: "gradients/operations", Name: "differs", Run: func() error { return errors.New("index 3: got 1, want 2") }},
			check.Check{Family: "gradients/equations", Name: "panics", Run: func() error { panic("boom") }},
			check.Check{Family: "kernels/avx2", Name: "faults", Run: readUnmapped},
		)
	},

	// These lack a family, as after a slip in a table.
	"nooperations":    func() []check.Check { return healthy("gradients/operations") },
	"noequations":     func() []check.Check { return healthy("gradients/equations") },
	"nofloat64":       func() []check.Check { return healthy("equations/float64") },
	"nofloat32":       func() []check.Check { return healthy("equations/float32") },
	"nospecification": func() []check.Check { return healthy("kernels/purego") },
	"nothing":         func() []check.Check { return nil },

	// slow takes longer than a test would wait.
	"slow": func() []check.Check {
		return []check.Check{{Family: "gradients/operations", Name: "sleeps", Run: func() error { time.Sleep(time.Minute); return nil }}}
	},
}

// healthy returns a passing check a required family, save those below except.
func healthy(except string) []check.Check {
	var all []check.Check
	for _, family := range requiredFamilies() {
		if family != except {
			all = append(all, check.Check{Family: family, Name: "passes", Run: func() error { return nil }})
		}
	}
	return all
}
