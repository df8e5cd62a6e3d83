package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The test binary stands in for the command, as cmd/go's does: started with
// runMainEnv set it runs main, with the checks that the variable names in place
// of the real ones unless it names "real". So scripts run the whole command, in
// a process of its own, and can see verify fail.
const runMainEnv = "ANOMEM_TEST_RUN_MAIN"

// tickEnv names the time by which the command's clock goes on whenever it is looked at, so
// that budgets do not depend on the machine.
const tickEnv = "ANOMEM_TEST_TICK"

// everyEnv names the time from one checkpoint to the next.
const everyEnv = "ANOMEM_TEST_EVERY"

func TestMain(m *testing.M) {
	set := os.Getenv(runMainEnv)
	if set == "" {
		os.Exit(m.Run())
	}
	if tick, err := time.ParseDuration(os.Getenv(tickEnv)); err == nil {
		began, ticks := time.Now(), atomic.Int64{}
		now = func() time.Time { return began.Add(time.Duration(ticks.Add(1)) * tick) }
	}
	if every, err := time.ParseDuration(os.Getenv(everyEnv)); err == nil {
		checkpointEvery = every
	}
	if set == deafMain {
		runDeaf()
	}
	if set != "real" {
		planted, ok := plantedChecks[set]
		if !ok {
			fmt.Fprintf(os.Stderr, "%s: no checks %q\n", runMainEnv, set)
			os.Exit(99)
		}
		checks = planted
	}
	main()
}

// anomemCmd returns the command, ready to start, with the named checks.
func anomemCmd(t *testing.T, set string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), runMainEnv+"="+set, "ANOMEM_SIMD=")
	return cmd
}

// TestScripts runs testdata/script/*.txt. A script is a line a step; # starts a
// comment at the start of a line, single quotes keep spaces together:
//
//	env K=V           sets a variable for the commands that follow
//	checks NAME       puts plantedChecks[NAME] in place of the real checks
//	anomem ARGS       runs the command, which must exit 0
//	exit N anomem ARGS   runs the command, which must exit N
//	stdin FILE        the next command reads a file's bytes from standard input
//	signal SIG REGEXP anomem ARGS   runs the command, and sends it SIGINT or SIGTERM
//	                  when a line of its standard error matches; it must exit as a
//	                  process killed so would
//	stdout REGEXP     the last command's output must match; "! stdout" must not
//	stderr REGEXP     likewise
//	jsonlines N       the last output must be at least N lines, each a JSON object
//
// Commands run in a folder of the script's own, where the steps of scriptfiles_test.go
// make and compare files. Those of scriptserve_test.go start a server and ask it, and
// those of scriptwatch_test.go watch a folder.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{t: t, set: "real", dir: t.TempDir()}
			for i, line := range strings.Split(string(text), "\n") {
				if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
					continue
				}
				if err := s.step(splitQuoted(line)); err != nil {
					t.Fatalf("%s:%d: %s\n%v\nstdout:\n%s\nstderr:\n%s", file, i+1, line, err, &s.stdout, &s.stderr)
				}
			}
		})
	}
}

type script struct {
	t              *testing.T
	dir            string
	set            string   // which checks
	env            []string // K=V
	stdin          []byte   // of the next command
	stdout, stderr bytes.Buffer
	server         *serving // that was started last
}

func (s *script) step(words []string) error {
	negate := words[0] == "!"
	if negate {
		words = words[1:]
	}
	switch verb, rest := words[0], words[1:]; verb {
	case "env":
		s.env = append(s.env, rest...)
		return nil
	case "stdin":
		var err error
		s.stdin, err = os.ReadFile(s.path(rest[0]))
		return err
	case "checks":
		s.set = rest[0]
		return nil
	case "anomem":
		return s.run(0, rest)
	case "exit":
		code, err := strconv.Atoi(rest[0])
		if err != nil || rest[1] != "anomem" {
			return errors.New("want: exit N anomem ARGS")
		}
		return s.run(code, rest[2:])
	case "signal":
		if len(rest) < 3 || rest[2] != "anomem" {
			return errors.New("want: signal SIG REGEXP anomem ARGS")
		}
		return s.runSignalled(rest[0], rest[1], rest[3:])
	case "stdout", "stderr":
		text := s.stdout.Bytes()
		if verb == "stderr" {
			text = s.stderr.Bytes()
		}
		switch matches := matches(rest[0], text); {
		case matches && negate:
			return errors.New("it matches")
		case !matches && !negate:
			return errors.New("it does not match")
		}
		return nil
	case "jsonlines":
		least, err := strconv.Atoi(rest[0])
		if err != nil {
			return err
		}
		return jsonLines(s.stdout.Bytes(), least)
	}
	step, ok := fileSteps[words[0]]
	if !ok {
		step, ok = serverSteps[words[0]]
	}
	if !ok {
		step, ok = watchSteps[words[0]]
	}
	if ok {
		err := step(s, words[1:])
		if negate && err == nil {
			return errors.New("it is so")
		}
		if negate {
			return nil
		}
		return err
	}
	return fmt.Errorf("no such step")
}

func (s *script) run(want int, args []string) error {
	cmd := s.command(args)
	cmd.Stderr = &s.stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return err
	}
	return exited(cmd, want)
}

// command prepares the command, and forgets what the last one printed.
func (s *script) command(args []string) *exec.Cmd {
	s.stdout.Reset()
	s.stderr.Reset()
	cmd := anomemCmd(s.t, s.set, args...)
	cmd.Dir = s.dir
	cmd.Env = append(cmd.Env, s.env...)
	cmd.Stdout = &s.stdout
	cmd.Stdin, s.stdin = bytes.NewReader(s.stdin), nil
	return cmd
}

func exited(cmd *exec.Cmd, want int) error {
	if got := cmd.ProcessState.ExitCode(); got != want {
		return fmt.Errorf("exit code %d, want %d", got, want)
	}
	return nil
}

// runSignalled runs the command and signals it when a line of its standard error matches.
func (s *script) runSignalled(name, pattern string, args []string) error {
	if runtime.GOOS == "windows" {
		s.t.Skip("a process cannot be sent a signal on Windows")
	}
	sig, ok := map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM}[name]
	if !ok {
		return fmt.Errorf("no signal %s", name)
	}
	cmd := s.command(args)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&s.stderr, lines.Text())
		if !sent && matches(pattern, lines.Bytes()) {
			sent = true
			cmd.Process.Signal(sig)
		}
	}
	cmd.Wait()
	if !sent {
		return errors.New("no line matches")
	}
	return exited(cmd, 128+int(sig))
}

// matches reports whether a text, or a line of it where the pattern has ^ or $, matches.
func matches(pattern string, text []byte) bool {
	return regexp.MustCompile("(?m)" + pattern).Match(text)
}

// jsonLines returns an error unless text is at least n lines, each an object.
func jsonLines(text []byte, least int) error {
	n := 0
	for line := range bytes.Lines(text) {
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			return fmt.Errorf("line %q: %v", line, err)
		}
		n++
	}
	if n < least {
		return fmt.Errorf("%d lines, want %d or more", n, least)
	}
	return nil
}

// splitQuoted splits a line into words at spaces outside single quotes.
func splitQuoted(line string) []string {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
