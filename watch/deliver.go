package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// sender sends records of anomalies, one after another, without holding up who hands them
// over.
type sender struct {
	by    []target
	tries int           // of each
	each  time.Duration // for a try
	said  func(text string)
	sleep func(context.Context, time.Duration)

	queue chan message
	ended chan struct{}
	late  context.Context // ends when the end waits no longer
	stop  context.CancelFunc
}

// message is what is sent.
type message struct {
	name string // of the image or the part
	text []byte // its record, a JSON object
}

// target is where messages go. An error that wraps errFinal is not tried again.
type target struct {
	name string
	send func(ctx context.Context, text []byte) error
}

var errFinal = errors.New("it is not tried again")

// newSender returns a sender with a queue of a length.
func newSender(by []target, length, tries int, each time.Duration, said func(string)) *sender {
	s := &sender{by: by, tries: tries, each: each, said: said, sleep: sleep, queue: make(chan message, length), ended: make(chan struct{})}
	s.late, s.stop = context.WithCancel(context.Background())
	go s.work()
	return s
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// add hands a message over. If the queue is full the message is dropped, which is said.
func (s *sender) add(m message) {
	if len(s.by) == 0 {
		return
	}
	select {
	case s.queue <- m:
	default:
		s.said(fmt.Sprintf("%s: dropped, since %d anomalies wait already for %s", m.name, cap(s.queue), s.by[0].name))
	}
}

// work sends messages until the queue is closed.
func (s *sender) work() {
	defer close(s.ended)
	for m := range s.queue {
		for _, t := range s.by {
			s.deliver(t, m)
		}
	}
}

// deliver sends a message, if need be several times: after a second, two, four and so on, at
// most a minute.
func (s *sender) deliver(t target, m message) {
	var err error
	for try, pause := 1, time.Second; ; try, pause = try+1, min(2*pause, time.Minute) {
		if s.late.Err() != nil {
			s.said(fmt.Sprintf("%s: dropped at the end, not sent to %s", m.name, t.name))
			return
		}
		ctx, cancel := context.WithTimeout(s.late, s.each)
		err = t.send(ctx, m.text)
		if err != nil && ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("it took longer than %v", s.each)
		}
		cancel()
		switch {
		case err == nil:
			return
		case try == s.tries || errors.Is(err, errFinal):
			s.said(fmt.Sprintf("%s: dropped, %s failed %d times: %v", m.name, t.name, try, err))
			return
		case try == 1:
			s.said(fmt.Sprintf("%s: %s: %v; it is tried again", m.name, t.name, err))
		}
		s.sleep(s.late, pause)
	}
}

// end waits until everything is sent, at most for a time.
func (s *sender) end(most time.Duration) {
	close(s.queue)
	t := time.AfterFunc(most, s.stop)
	defer t.Stop()
	<-s.ended
	s.stop()
}

// command returns a target that runs a program with the message on standard input, and its
// outputs on ours. No shell takes part. The variable ANOMEM_WATCH is the path of the folder.
func command(argv []string, dir string) target {
	return target{argv[0], func(ctx context.Context, text []byte) error {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "ANOMEM_WATCH="+dir)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), os.Stderr, os.Stderr
		cmd.WaitDelay = time.Second // a child that it leaves may hold its outputs
		err := cmd.Run()
		if errors.Is(err, exec.ErrNotFound) {
			err = fmt.Errorf("%w: %w", err, errFinal)
		}
		return err
	}}
}

// post returns a target that posts the message to a URL. Status 408, 429 and those from 500 on
// are tried again.
func post(url string) target {
	client := &http.Client{}
	return target{url, func(ctx context.Context, text []byte) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
		if err != nil {
			return fmt.Errorf("%w: %w", err, errFinal)
		}
		r.Header.Set("Content-Type", "application/json")
		w, err := client.Do(r)
		if err != nil {
			return err
		}
		defer w.Body.Close()
		io.CopyN(io.Discard, w.Body, 64<<10) // so that the connection is used again
		switch code := w.StatusCode; {
		case code < 300:
			return nil
		case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500:
			return fmt.Errorf("status %s", strings.TrimSpace(w.Status))
		default:
			return fmt.Errorf("status %s: %w", strings.TrimSpace(w.Status), errFinal)
		}
	}}
}
