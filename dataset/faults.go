package dataset

import (
	"fmt"
	"strings"
)

// FaultsError reports several files that cannot be used.
type FaultsError struct{ Faults []error }

// Error lists the first twenty, a line each, and counts the rest.
func (e *FaultsError) Error() string {
	const most = 20
	var b strings.Builder
	fmt.Fprintf(&b, "dataset: %d files cannot be used:", len(e.Faults))
	for i, err := range e.Faults {
		if i == most {
			fmt.Fprintf(&b, "\n\tand %d more", len(e.Faults)-most)
			break
		}
		fmt.Fprintf(&b, "\n\t%s", strings.TrimPrefix(err.Error(), "dataset: "))
	}
	return b.String()
}

// Unwrap returns the faults.
func (e *FaultsError) Unwrap() []error { return e.Faults }

// faults returns the errors that are not nil as one: nil for none, one as it is.
func faults(errs []error) error {
	var all []error
	for _, err := range errs {
		if err != nil {
			all = append(all, err)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return &FaultsError{all}
}
