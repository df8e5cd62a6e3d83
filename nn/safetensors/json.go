package safetensors

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the subset of JSON that headers use: strings, plain non-negative
// integers, and the punctuation around them. It stops at anything else, so that deep
// nesting and long numbers cost nothing.
//
// encoding/json is not used because it accepts repeated keys, replaces broken
// surrogates, and takes many times the memory of the text.
type scanner struct {
	b []byte // valid UTF-8
	i int
}

// next skips white space and returns the byte that follows; 0 at the end.
func (s *scanner) next() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// expect consumes the byte c; where names the place, for the error.
func (s *scanner) expect(c byte, where string) error {
	if s.next() != c || s.i == len(s.b) {
		return s.wrong(strconv.QuoteRune(rune(c)) + " " + where)
	}
	s.i++
	return nil
}

// more reports whether another member follows in an object or array that end closes,
// and consumes the comma or the end.
func (s *scanner) more(first bool, end byte, where string) (bool, error) {
	c := s.next()
	switch {
	case c == end && s.i < len(s.b):
		s.i++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.i++
		return true, nil
	}
	return false, s.wrong(fmt.Sprintf("',' or %q %s", end, where))
}

// wrong returns an error with what was wanted and what was found instead.
func (s *scanner) wrong(want string) error {
	if s.i >= len(s.b) {
		return fmt.Errorf("header byte %d: want %s, found its end", s.i, want)
	}
	r, _ := utf8.DecodeRune(s.b[s.i:])
	return fmt.Errorf("header byte %d: want %s, found %q", s.i, want, r)
}

// integer reads a number without sign, fraction and exponent.
func (s *scanner) integer() (int64, error) {
	const want = "a non-negative integer"
	s.next()
	start, n := s.i, int64(0)
	for ; s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9'; s.i++ {
		d := int64(s.b[s.i] - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, fmt.Errorf("header byte %d: the integer that starts here overflows", start)
		}
		n = n*10 + d
	}
	if s.i == start {
		return 0, s.wrong(want)
	}
	if s.b[start] == '0' && s.i > start+1 {
		return 0, fmt.Errorf("header byte %d: an integer starts with a needless 0", start)
	}
	if s.i < len(s.b) {
		switch s.b[s.i] {
		case '.', 'e', 'E':
			return 0, s.wrong(want)
		}
	}
	return n, nil
}

// text reads a string; the result has memory of its own.
func (s *scanner) text() (string, error) {
	if s.next() != '"' {
		return "", s.wrong("a string")
	}
	start := s.i
	s.i++
	plain := s.i // the start of the text not copied yet
	var unescaped []byte
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			tail := s.b[plain:s.i]
			s.i++
			if unescaped == nil {
				return string(tail), nil
			}
			return string(append(unescaped, tail...)), nil
		case c == '\\':
			unescaped = append(unescaped, s.b[plain:s.i]...)
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			unescaped = utf8.AppendRune(unescaped, r)
			plain = s.i
		case c < ' ':
			return "", fmt.Errorf("header byte %d: control character %q in a string", s.i, c)
		default:
			s.i++
		}
	}
	return "", fmt.Errorf("header byte %d: the string that starts here does not end", start)
}

// escape reads one escape sequence, or two that are one surrogate pair.
func (s *scanner) escape() (rune, error) {
	start := s.i
	bad := func() (rune, error) {
		return 0, fmt.Errorf("header byte %d: broken escape sequence", start)
	}
	if s.i++; s.i == len(s.b) {
		return bad()
	}
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, ok := s.hex4()
		if !ok {
			return bad()
		}
		if !utf16.IsSurrogate(r) {
			return r, nil
		}
		if s.i+2 > len(s.b) || s.b[s.i] != '\\' || s.b[s.i+1] != 'u' {
			return bad()
		}
		s.i += 2
		low, ok := s.hex4()
		r = utf16.DecodeRune(r, low)
		if !ok || r == utf8.RuneError {
			return bad()
		}
		return r, nil
	}
	return bad()
}

func (s *scanner) hex4() (r rune, ok bool) {
	if s.i+4 > len(s.b) {
		return 0, false
	}
	for _, c := range s.b[s.i : s.i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	s.i += 4
	return r, true
}
