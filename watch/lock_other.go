//go:build solaris || illumos || aix || (!unix && !windows)

package watch

import (
	"errors"
	"os"
)

var errLocked = errors.ErrUnsupported

// lock does nothing: this system has no such locks.
func lock(*os.File) error { return nil }
