package main

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestErrorText(t *testing.T) {
	missing := &fs.PathError{Op: "open", Path: "a.png", Err: fs.ErrNotExist}
	locked := &fs.PathError{Op: "lstat", Path: "b", Err: fs.ErrPermission}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("plain"), "plain"},
		{missing, "a.png: file does not exist; check the name"},
		{fmt.Errorf("dataset: %w", locked), "b: permission denied; check the permissions"},
		{fmt.Errorf("--log: %w", missing), "--log: a.png: file does not exist; check the name"},
		{fmt.Errorf("dataset: %w; and more", missing), "a.png: file does not exist; and more"},
		{errors.Join(missing, locked), "a.png: file does not exist\nb: permission denied; check the permissions"},
		{&fs.PathError{Op: "read", Path: "c", Err: errors.New("is a directory")}, "c: is a directory"},
		{errors.Join(errors.New("x")), "x"},
		{errors.New("\x1b[2J\u009b\r a\tb\nü \xff.png"), `\x1b[2J\x9b\x0d a` + "\tb\nü \xff.png"},
	} {
		if got := errorText(tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}
