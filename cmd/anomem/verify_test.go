package main

import (
	"strings"
	"testing"
)

// TestChecks wants the real checks named so that a report can tell them apart and
// --only can select each.
func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range checks() {
		name := c.Family + "/" + c.Name
		if seen[name] {
			t.Errorf("two checks are named %s", name)
		}
		seen[name] = true
		if c.Family == "" || c.Name == "" || c.Run == nil || strings.ContainsAny(name, "\n") {
			t.Errorf("check %q is not complete", name)
		}
	}
	for _, s := range skips() {
		if s.Family == "" || s.Reason == "" || strings.ContainsAny(s.Name+s.Reason, "\n") {
			t.Errorf("skip %q is not complete", s)
		}
		if s.Name == "" { // the whole family
			for name := range seen {
				if strings.HasPrefix(name, s.Family+"/") {
					t.Errorf("%s is skipped, and has the check %s", s.Family, name)
				}
			}
		} else if name := s.Family + "/" + s.Name; seen[name] {
			t.Errorf("%s is checked or skipped twice", name)
		} else {
			seen[name] = true
		}
	}
}
