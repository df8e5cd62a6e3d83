package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// sides is the value of an option that is a side of squares, or WIDTHxHEIGHT. Zero sides
// stand for none.
type sides struct{ w, h int }

func (s *sides) String() string {
	if s.w == s.h {
		return strconv.Itoa(s.w)
	}
	return fmt.Sprintf("%dx%d", s.w, s.h)
}

func (s *sides) Set(text string) error {
	width, height, both := strings.Cut(text, "x")
	w, errW := strconv.Atoi(width)
	h, errH := w, error(nil)
	if both {
		h, errH = strconv.Atoi(height)
	}
	if errors.Join(errW, errH) != nil || w < 0 || h < 0 || (w == 0) != (h == 0) {
		return errors.New("want a side, such as 96, or width and height, such as 256x128")
	}
	*s = sides{w, h}
	return nil
}
