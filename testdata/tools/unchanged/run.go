package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// result is what a command wrote and how it ended.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command of the detector in a folder of this side, which it makes.
//
// An argument that begins with DATA leads to what writeData wrote. Both sides see the same
// paths, which are relative. The words "interrupt:" before a command send it Ctrl-C once
// it has told of a step of training.
func (s *side) run(folder, command string) (result, error) {
	command, interrupt := strings.CutPrefix(command, "interrupt: ")
	args := strings.Fields(command)
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "DATA"); ok {
			args[i] = "../../data" + rest
		}
	}
	dir := filepath.Join(s.dir, folder)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return result{}, err
	}
	if len(renamed[args[0]]) > 0 {
		help, err := s.exec(dir, []string{args[0], "-h"}, false)
		if err != nil {
			return result{}, err
		}
		args = spelled(args, help.stdout)
	}
	r, err := s.exec(dir, args, interrupt)
	if err != nil {
		return r, fmt.Errorf("%s: anomem %s: %w", s.name, command, err)
	}
	return r, nil
}

// exec runs the program once.
func (s *side) exec(dir string, args []string, interrupt bool) (r result, err error) {
	cmd := exec.Command(s.start[0], append(s.start[1:len(s.start):len(s.start)], args...)...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if interrupt {
		cmd.Stdout = &interrupter{w: &stdout, cmd: cmd}
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return r, err
	}
	r = result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	if interrupt && r.code != 130 {
		return r, fmt.Errorf("exit code %d, want 130 after an interrupt: %s", r.code, r.stderr)
	}
	return r, nil
}

// interrupter sends Ctrl-C to a command at the first step that it tells of.
type interrupter struct {
	w    io.Writer
	cmd  *exec.Cmd
	done bool
}

func (i *interrupter) Write(b []byte) (int, error) {
	if !i.done && bytes.Contains(b, []byte(`"event":"step"`)) {
		i.done = true
		if err := i.cmd.Process.Signal(os.Interrupt); err != nil {
			return 0, err
		}
	}
	return i.w.Write(b)
}
