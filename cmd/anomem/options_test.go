package main

import (
	"bytes"
	"flag"
	"math"
	"strings"
	"testing"
)

// withOptions returns the commands that run by themselves: subcommands in place of those that
// have them.
func withOptions(all []*command) (own []*command) {
	for _, cmd := range all {
		if cmd.sub != nil {
			own = append(own, withOptions(cmd.sub)...)
		} else {
			own = append(own, cmd)
		}
	}
	return own
}

// TestHelpListsOptions wants each option of a command listed once by its help, and an earlier
// name not at all.
func TestHelpListsOptions(t *testing.T) {
	for _, cmd := range withOptions(commands()) {
		var help, stderr bytes.Buffer
		e := newEnv(cmd, &output{w: &help}, &stderr)
		if err := cmd.run(e, []string{"--help"}); err != nil {
			t.Fatalf("%s: %v", cmd.name, err)
		}
		old := map[string]bool{}
		for _, g := range e.groups {
			for _, d := range g.options {
				old[d.old] = true
			}
		}
		n := 0
		e.flags.VisitAll(func(f *flag.Flag) {
			n++
			want := 1
			if old[f.Name] {
				want = 0
			}
			if got := strings.Count(help.String(), "\n  "+dashed(f.Name)+" "); got != want {
				t.Errorf("%s: %s is listed %d times, want %d", cmd.name, dashed(f.Name), got, want)
			}
		})
		if n == 0 {
			t.Errorf("%s has no option", cmd.name)
		}
	}
}

func TestRules(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		rule     rule[float64]
		yes, no  []float64
		wantText string
	}{
		{share, []float64{0, 0.99}, []float64{1, -0.1, nan}, "from 0 to below 1"},
		{fromTo(1.0, 2), []float64{1, 2}, []float64{0.9, 2.1, nan}, "from 1 to 2"},
		{notNegative[float64](), []float64{0, 9}, []float64{-1, nan}, "0 or more"},
		{above(0.0), []float64{0.1}, []float64{0, -1, nan}, "above 0"},
		{between(0.0, 1), []float64{0.5}, []float64{0, 1, nan}, "between 0 and 1"},
	} {
		if tt.rule.want != tt.wantText {
			t.Errorf("%q, want %q", tt.rule.want, tt.wantText)
		}
		for _, v := range tt.yes {
			if !tt.rule.ok(v) {
				t.Errorf("%s: %v is refused", tt.rule.want, v)
			}
		}
		for _, v := range tt.no {
			if tt.rule.ok(v) {
				t.Errorf("%s: %v is taken", tt.rule.want, v)
			}
		}
	}
	words := oneOf("", "a", "b")
	if words.want != "one of a, b" || !words.ok("") || !words.ok("b") || words.ok("c") {
		t.Errorf("%+v", words)
	}
}
