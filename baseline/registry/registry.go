// Package registry lists the detectors that results are compared with.
package registry

import (
	"fmt"
	"slices"
	"strings"

	"anomem/baseline"
	"anomem/baseline/anomem"
	"anomem/baseline/imagesize"
	"anomem/baseline/meancolour"
	"anomem/baseline/pca"
	"anomem/internal/spelling"
)

// Entry is a kind of detector.
type Entry struct {
	ID      string // short, in lower case
	Summary string // one line
	New     func() baseline.Detector

	trivial bool
}

var entries = []Entry{
	{"imagesize", "distance of width and height from the normal images'", func() baseline.Detector { return imagesize.New() }, true},
	{"meancolour", "distance of the mean colour from the normal images'", func() baseline.Detector { return meancolour.New() }, true},
	{"pca", "what 64 principal components of 32×32 pixels leave unexplained", func() baseline.Detector { return pca.New() }, true},
	{"anomem", "this project's model: memories of normal features at several scales", func() baseline.Detector { return anomem.New() }, false},
}

// All returns every entry, the simplest first.
func All() []Entry { return slices.Clone(entries) }

// New returns a detector with its defaults, not fitted. An error names the ids that are
// nearest to one that is unknown.
func New(id string) (baseline.Detector, error) {
	for _, e := range entries {
		if e.ID == id {
			return e.New(), nil
		}
	}
	return nil, fmt.Errorf("baseline: no detector %q: did you mean %s?", id, strings.Join(nearest(id), " or "))
}

// Trivial returns one of each trivial detector: what anybody would try first.
func Trivial() []baseline.Detector {
	var all []baseline.Detector
	for _, e := range entries {
		if e.trivial {
			all = append(all, e.New())
		}
	}
	return all
}

// nearest returns the ids with the fewest edits from id.
func nearest(id string) []string {
	var ids []string
	least := 0
	for _, e := range entries {
		switch d := spelling.Edits(strings.ToLower(id), e.ID); {
		case len(ids) == 0 || d < least:
			ids, least = []string{e.ID}, d
		case d == least:
			ids = append(ids, e.ID)
		}
	}
	return ids
}
