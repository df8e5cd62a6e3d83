package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"syscall"

	"anomem/simd"
)

// usageError is a mistake on the command line: exit code 2.
type usageError struct {
	msg  string
	help bool // --help explains it
}

func (e *usageError) Error() string { return e.msg }

// usagef is fmt.Errorf for a usageError.
func usagef(format string, args ...any) error {
	return &usageError{msg: fmt.Sprintf(format, args...), help: true}
}

// output is a writer that keeps its first error. Commands print without checking, and still
// stop and fail when nobody can read them.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}

func isClosedPipe(err error) bool {
	if errors.Is(err, syscall.EPIPE) {
		return true
	}
	// Windows: ERROR_BROKEN_PIPE and ERROR_NO_DATA ("the pipe is being closed").
	var errno syscall.Errno
	return runtime.GOOS == "windows" && errors.As(err, &errno) && (errno == 109 || errno == 232)
}

// parse reads args into the options that the command has declared. It returns done if
// nothing is left to do: help was asked for, or args are wrong.
func (e *env) parse(args []string) (done bool, err error) {
	_, done, err = e.parsePaths(args, 0, 0)
	return done, err
}

// parsePaths is parse for a command that takes least to most arguments (most < 0: any
// number) among its flags. After "--" all are arguments.
func (e *env) parsePaths(args []string, least, most int) (paths []string, done bool, err error) {
	e.flags.SetOutput(io.Discard) // run prints errors, printHelp prints help
	e.flags.Usage = func() {}
	for {
		switch err := e.flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			e.printHelp()
			return nil, true, nil
		case err != nil:
			return nil, true, usagef("%v", err)
		}
		rest := e.flags.Args()
		if len(rest) == 0 {
			break
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			paths = append(paths, rest...)
			break
		}
		paths, args = append(paths, rest[0]), rest[1:]
	}
	switch {
	case most >= 0 && len(paths) > most:
		return nil, true, usagef("unexpected argument %q", paths[most])
	case len(paths) < least:
		return nil, true, usagef("an argument is missing: anomem %s %s", e.cmd.name, e.cmd.args)
	}
	if err := e.checkOptions(); err != nil {
		return nil, true, err
	}
	done, err = e.checkLevel()
	return paths, done, err
}

// checkLevel refuses a level of kernels that this machine does not have.
func (e *env) checkLevel() (done bool, err error) {
	if err := simd.LevelError(); err != nil {
		return true, &usageError{msg: err.Error()}
	}
	return false, nil
}

// headline prints the first line of bench, verify and version: the level of the kernels, the
// threads and the peak.
func (e *env) headline(w io.Writer, threads int) {
	fmt.Fprintf(w, "anomem %s: simd %s, %s, peak %.4g GFLOP/s a thread\n",
		e.cmd.name, simd.Level(), plural(threads, "thread", "threads"), peak(1, headlinePeakTime))
}

// headlineWriter returns standard output, or standard error if the output is for programs.
func (e *env) headlineWriter(json bool) io.Writer {
	if json {
		return e.stderr
	}
	return e.stdout
}

// warn prints a line for people, beside the result.
func (e *env) warn(text string) { fmt.Fprintln(e.stderr, text) }

// plural returns "1 family", "2 families".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
