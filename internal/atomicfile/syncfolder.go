//go:build !windows

package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

// syncFolder makes a rename within the folder at path durable. It is no error if the
// file system cannot sync folders.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}
