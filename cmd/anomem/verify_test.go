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
}
