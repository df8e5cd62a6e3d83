// Package filelock locks files against other processes.
package filelock

import (
	"errors"
	"os"
)

// ErrHeld says that another process, or another open file of this one, holds the lock.
var ErrHeld = errors.New("the file is locked")

// Try locks f until it is closed, or returns ErrHeld. Other processes can still read and write
// the file. It is no error if the system or the file system has no locks.
func Try(f *os.File) error {
	err := lock(f)
	if errors.Is(err, errHeld) {
		return ErrHeld
	}
	return err
}
