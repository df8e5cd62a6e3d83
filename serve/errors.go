package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"anomem/imageio"
)

// refusal is the answer to a request that gets no score.
type refusal struct {
	status int
	text   string
	retry  int // seconds after which another try makes sense; 0: none does
}

func (e *refusal) Error() string { return e.text }

// refuse returns a refusal.
func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

// busy returns the refusal of a request that another moment may take.
func busy(format string, args ...any) error {
	return &refusal{http.StatusTooManyRequests, fmt.Sprintf(format, args...), 1}
}

// clientGone is the status of a request whose client ended it; nobody reads it but /metrics.
const clientGone = 499

// refusalOf returns the answer to an error.
func refusalOf(err error) *refusal {
	var known *refusal
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &long):
		return &refusal{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body is longer than %d bytes", long.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{status: http.StatusRequestTimeout, text: "the body came too slowly"}
	case errors.Is(err, context.Canceled):
		return &refusal{status: clientGone, text: "the client ended the request"}
	}
	return &refusal{status: http.StatusInternalServerError, text: err.Error()}
}

// unreadable is the refusal of an image that cannot be decoded.
func unreadable(name string, err error) error {
	if known := (*refusal)(nil); errors.As(err, &known) {
		return &refusal{known.status, name + ": " + known.text, known.retry}
	}
	if kind := (*imageio.FormatError)(nil); errors.As(err, &kind) {
		return refuse(http.StatusUnsupportedMediaType, "%s: %v", name, err)
	}
	return refuse(http.StatusUnprocessableEntity, "%s: %v", name, err)
}

// answer sends the refusal as a JSON object. A connection on which a body may still come ends
// with it.
func (e *refusal) answer(w http.ResponseWriter) {
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retry))
	}
	text, err := json.Marshal(struct {
		Error string `json:"error"`
	}{e.text})
	if err != nil {
		panic(err) // a string has a form in JSON
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	w.Write(append(text, '\n'))
}
