package gradients

import (
	"testing"

	"anomem/autograd"
)

func TestGradients(t *testing.T) {
	for _, row := range Rows[float64]() {
		t.Run(row.Op, func(t *testing.T) {
			for _, c := range row.Cases {
				if err := autograd.GradCheck(row.Op+", "+c.Name, c.F, c.In); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestChecks(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Checks() {
		if c.Family != "gradients/operations" || names[c.Name] {
			t.Errorf("check %q of family %q: not a unique check of gradients", c.Name, c.Family)
		}
		names[c.Name] = true
	}
	if len(names) < 30 {
		t.Errorf("%d checks", len(names))
	}
}
