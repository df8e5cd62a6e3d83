package check

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var order []string
	note := func(name string, err error) func() error {
		return func() error { order = append(order, name); return err }
	}
	var got []Outcome
	Run([]Check{
		{"gradients/x", "panics", func() error { panic("boom") }},
		{"kernels/a", "first", note("first", nil)},
		{"kernels/b", "second", note("second", errors.New("differs"))},
	}, func(o Outcome) { got = append(got, o) })
	// Kernels run first, in order.
	if !slices.Equal(order, []string{"first", "second"}) || len(got) != 3 {
		t.Fatalf("ran %v, got %+v", order, got)
	}
	if o := got[0]; o.Family != "kernels/a" || o.Name != "first" || !o.OK || o.Error != "" {
		t.Errorf("passes: %+v", o)
	}
	if o := got[1]; o.OK || o.Error != "differs" {
		t.Errorf("fails: %+v", o)
	}
	if o := got[2]; o.OK || !strings.HasPrefix(o.Error, "panic: boom\n") {
		t.Errorf("panics: %+v", o)
	}
}
