package safetensors

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"unicode/utf8"
)

// maxHeader is the reference implementation's limit on the header, in bytes.
const maxHeader = 100_000_000

const metadataKey = "__metadata__"

// Info describes one tensor of a file.
type Info struct {
	Name  string
	DType DType
	Shape []int // empty: a scalar

	// The tensor's bytes within the data buffer, from Begin up to End.
	Begin, End int64
}

// Len returns the number of elements.
func (t *Info) Len() int {
	n, _ := elements(t.Shape) // checked when the file was opened
	return int(n)
}

// header is the content of the JSON text, found consistent.
type header struct {
	tensors  []Info // in the order of their data
	index    map[string]int
	metadata map[string]string
}

// parseHeader reads the JSON text of a file whose data buffer has dataSize bytes.
func parseHeader(text []byte, dataSize int64) (*header, *Error) {
	if len(text) == 0 || text[0] != '{' {
		return nil, fault("", "the header does not start with '{'")
	}
	if !utf8.Valid(text) {
		return nil, fault("", "the header is not valid UTF-8")
	}
	h := &header{index: map[string]int{}}
	s := &scanner{b: text}
	s.i++
	for first := true; ; first = false {
		more, err := s.more(first, '}', "after a tensor")
		if err != nil {
			return nil, &Error{Err: err}
		}
		if !more {
			break
		}
		name, err := s.key()
		if err != nil {
			return nil, &Error{Err: err}
		}
		if name == metadataKey {
			if h.metadata != nil {
				return nil, fault("", "the header has the key %q twice", metadataKey)
			}
			if h.metadata, err = s.metadata(); err != nil {
				return nil, &Error{Fault: metadataKey, Err: err}
			}
			continue
		}
		if _, ok := h.index[name]; ok {
			return nil, fault(name, "the header has this name twice")
		}
		t, err := s.tensor()
		if err != nil {
			return nil, &Error{Tensor: name, Err: err}
		}
		t.Name = name
		h.index[name] = len(h.tensors)
		h.tensors = append(h.tensors, t)
	}
	if s.next(); s.i < len(text) {
		return nil, &Error{Err: s.wrong("nothing but spaces after the header's object")}
	}
	if err := h.checkSizes(); err != nil {
		return nil, err
	}
	if err := h.checkTiling(dataSize); err != nil {
		return nil, err
	}
	return h, nil
}

// key reads the name of an object's member and the colon behind it.
func (s *scanner) key() (string, error) {
	k, err := s.text()
	if err != nil {
		return "", err
	}
	return k, s.expect(':', "after a key")
}

// metadata reads a map from string to string.
func (s *scanner) metadata() (map[string]string, error) {
	if err := s.expect('{', "before the metadata"); err != nil {
		return nil, err
	}
	m := map[string]string{}
	for first := true; ; first = false {
		more, err := s.more(first, '}', "in the metadata")
		if err != nil {
			return nil, err
		}
		if !more {
			return m, nil
		}
		k, err := s.key()
		if err != nil {
			return nil, err
		}
		if _, ok := m[k]; ok {
			return nil, errors.New("key " + quote(k) + " occurs twice")
		}
		if m[k], err = s.text(); err != nil {
			return nil, err
		}
	}
}

// tensor reads an entry of the header.
func (s *scanner) tensor() (t Info, err error) {
	if err := s.expect('{', "before a tensor's fields"); err != nil {
		return t, err
	}
	var dtype, shape, offsets bool
	for first := true; ; first = false {
		more, err := s.more(first, '}', "after a field")
		if err != nil {
			return t, err
		}
		if !more {
			break
		}
		field, err := s.key()
		if err != nil {
			return t, err
		}
		var seen *bool
		switch field {
		case "dtype":
			seen = &dtype
		case "shape":
			seen = &shape
		case "data_offsets":
			seen = &offsets
		default:
			return t, errors.New("unknown field " + quote(field))
		}
		if *seen {
			return t, errors.New("field " + quote(field) + " occurs twice")
		}
		*seen = true
		switch field {
		case "dtype":
			var name string
			name, err = s.text()
			t.DType = DType(name)
		case "shape":
			t.Shape, err = s.shape()
		case "data_offsets":
			t.Begin, t.End, err = s.offsets()
		}
		if err != nil {
			return t, errors.New(field + ": " + err.Error())
		}
	}
	switch {
	case !dtype:
		err = errors.New(`it has no field "dtype"`)
	case !shape:
		err = errors.New(`it has no field "shape"`)
	case !offsets:
		err = errors.New(`it has no field "data_offsets"`)
	}
	return t, err
}

func (s *scanner) shape() ([]int, error) {
	if err := s.expect('[', "before a shape"); err != nil {
		return nil, err
	}
	shape := []int{}
	for first := true; ; first = false {
		more, err := s.more(first, ']', "in a shape")
		if err != nil || !more {
			return shape, err
		}
		d, err := s.integer()
		if err != nil {
			return nil, err
		}
		if d > math.MaxInt {
			return nil, errors.New("an axis is longer than this machine can count")
		}
		shape = append(shape, int(d))
	}
}

func (s *scanner) offsets() (begin, end int64, err error) {
	if err = s.expect('[', "before offsets"); err != nil {
		return
	}
	if begin, err = s.integer(); err != nil {
		return
	}
	if err = s.expect(',', "between offsets"); err != nil {
		return
	}
	if end, err = s.integer(); err != nil {
		return
	}
	return begin, end, s.expect(']', "after two offsets")
}

// checkSizes checks each range against its dtype and shape.
func (h *header) checkSizes() *Error {
	for i := range h.tensors {
		t := &h.tensors[i]
		if t.End < t.Begin {
			return fault(t.Name, "data_offsets [%d %d] end before they begin", t.Begin, t.End)
		}
		n, ok := elements(t.Shape)
		if !ok || n > math.MaxInt {
			return fault(t.Name, "the product of shape %s overflows", dims(t.Shape))
		}
		width := t.DType.Bits()
		if width == 0 {
			return fault(t.Name, "unknown dtype %s", quote(string(t.DType)))
		}
		size, problem := byteSize(n, width)
		if problem != "" {
			return fault(t.Name, "%s of shape %s: %s", t.DType, dims(t.Shape), problem)
		}
		if t.End-t.Begin != size {
			return fault(t.Name, "%s of shape %s takes %d bytes, data_offsets [%d %d] hold %d",
				t.DType, dims(t.Shape), size, t.Begin, t.End, t.End-t.Begin)
		}
	}
	return nil
}

// checkTiling orders the tensors by their data, and checks that they cover the data
// buffer without overlap, gap and rest.
func (h *header) checkTiling(dataSize int64) *Error {
	slices.SortFunc(h.tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End), cmp.Compare(a.Name, b.Name))
	})
	at := int64(0)
	for i := range h.tensors {
		t := &h.tensors[i]
		h.index[t.Name] = i
		switch {
		case t.End > dataSize:
			return fault(t.Name, "data_offsets [%d %d] reach beyond the %d bytes of data in the file", t.Begin, t.End, dataSize)
		case t.Begin < at:
			return fault(t.Name, "data_offsets [%d %d] overlap those of tensor %s, which end at %d",
				t.Begin, t.End, quote(h.tensors[i-1].Name), at)
		case t.Begin > at:
			return fault(t.Name, "data_offsets [%d %d] leave a gap: nothing covers bytes %d to %d of the data",
				t.Begin, t.End, at, t.Begin)
		}
		at = t.End
	}
	if at != dataSize {
		return fault("", "the tensors end at byte %d of the data, which has %d: trailing bytes", at, dataSize)
	}
	return nil
}
