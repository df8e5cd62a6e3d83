package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"

	"anomem/simd"
)

// usageError is an error of whoever typed the command line: exit code 2.
type usageError struct {
	msg  string
	help bool // whether --help would have told
}

func (e *usageError) Error() string { return e.msg }

// usagef is fmt.Errorf for a usageError.
func usagef(format string, args ...any) error {
	return &usageError{msg: fmt.Sprintf(format, args...), help: true}
}

// output is a writer that remembers its first error, so that commands may print
// without looking and still stop, and fail, when nobody can read them.
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

// parse parses args into the flags that the command has defined on e.flags. It
// returns done if nothing is left to do: help was asked for, or args are wrong.
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
	if t := e.threads; t != nil && (*t < 1 || *t > maxThreads) {
		return nil, true, usagef("--threads: %d is not between 1 and %d", *t, maxThreads)
	}
	done, err = e.checkLevel()
	return paths, done, err
}

const maxThreads = 1024

// threadsFlag defines --threads, whose value parse checks.
func (e *env) threadsFlag() *int {
	e.threads = e.flags.Int("threads", runtime.GOMAXPROCS(0), "run on `N` threads")
	return e.threads
}

// given are the names of the flags that are on the command line.
func (e *env) given() map[string]bool {
	names := map[string]bool{}
	e.flags.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// checkLevel refuses a level of kernels that this machine does not have.
func (e *env) checkLevel() (done bool, err error) {
	if err := simd.LevelError(); err != nil {
		return true, &usageError{msg: err.Error()}
	}
	return false, nil
}

// headline prints the line that every command starts with: what the machine
// runs the kernels with, and how fast that could be at best.
func (e *env) headline(w io.Writer, threads int) {
	fmt.Fprintf(w, "anomem %s: simd %s, %s, peak %.4g GFLOP/s a thread\n",
		e.cmd.name, simd.Level(), plural(threads, "thread", "threads"), peak(1, headlinePeakTime))
}

// headlineWriter is where the headline goes: to standard output, unless that is
// for a program to read.
func (e *env) headlineWriter(json bool) io.Writer {
	if json {
		return e.stderr
	}
	return e.stdout
}

// warn tells people of something beside the result.
func (e *env) warn(text string) { fmt.Fprintln(e.stderr, text) }

func printCommands(w io.Writer) {
	fmt.Fprintf(w, "anomem learns what normal images look like, and scores how far others deviate.\n\nUsage:\n\n  anomem COMMAND [flags]\n\nCommands:\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprintf(w, `
'anomem COMMAND --help' tells more about one, with examples.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 an anomaly (score --fail-on-anomaly).

Environment:

  ANOMEM_SIMD   run the kernels at this level rather than the best one that this
                CPU has; every level gives the same bits. One of: %s
`, strings.Join(levelNames(), ", "))
}

func levelNames() []string {
	var names []string
	for _, l := range simd.Levels() {
		names = append(names, l.Name)
	}
	return names
}

// printHelp prints the help of one command: synopsis, text, flags, examples.
func (e *env) printHelp() {
	w := e.stdout
	fmt.Fprintf(w, "Usage: anomem %s %s\n\n%s\n", e.cmd.name, e.cmd.args, strings.TrimSpace(e.cmd.text))
	groups := e.cmd.groups
	if groups == nil {
		all := flagGroup{title: "Flags"}
		e.flags.VisitAll(func(f *flag.Flag) { all.flags = append(all.flags, f.Name) })
		groups = []flagGroup{all}
	}
	for _, g := range groups {
		fmt.Fprintf(w, "\n%s:\n\n", g.title)
		for _, name := range g.flags {
			printFlag(w, e.flags.Lookup(name))
		}
	}
	fmt.Fprintf(w, "\nExamples:\n\n")
	for line := range strings.Lines(strings.TrimSpace(e.cmd.examples)) {
		fmt.Fprintf(w, "  %s", line)
	}
	fmt.Fprintln(w)
}

// printFlag prints a flag's name and value, and beside it, in lines of 80 columns, what
// it is for.
func printFlag(w io.Writer, f *flag.Flag) {
	const left, columns = 26, 80
	value, usage := flag.UnquoteUsage(f)
	name := strings.TrimSpace("--" + f.Name + " " + value)
	if len(f.Name) == 1 {
		name = name[1:]
	}
	if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
		usage += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	line := fmt.Sprintf("  %-*s", left-2, name)
	for _, word := range strings.Fields(usage) {
		if len(line)+1+len(word) > columns {
			fmt.Fprintln(w, line)
			line = strings.Repeat(" ", left)
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

// plural returns "1 family", "2 families".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
