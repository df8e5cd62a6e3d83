package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
)

// File is an open file whose header was read and found consistent. Tensors are read
// when they are asked for. Any number of goroutines may call its methods at once.
type File struct {
	name   string
	r      io.ReaderAt
	closer io.Closer
	data   int64 // where the data buffer starts
	h      *header
}

// Open opens the file at path and checks its header; see the package comment.
// The caller closes it.
func Open(path string) (*File, error) {
	osFile, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Err: unpath(err)}
	}
	fi, err := osFile.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		osFile.Close()
		return nil, &Error{File: path, Err: unpath(err)}
	}
	f, err := NewReader(osFile, fi.Size(), path)
	if err != nil {
		osFile.Close()
		return nil, err
	}
	f.closer = osFile
	return f, nil
}

// unpath drops the path from an error of package os: our own errors have it.
func unpath(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// NewReader checks the header of the size bytes that r holds. name is the file's in
// errors.
func NewReader(r io.ReaderAt, size int64, name string) (*File, error) {
	h, data, err := readHeader(r, size)
	if err != nil {
		err.File = name
		return nil, err
	}
	return &File{name: name, r: r, data: data, h: h}, nil
}

func readHeader(r io.ReaderAt, size int64) (h *header, data int64, _ *Error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, 0, fault("", "%d bytes are too few for a safetensors file", size)
	}
	if err := readFull(r, length[:], 0); err != nil {
		return nil, 0, &Error{Fault: "length of the header", Err: err}
	}
	// Nothing is allocated before the file is known to be as long as it claims.
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		return nil, 0, fault("", "the header claims %d bytes, %d are allowed", n, maxHeader)
	}
	if rest := size - int64(len(length)); int64(n) > rest {
		return nil, 0, fault("", "the header claims %d bytes, %d follow: truncated", n, rest)
	}
	text := make([]byte, n)
	if err := readFull(r, text, int64(len(length))); err != nil {
		return nil, 0, &Error{Fault: "header", Err: err}
	}
	data = int64(len(length)) + int64(n)
	h, err := parseHeader(text, size-data)
	return h, data, err
}

// readFull fills b from offset at on.
func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("at byte %d: %w", at+int64(n), unpath(err))
}

// Close closes the file that Open opened.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	if err := f.closer.Close(); err != nil {
		return &Error{File: f.name, Err: unpath(err)}
	}
	return nil
}

// Name returns the path given to Open, or the name given to NewReader.
func (f *File) Name() string { return f.name }

// Tensors describes all tensors, in the order of their data. The caller must not modify
// the result.
func (f *File) Tensors() []Info { return f.h.tensors }

// Metadata returns a copy of the metadata; it may be empty.
func (f *File) Metadata() map[string]string { return maps.Clone(f.h.metadata) }

// Lookup describes the tensor called name.
func (f *File) Lookup(name string) (t Info, ok bool) {
	i, ok := f.h.index[name]
	if !ok {
		return Info{}, false
	}
	return f.h.tensors[i], true
}

// Raw returns the bytes of the tensor called name, as they are in the file.
func (f *File) Raw(name string) (*io.SectionReader, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return nil, &Error{File: f.name, Tensor: name, Fault: "not in the file"}
	}
	return io.NewSectionReader(f.r, f.data+t.Begin, t.End-t.Begin), nil
}
