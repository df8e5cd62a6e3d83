//go:build !linux

package watch

import "errors"

// newNotifier returns an error: on this system folders are looked through.
func newNotifier(string, *changes) (notifier, error) { return nil, errors.ErrUnsupported }
