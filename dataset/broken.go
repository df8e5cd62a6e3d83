package dataset

import (
	"errors"
	"fmt"
	"os"
)

// BrokenError reports an image that cannot be decoded.
type BrokenError struct {
	Index int    // of the item
	Path  string // of the item
	Err   error
}

// Error returns the path, once, and the cause.
func (e *BrokenError) Error() string { return fmt.Sprintf("dataset: %s: %v", e.Path, bare(e.Err)) }

// Unwrap returns the cause.
func (e *BrokenError) Unwrap() error { return e.Err }

// bare takes the path out of an error about a file.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
