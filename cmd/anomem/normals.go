package main

import (
	"fmt"

	"anomem/dataset"
)

// normals says how many of the normal images are called anomalous.
type normals struct {
	Images      int      `json:"images"`
	FalseAlarms *float64 `json:"false_alarms"` // their share; null: there is no threshold
}

// normals counts the normal images among those that were scored.
func (s *scorer) normals(test *dataset.Images) normals {
	var all normals
	flagged := 0
	for k := range s.scores {
		if !test.Normal(k) {
			continue
		}
		if all.Images++; s.flagged[k] {
			flagged++
		}
	}
	if s.judges() && all.Images > 0 {
		share := float64(flagged) / float64(all.Images)
		all.FalseAlarms = &share
	}
	return all
}

// printNormals prints the line of the normal images, with what the model promises of them.
func (s *scorer) printNormals(n normals) {
	fmt.Fprintf(s.e.stdout, "%-14s images %d", "normal", n.Images)
	if n.FalseAlarms != nil {
		fmt.Fprintf(s.e.stdout, "  false alarms %.2f %%", 100**n.FalseAlarms)
	}
	switch p := s.m.Promise(); {
	case s.byHand != nil:
		fmt.Fprintf(s.e.stdout, " (threshold %g by hand)", *s.byHand)
	case p.Alpha > 0:
		fmt.Fprintf(s.e.stdout, " (promised: %v)", p)
	}
	fmt.Fprintln(s.e.stdout)
}
