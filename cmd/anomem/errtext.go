package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errorText returns an error's text as people need it: the file first, then what is wrong
// with it, then what to do. The system's errors begin with the name of a call, such as open,
// and others with the name of a package, or of several.
func errorText(err error) string {
	text := err.Error()
	for _, p := range pathErrors(err) {
		text = strings.Replace(text, p.Error(), p.Path+": "+p.Err.Error(), 1)
	}
	for again := true; again; {
		again = false
		for _, name := range []string{"anomem: ", "baseline: ", "dataset: ", "imageio: ", "nn: ", "protocol: ", "resnet: ", "safetensors: ", "synthetic: ", "train: ", "watch: "} {
			text, again = strings.CutPrefix(text, name)
			if again {
				break
			}
		}
	}
	if cause := lastCause(err); strings.HasSuffix(text, cause.Error()) {
		text += remedy(cause)
	}
	return visible(text)
}

// visible returns a text with escapes in place of control characters, which the names of files
// may hold and which could command a terminal; not of tabs and ends of lines.
func visible(text string) string {
	hidden := func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }
	for {
		at := strings.IndexFunc(text, hidden)
		if at < 0 {
			return text
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		text = text[:at] + fmt.Sprintf("\\x%02x", r) + text[at+size:]
	}
}

// remedy says what to do about an error of the file system.
func remedy(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "; check the name"
	case errors.Is(err, fs.ErrPermission):
		return "; check the permissions"
	}
	return ""
}

// lastCause returns the innermost error that err wraps, of joined ones that of the last.
func lastCause(err error) error {
	for {
		var inner error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				inner = all[len(all)-1]
			}
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}

// pathErrors returns the errors of the file system that err wraps.
func pathErrors(err error) []*fs.PathError {
	switch e := err.(type) {
	case *fs.PathError:
		return []*fs.PathError{e}
	case interface{ Unwrap() error }:
		return pathErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*fs.PathError
		for _, inner := range e.Unwrap() {
			all = append(all, pathErrors(inner)...)
		}
		return all
	}
	return nil
}
