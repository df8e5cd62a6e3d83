// Command anomem learns what normal images look like, and scores how far others deviate
// from them. "anomem help" lists what it can do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit codes, the same for every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFound  = 3 // an anomaly, with score --fail-on-anomaly
)

// A command is one subcommand. Each lives in a file of its own.
type command struct {
	name     string
	summary  string // one line for the list of commands
	args     string // synopsis after the name
	text     string // what it does and prints, for --help
	examples string // lines of examples, for --help
	run      func(e *env, args []string) error
	sub      []*command // of a command that has only these; their names begin with its own
}

// commands returns the subcommands in the order in which help lists them. It is
// a function because help, too, needs the list.
func commands() []*command {
	return []*command{
		demoCommand(),
		drawCommand(),
		trainCommand(),
		scoreCommand(),
		calibrateCommand(),
		refitCommand(),
		evalCommand(),
		serveCommand(),
		watchCommand(),
		inspectCommand(),
		verifyCommand(),
		benchCommand(),
		versionCommand(),
	}
}

// env is a command's access to the world: its options and its outputs.
type env struct {
	cmd    *command
	flags  *flag.FlagSet
	groups []*optionGroup // of the options, as --help lists them
	stdout *output
	stderr io.Writer
}

func newEnv(cmd *command, stdout *output, stderr io.Writer) *env {
	return &env{cmd: cmd, flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), stdout: stdout, stderr: stderr}
}

func main() {
	watchInterrupts()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
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
	case errors.Is(err, errAnomaly):
		return exitFound
	case interruptCode() != 0:
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted")
		}
		fmt.Fprintf(stderr, "%s: %s\n", name, errorText(err))
		return interruptCode()
	case isClosedPipe(err):
		// The reader has what it wanted. On Unix SIGPIPE has ended the process
		// already, unless whoever started it ignores that signal.
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%s: %s\n", name, errorText(err))
		if wrong.help {
			fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", name)
		}
		return exitUsage
	default:
		fmt.Fprintf(stderr, "%s: %s\n", name, errorText(err))
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
		args = append(args[1:len(args):len(args)], "--help")
	case "-version", "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		if cmd.sub != nil {
			return dispatchSub(cmd, args[1:], out, stderr)
		}
		return "anomem " + cmd.name, cmd.run(newEnv(cmd, out, stderr), args[1:])
	}
	return "anomem", usagef("unknown command %q", args[0])
}

// dispatchSub runs the subcommand of cmd that args name, as dispatch does.
func dispatchSub(cmd *command, args []string, out *output, stderr io.Writer) (name string, err error) {
	e := newEnv(cmd, out, stderr)
	if len(args) == 0 {
		e.stdout = &output{w: stderr}
		e.printHelp()
		return "anomem " + cmd.name, usagef("no command given")
	}
	for _, sub := range cmd.sub {
		if sub.name == cmd.name+" "+args[0] {
			return "anomem " + sub.name, sub.run(newEnv(sub, out, stderr), args[1:])
		}
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		e.printHelp()
		return "anomem " + cmd.name, nil
	}
	return "anomem " + cmd.name, usagef("unknown command %q", args[0])
}
