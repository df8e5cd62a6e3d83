package serve

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// body is that of a request, read within the limits.
type body struct {
	io.Reader
	s      *Server
	w      http.ResponseWriter
	by     time.Time // when all of it must have come
	length int64     // that the client says; -1: it says none
	held   int64     // of s.bodies
}

// openBody checks what the header says of a body. The caller closes what it returns.
func (s *Server) openBody(w http.ResponseWriter, r *http.Request) (*body, error) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Encoding %.100q: send the body as it is", coding)
	}
	if r.ContentLength > s.limits.Body {
		return nil, &http.MaxBytesError{Limit: s.limits.Body}
	}
	b := &body{Reader: http.MaxBytesReader(w, r.Body, s.limits.Body), s: s, w: w, length: r.ContentLength}
	b.wait(s.limits.BodyTime)
	return b, nil
}

// wait lets the client have some more time. A server that cannot wait is one of tests.
func (b *body) wait(d time.Duration) {
	if b.by.IsZero() {
		b.by = time.Now()
	}
	b.by = b.by.Add(d)
	http.NewResponseController(b.w).SetReadDeadline(b.by)
}

// during calls f, which does not read the body. Its time is none of the client's.
func (b *body) during(f func() error) error {
	began := time.Now()
	err := f()
	b.wait(time.Since(began))
	return err
}

// ended says that all of the body was read. From then on nothing is asked of the client, but
// its connection is still read from, to notice when it goes.
func (b *body) ended() { http.NewResponseController(b.w).SetReadDeadline(time.Time{}) }

// close gives memory back. What is left of the body must still come in time, as the connection
// ends or goes on behind it.
func (b *body) close() { b.give(b.held) }

// take takes memory for n bytes.
func (b *body) take(n int64) error {
	if !b.s.bodies.try(n) {
		return busy("the bodies of other requests fill the memory for them")
	}
	b.held += n
	return nil
}

func (b *body) give(n int64) {
	b.held -= n
	b.s.bodies.put(n)
}

// readAll returns all of r, which is the body or a part of it. It takes memory as bytes come,
// whatever length the client says; the caller gives back that of as many bytes as the result
// has capacity.
func (b *body) readAll(r io.Reader) ([]byte, error) {
	const first = 16 << 10
	most := b.s.limits.Body
	if b.length >= 0 {
		most = min(most, b.length)
	}
	size := min(first, most+1) // a byte more than there can be shows the end
	if err := b.take(size); err != nil {
		return nil, err
	}
	data := make([]byte, 0, size)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			if r == io.Reader(b) {
				b.ended()
			}
			return data, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, refuse(http.StatusBadRequest, "the body is cut off")
		case err != nil:
			return nil, err
		}
		if len(data) < cap(data) {
			continue
		}
		size := min(4*int64(cap(data)), most+1)
		if size <= int64(cap(data)) {
			return nil, &http.MaxBytesError{Limit: most}
		}
		if err := b.take(size); err != nil {
			return nil, err
		}
		more := make([]byte, len(data), size)
		copy(more, data)
		b.give(int64(cap(data)))
		data = more
	}
}
