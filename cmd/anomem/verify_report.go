package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"anomem/check"
)

// verifyReport prints outcomes as they come, and the totals at the end.
type verifyReport struct {
	w        io.Writer
	json     *json.Encoder // nil: text
	families []*familyCount
}

func newVerifyReport(w io.Writer, asJSON bool) *verifyReport {
	r := &verifyReport{w: w, families: []*familyCount{}}
	if asJSON {
		r.json = json.NewEncoder(w)
	}
	return r
}

// add counts one outcome. In text only failures are worth a line.
func (r *verifyReport) add(o check.Outcome) {
	f := r.family(o.Family)
	f.Seconds += o.Seconds
	if o.OK {
		f.Passed++
	} else {
		f.Failed++
	}
	switch {
	case r.json != nil:
		r.json.Encode(o) // the writer keeps the error
	case !o.OK:
		fmt.Fprintf(r.w, "FAIL %s/%s: %s\n", o.Family, o.Name,
			strings.ReplaceAll(strings.TrimSpace(o.Error), "\n", "\n    "))
	}
}

// family returns the count of the family, a new one at its first check, so that
// families keep the order in which they were checked.
func (r *verifyReport) family(name string) *familyCount {
	for _, f := range r.families {
		if f.Family == name {
			return f
		}
	}
	f := &familyCount{Family: name}
	r.families = append(r.families, f)
	return f
}

// finish prints the totals. A required family of which no check has run fails.
func (r *verifyReport) finish(required []string, skipped []skip, took time.Duration) verifySummary {
	sum := verifySummary{
		Summary:  true,
		Families: r.families,
		Missing:  r.missing(required),
		Skipped:  skipped,
		Seconds:  took.Round(time.Millisecond).Seconds(),
	}
	for _, f := range r.families {
		sum.Passed += f.Passed
		sum.Failed += f.Failed
		f.Seconds = math.Round(f.Seconds*1e6) / 1e6 // a sum of microseconds
	}
	sum.OK = sum.Failed == 0 && sum.Passed > 0 && len(sum.Missing) == 0
	if r.json != nil {
		r.json.Encode(sum)
		return sum
	}
	r.printTotals(sum)
	return sum
}

// missing returns those required families that have no check.
func (r *verifyReport) missing(required []string) []string {
	missing := []string{}
	for _, name := range required {
		if !slices.ContainsFunc(r.families, func(f *familyCount) bool { return f.Family == name }) {
			missing = append(missing, name)
		}
	}
	return missing
}

func (r *verifyReport) printTotals(sum verifySummary) {
	width := len("family")
	for _, f := range sum.Families {
		width = max(width, len(f.Family))
	}
	fmt.Fprintf(r.w, "%-*s  %7s  %7s  %8s\n", width, "family", "passed", "failed", "seconds")
	for _, f := range sum.Families {
		fmt.Fprintf(r.w, "%-*s  %7d  %7d  %8.2f\n", width, f.Family, f.Passed, f.Failed, f.Seconds)
	}
	for _, name := range sum.Missing {
		fmt.Fprintf(r.w, "FAIL %s: the family has no check\n", name)
	}
	for _, s := range sum.Skipped {
		what := s.Family
		if s.Name != "" {
			what += "/" + s.Name
		}
		fmt.Fprintf(r.w, "skipped %s: %s\n", what, s.Reason)
	}
	verdict := "ok"
	if !sum.OK {
		verdict = "FAIL"
	}
	fmt.Fprintf(r.w, "%s: %d passed, %d failed, %d empty, %d skipped, %.1f s\n",
		verdict, sum.Passed, sum.Failed, len(sum.Missing), len(sum.Skipped), sum.Seconds)
}
