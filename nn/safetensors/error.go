package safetensors

import (
	"fmt"
	"strconv"
	"strings"
)

// Error describes a fault of a file or of one of its tensors.
type Error struct {
	File   string // the path, or the name given to NewReader
	Tensor string // empty: the file as a whole
	Fault  string
	Err    error // the cause, or nil
}

// Error returns one line, without empty parts:
//
//	safetensors: FILE: tensor "NAME": FAULT: CAUSE
//
// Names from the file are quoted, and long ones cut.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("safetensors: ")
	if e.File != "" {
		b.WriteString(e.File)
		b.WriteString(": ")
	}
	if e.Tensor != "" {
		b.WriteString("tensor ")
		b.WriteString(quote(e.Tensor))
		b.WriteString(": ")
	}
	b.WriteString(e.Fault)
	if e.Err != nil {
		if e.Fault != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause, for errors.Is and errors.As; nil if there is none.
func (e *Error) Unwrap() error { return e.Err }

// fault returns an error without a file, which a caller fills in.
func fault(tensor, format string, args ...any) *Error {
	return &Error{Tensor: tensor, Fault: fmt.Sprintf(format, args...)}
}

// quote quotes a name from a file, cut short if it is long: it may have megabytes.
func quote(s string) string {
	const most = 200
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%q... (%d bytes)", s[:most], len(s))
}

// dims prints a shape, which may have millions of axes.
func dims(shape []int) string {
	const most = 16
	if len(shape) <= most {
		return fmt.Sprint(shape)
	}
	s := fmt.Sprint(shape[:most])
	return fmt.Sprintf("%s ...] (%d axes)", s[:len(s)-1], len(shape))
}
