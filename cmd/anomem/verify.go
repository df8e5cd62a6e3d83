package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"time"

	"anomem/check"
	"anomem/check/equations"
	"anomem/check/gradients"
	"anomem/check/kernels"
	"anomem/simd"
)

func verifyCommand() *command {
	return &command{
		name:    "verify",
		summary: "check the arithmetic of this machine against its specification",
		args:    "[flags]",
		text: `
Verify runs, on the machine at hand:

  kernels/LEVEL         every kernel of every SIMD level that this CPU has, against
                        its specification in Go, bit for bit
  gradients/operations  the derivative of every operation, in float64, against
                        central differences
  gradients/equations   the same for every function that is an equation
  equations/PRECISION   every equation and its gradients, in float64 and float32,
                        against stored numbers of an independent implementation

It prints a line for each family and each failure, and exits with 1 if a check fails
or a family has no check. Then it lists and counts what cannot be checked here, with
the reason: levels that the CPU lacks, guard pages where the system has none, equations
that mean nothing in float32.`,
		examples: `anomem verify
anomem verify --only kernels/avx2       # one family
anomem verify --only 'gradients/.*/.*Norm'
anomem verify --list                    # names only, nothing is run
anomem verify --json | jq 'select(.ok == false)'`,
		run: runVerify,
	}
}

// checks returns everything that verify checks. Tests put faulty ones in.
var checks = func() []check.Check {
	return slices.Concat(kernels.Checks(), gradients.Checks(), equations.Checks())
}

// skips returns what checks leaves out on this machine, and why.
var skips = func() []check.Skip {
	return slices.Concat(kernels.Skipped(), equations.Skipped())
}

// familyCount sums up one family of checks.
type familyCount struct {
	Family  string  `json:"family"`
	Passed  int     `json:"passed"`
	Failed  int     `json:"failed"`
	Seconds float64 `json:"seconds"` // of all its checks, one after the other
}

// skip is what cannot be checked here: a family, or one check that it would have.
type skip struct {
	Family string `json:"family"`
	Name   string `json:"name,omitempty"`
	Reason string `json:"reason"`
}

// verifySummary is the last line of verify --json.
type verifySummary struct {
	Summary  bool           `json:"summary"` // true: tells the line from an outcome
	OK       bool           `json:"ok"`
	Passed   int            `json:"passed"`
	Failed   int            `json:"failed"`
	Families []*familyCount `json:"families"`
	Missing  []string       `json:"missing"` // families without a check
	Skipped  []skip         `json:"skipped"`
	Seconds  float64        `json:"seconds"`
}

func runVerify(e *env, args []string) error {
	var asJSON, list bool
	var only string
	g := e.group("Flags")
	option(g, &only, "only", "", "run the checks whose FAMILY/NAME matches `REGEXP`")
	option(g, &list, "list", false, "print FAMILY/NAME of each check and run none")
	g.json(&asJSON, "one JSON object a check, then one of totals")
	if done, err := e.parse(args); done {
		return err
	}
	pattern, err := regexp.Compile(only)
	if err != nil {
		return usagef("--only: %v", err)
	}
	var selected []check.Check
	for _, c := range checks() {
		if pattern.MatchString(c.Family + "/" + c.Name) {
			selected = append(selected, c)
		}
	}
	if len(selected) == 0 && only != "" {
		return usagef("--only: no check matches %q", only)
	}
	if list {
		return listChecks(e, selected, asJSON)
	}
	e.headline(e.headlineWriter(asJSON), runtime.GOMAXPROCS(0))

	start := time.Now()
	report := newVerifyReport(e.stdout, asJSON)
	check.Run(selected, report.add)
	var required []string
	if only == "" {
		required = requiredFamilies()
	}
	skipped := []skip{}
	for _, s := range skips() {
		// A whole family has no check that the pattern could have picked.
		if s.Name == "" || pattern.MatchString(s.Family+"/"+s.Name) {
			skipped = append(skipped, skip(s))
		}
	}
	sum := report.finish(required, skipped, time.Since(start))
	if !sum.OK {
		return fmt.Errorf("%d of %s failed, %s empty", sum.Failed,
			plural(sum.Passed+sum.Failed, "check", "checks"), plural(len(sum.Missing), "family", "families"))
	}
	return nil
}

func listChecks(e *env, selected []check.Check, asJSON bool) error {
	enc := json.NewEncoder(e.stdout)
	for _, c := range selected {
		if asJSON {
			if err := enc.Encode(struct {
				Family string `json:"family"`
				Name   string `json:"name"`
			}{c.Family, c.Name}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s/%s\n", c.Family, c.Name)
	}
	return nil
}

// requiredFamilies returns the families that must have a check on this machine: if one lost
// all its checks, verify would pass otherwise.
func requiredFamilies() []string {
	var required []string
	for _, l := range simd.Levels() {
		if len(l.Missing) == 0 {
			required = append(required, "kernels/"+l.Name)
		}
	}
	return append(required, "gradients/operations", "gradients/equations", "equations/float64", "equations/float32")
}
