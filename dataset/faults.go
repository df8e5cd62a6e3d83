package dataset

import (
	"fmt"
	"strings"
)

// FaultsError reports several files that cannot be used.
type FaultsError struct{ Faults []error }

// Error lists the first twenty, a line each, and counts the rest.
func (e *FaultsError) Error() string {
	return fmt.Sprintf("dataset: %d files cannot be used:%s", len(e.Faults), faultLines(e.Faults))
}

// faultLines returns a line for each of the first twenty faults, and the number of the rest.
func faultLines(faults []error) string {
	const most = 20
	var b strings.Builder
	for i, err := range faults {
		if i == most {
			fmt.Fprintf(&b, "\n\tand %d more", len(faults)-most)
			break
		}
		fmt.Fprintf(&b, "\n\t%s", strings.TrimPrefix(err.Error(), "dataset: "))
	}
	return b.String()
}

// skippedNote says which of n images are left out because they cannot be decoded.
func skippedNote(faults []error, n int) string {
	if len(faults) == 1 {
		return "skipped: " + strings.TrimPrefix(faults[0].Error(), "dataset: ")
	}
	return fmt.Sprintf("skipped %d of %d images, which cannot be decoded:%s", len(faults), n, faultLines(faults))
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
