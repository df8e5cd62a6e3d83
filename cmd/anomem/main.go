// Command anomem checks and measures the visual anomaly detector of module
// anomem on the machine at hand. "anomem help" lists what it can do.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Exit codes, the same for every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// A command is one subcommand. Each lives in a file of its own.
type command struct {
	name     string
	summary  string // one line for the list of commands
	args     string // synopsis after the name
	text     string // what it does and prints, for --help
	examples string // lines of examples, for --help
	run      func(e *env, args []string) error
}

// commands returns the subcommands in the order in which help lists them. It is
// a function because help, too, needs the list.
func commands() []*command {
	return []*command{
		verifyCommand(),
		benchCommand(),
		versionCommand(),
	}
}

// env is what a command may touch of the world outside it.
type env struct {
	cmd    *command
	flags  *flag.FlagSet
	stdout *output
	stderr io.Writer
}

func main() {
	exitOnInterrupt()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// exitOnInterrupt ends the process at the first Ctrl-C or SIGTERM, with the exit
// code that a shell gives a process killed by that signal.
func exitOnInterrupt() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		code := 128 + int(syscall.SIGINT)
		if s, ok := (<-c).(syscall.Signal); ok {
			code = 128 + int(s)
		}
		os.Exit(code)
	}()
}

// run runs the command that args name and returns the exit code. It is the only
// place where an error becomes one.
func run(args []string, stdout, stderr io.Writer) int {
	out := &output{w: stdout}
	name, err := dispatch(args, out, stderr)
	if err == nil {
		err = out.err // a full disk is a failure even where nobody looked
	}
	var wrong *usageError
	switch {
	case err == nil:
		return exitDone
	case isClosedPipe(err):
		// The reader has what it wanted. On Unix SIGPIPE has ended the process
		// already, unless whoever started it ignores that signal.
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		if wrong.help {
			fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", name)
		}
		return exitUsage
	default:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return exitFailed
	}
}

// dispatch runs the command that args name, and returns the name to report its
// error under.
func dispatch(args []string, out *output, stderr io.Writer) (name string, err error) {
	if len(args) == 0 {
		printCommands(stderr)
		return "anomem", usagef("no command given")
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) == 1 || strings.HasPrefix(args[1], "-") {
			printCommands(out)
			return "anomem", nil
		}
		args = []string{args[1], "--help"}
	case "-version", "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		e := &env{cmd: cmd, flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), stdout: out, stderr: stderr}
		return "anomem " + cmd.name, cmd.run(e, args[1:])
	}
	return "anomem", usagef("unknown command %q", args[0])
}
