package imageio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// openSource returns the rest of r for reading in any order. It keeps the bytes of a
// regular file where they are, and those of any other reader in memory. It fails if there
// are none, or more than maxBytes.
func openSource(r io.Reader) (*io.SectionReader, error) {
	if s, ok := r.(seekable); ok && regular(r) {
		from, err := s.Seek(0, io.SeekCurrent)
		if err == nil {
			end, err := s.Seek(0, io.SeekEnd)
			if err != nil {
				return nil, unpath(err)
			}
			if end-from > maxBytes {
				return nil, fmt.Errorf("the image file is longer than %d bytes", int64(maxBytes))
			}
			if end > from {
				return io.NewSectionReader(s, from, end-from), nil
			}
			if _, err := s.Seek(from, io.SeekStart); err != nil {
				return nil, unpath(err)
			}
		}
	}
	data, err := readAtMost(r, maxBytes)
	if err != nil {
		return nil, err
	}
	return bytesSource(data), nil
}

type seekable interface {
	io.ReaderAt
	io.Seeker
}

// regular reports whether r holds its bytes: devices and pipes may claim a size.
func regular(r io.Reader) bool {
	f, ok := r.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

func bytesSource(data []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
}

// readAtMost returns all of r. It fails if that is nothing or more than n bytes.
func readAtMost(r io.Reader, n int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, n+1))
	if err != nil {
		return nil, unpath(err)
	}
	if int64(len(data)) > n {
		return nil, fmt.Errorf("the image file is longer than %d bytes", n)
	}
	if len(data) == 0 {
		return nil, errors.New("the image file is empty")
	}
	return data, nil
}

// unpath takes the path out of an error, because DecodeFile adds it.
func unpath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}

// bytesAt returns n bytes of a file from an offset, or nil if the file ends before. It
// allocates no more than the file holds.
func bytesAt(file *io.SectionReader, at, n uint64) []byte {
	size := uint64(file.Size())
	if at > size || n > size-at {
		return nil
	}
	b := make([]byte, n)
	if _, err := file.ReadAt(b, int64(at)); err != nil && !(errors.Is(err, io.EOF) && at+n == size) {
		return nil
	}
	return b
}

// head returns the first n bytes of a file, fewer if it is shorter.
func head(file *io.SectionReader, n int) []byte {
	return bytesAt(file, 0, min(uint64(n), uint64(file.Size())))
}

// watched is a file for decoders. It records whether a decoder asked for bytes beyond
// the end, which the errors of some do not distinguish from wrong bytes, and the first
// failure to read.
type watched struct {
	file   *io.SectionReader
	buf    *bufio.Reader
	ended  bool
	failed error
}

func watch(file *io.SectionReader) *watched {
	return &watched{file: file, buf: bufio.NewReader(io.NewSectionReader(file, 0, file.Size()))}
}

func (w *watched) note(err error) {
	switch {
	case err == io.EOF:
		w.ended = true
	case err != nil && w.failed == nil:
		w.failed = unpath(err)
	}
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.buf.Read(p)
	w.note(err)
	return n, err
}

// Peek makes image.Decode hand w itself to the decoders.
func (w *watched) Peek(n int) ([]byte, error) { return w.buf.Peek(n) }

// ReadAt implements io.ReaderAt, for the decoders of TIFF.
func (w *watched) ReadAt(p []byte, at int64) (int, error) {
	n, err := w.file.ReadAt(p, at)
	if n < len(p) {
		w.note(err)
	}
	return n, err
}

// Size returns the length of the file in bytes.
func (w *watched) Size() int64 { return w.file.Size() }
