package main

import (
	"errors"
	"unsafe"
)

// readUnmapped reads memory that is not there, as a kernel that runs over the end
// of a guarded operand would.
func readUnmapped() error {
	address := uintptr(1) << 46
	if *(*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))) == 0 {
		return errors.New("read unmapped memory")
	}
	return nil
}
