package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// serving is a server that a script has started.
type serving struct {
	cmd *exec.Cmd
	url string

	mu    sync.Mutex
	said  bytes.Buffer // standard error
	ended chan struct{}
}

// serverSteps are the steps of a script that start a server and ask it.
//
//	serve ARGS            starts anomem serve on a free port, and waits until it listens
//	said REGEXP           its standard error must match, within seconds
//	ask CODE PATH [FILE] [HEADER...]  sends a file, or GET without one; the answer, which must
//	                      have that status, is what the next stdout or same looks at
//	form CODE PATH FILE...  sends files as multipart/form-data
//	answer FILE           writes the last answer to a file
//	hangup                sends SIGHUP
//	shutdown              sends SIGTERM; the server must end with code 0
//	holding FILE          begins to send a file, sends SIGTERM, and ends to send; the answer must
//	                      have status 200, and the server end with code 0
var serverSteps = map[string]func(s *script, args []string) error{
	"serve": func(s *script, args []string) error { return s.serve(args) },
	"said":  func(s *script, args []string) error { return s.server.hears(args[0]) },
	"ask": func(s *script, args []string) error {
		method, body := "GET", []byte(nil)
		if len(args) > 2 && args[2] != "" {
			var err error
			if body, err = os.ReadFile(s.path(args[2])); err != nil {
				return err
			}
			method = "POST"
		}
		return s.ask(method, args[0], args[1], body, args[min(3, len(args)):])
	},
	"form": func(s *script, args []string) error {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for _, name := range args[2:] {
			file, err := os.ReadFile(s.path(name))
			if err != nil {
				return err
			}
			part, err := w.CreateFormFile("image", filepath.Base(name))
			if err != nil {
				return err
			}
			part.Write(file)
		}
		w.Close()
		return s.ask("POST", args[0], args[1], body.Bytes(), []string{"Content-Type: " + w.FormDataContentType()})
	},
	"answer":   func(s *script, args []string) error { return os.WriteFile(s.path(args[0]), s.stdout.Bytes(), 0o666) },
	"hangup":   func(s *script, args []string) error { return s.server.cmd.Process.Signal(syscall.SIGHUP) },
	"shutdown": func(s *script, args []string) error { return s.server.shutdown(syscall.SIGTERM) },
	"holding": func(s *script, args []string) error {
		file, err := os.ReadFile(s.path(args[0]))
		if err != nil {
			return err
		}
		return s.holding(file)
	},
}

// serve starts a server.
func (s *script) serve(args []string) error {
	if runtime.GOOS == "windows" {
		s.t.Skip("a process cannot be sent a signal on Windows")
	}
	cmd := s.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...))
	cmd.Stdout = nil // answers take its place
	v, err := s.start(cmd, "^listening on ")
	if err != nil {
		return err
	}
	v.url = regexp.MustCompile(`https?://[^, ]+`).FindString(v.heard())
	return nil
}

// start starts a command that goes on until it is told to end, and waits until its standard
// error matches.
func (s *script) start(cmd *exec.Cmd, ready string) (*serving, error) {
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	v := &serving{cmd: cmd, ended: make(chan struct{})}
	s.server = v
	s.t.Cleanup(func() { cmd.Process.Kill() })
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			v.mu.Lock()
			fmt.Fprintln(&v.said, lines.Text())
			v.mu.Unlock()
		}
		cmd.Wait()
		close(v.ended)
	}()
	return v, v.hears(ready)
}

func (v *serving) heard() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.said.String()
}

// hears waits until what the server said matches.
func (v *serving) hears(pattern string) error {
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if matches(pattern, []byte(v.heard())) {
			return nil
		}
		if time.Since(begun) > time.Minute {
			return fmt.Errorf("the server said\n%s", v.heard())
		}
	}
}

// ask sends a request. Headers are lines.
func (s *script) ask(method, code, path string, body []byte, headers []string) error {
	r, err := http.NewRequest(method, s.server.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return s.answered(w, code)
}

// answered keeps an answer, which must have a status.
func (s *script) answered(w *http.Response, code string) error {
	defer w.Body.Close()
	s.stdout.Reset()
	s.stderr.Reset()
	if _, err := s.stdout.ReadFrom(w.Body); err != nil {
		return err
	}
	w.Header.Write(&s.stderr)
	if got := fmt.Sprint(w.StatusCode); got != code {
		return fmt.Errorf("status %s", got)
	}
	return nil
}

// holding shuts the server down while a request's body is on its way: after the server has
// asked for it, and before half of it has come.
func (s *script) holding(file []byte) error {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.server.url, "http://"))
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(file))
	in := bufio.NewReader(c)
	if w, err := http.ReadResponse(in, nil); err != nil || w.StatusCode != http.StatusContinue {
		return fmt.Errorf("before the body: %v, %v", w, err)
	}
	half := len(file) / 2
	if _, err := c.Write(file[:half]); err != nil {
		return err
	}
	if err := s.server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := s.server.hears("^no new requests are taken"); err != nil {
		return err
	}
	if _, err := c.Write(file[half:]); err != nil {
		return err
	}
	w, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	if err := s.answered(w, "200"); err != nil {
		return err
	}
	return s.server.shutdown(nil)
}

// shutdown sends a signal, unless it is nil, and waits for the end.
func (v *serving) shutdown(sig os.Signal) error {
	if sig != nil {
		if err := v.cmd.Process.Signal(sig); err != nil {
			return err
		}
	}
	select {
	case <-v.ended:
	case <-time.After(time.Minute):
		return errors.New("it does not end")
	}
	return exited(v.cmd, 0)
}
