package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"anomem/simd"
	"anomem/synthetic"
)

// TestInterrupt sends Ctrl-C to a verify that is in the middle of a check.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt on Windows")
	}
	cmd := anomemCmd(t, "slow", "verify")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("headline %q: %v", line, err)
	}
	start := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("stopped after %v", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error: %s", &stderr)
	}
}

// TestClosedPipe runs commands whose reader has gone away.
func TestClosedPipe(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"verify", "--list"}, {"verify"}, {"bench", "--list"}, {"help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			cmd := anomemCmd(t, "faulty", args...)
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = w, &stderr
			err = cmd.Run()
			w.Close()
			if err == nil {
				t.Error("exit code 0 though nobody read the output")
			}
			if stderr.Len() > 0 {
				t.Errorf("standard error: %s", &stderr)
			}
		})
	}
}

// TestSecondInterrupt interrupts a command that has been told to stop and does not.
func TestSecondInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt on Windows")
	}
	cmd := anomemCmd(t, deafMain)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	for _, want := range []string{"ready\n", "told\n"} {
		if line, err := lines.ReadString('\n'); line != want {
			t.Fatalf("line %q, want %q: %v", line, want, err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
}

// deafMain is the set of checks that makes the test binary wait for an interrupt, tell
// that it came, and go on for ever.
const deafMain = "deaf"

func runDeaf() {
	watchInterrupts()
	ctx, _ := untilInterrupt()
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println("told")
	select {}
}

// TestFullDisk wants a failure to write reported, not lost.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no full disk to write to: %v", err)
	}
	defer full.Close()
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"verify", "--list"}, {"verify", "--json", "--only", "passes"}, {"bench", "--list"}, {"help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			cmd := anomemCmd(t, "faulty", args...)
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = full, &stderr
			cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "no space left") {
				t.Errorf("exit code %d, want %d; standard error: %s", code, exitFailed, &stderr)
			}
		})
	}
}

// TestResultsUnread runs the commands that print results of images, or events, when
// nobody can read them: they stop, and fail.
func TestResultsUnread(t *testing.T) {
	dir := t.TempDir()
	if err := synthetic.WriteFolder(context.Background(), dir, synthetic.Options{}, 1, synthetic.Counts{Train: 24}); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(dir, "m.safetensors")
	pictures := filepath.Join(dir, "train")
	training := []string{"train", pictures, "-o", model, "--preset", "quick", "--epochs", "1", "--shift", "none", "--false-alarm", "0.1"}
	if code, _, stderr := output2(t, anomemCmd(t, "real", training...)); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, args := range [][]string{
		{"score", "-m", model, pictures}, {"score", "-m", model, pictures, "--json"}, {"inspect", model}, {"inspect", model, "--json"},
		append(training, "--json"),
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd := anomemCmd(t, "real", args...)
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = w, &stderr
		if err := cmd.Run(); err == nil || stderr.Len() > 0 {
			t.Errorf("%v into a closed pipe: %v, standard error %q", args, err, &stderr)
		}
		w.Close()
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Logf("no full disk to write to: %v", err)
			continue
		}
		cmd = anomemCmd(t, "real", args...)
		stderr.Reset()
		cmd.Stdout, cmd.Stderr = full, &stderr
		cmd.Run()
		full.Close()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v on a full disk: exit code %d, standard error %q", args, code, &stderr)
		}
	}
}

// TestLevels starts the command at every level that this binary knows, and at
// two that it cannot run.
func TestLevels(t *testing.T) {
	run := func(level string) (code int, stdout, stderr string) {
		cmd := anomemCmd(t, "real", "version")
		cmd.Env = append(cmd.Env, "ANOMEM_SIMD="+level)
		return output2(t, cmd)
	}
	for _, l := range simd.Levels() {
		code, stdout, stderr := run(l.Name)
		if len(l.Missing) == 0 {
			first, _, _ := strings.Cut(stdout, "\n")
			if code != exitDone || !strings.Contains(first, "simd "+l.Name) {
				t.Errorf("%s: exit code %d, first line %q, standard error %q", l.Name, code, first, stderr)
			}
			continue
		}
		if code != exitUsage || !strings.Contains(stderr, l.Name) || !strings.Contains(stderr, l.Missing[0]) || stdout != "" {
			t.Errorf("%s: exit code %d, standard error %q, want one naming %v", l.Name, code, stderr, l.Missing)
		}
	}
	foreign := map[string]string{"amd64": "neon", "arm64": "avx2"}[runtime.GOARCH]
	for _, level := range []string{"nonsense", foreign} {
		if level == "" {
			continue
		}
		code, stdout, stderr := run(level)
		if code != exitUsage || !strings.Contains(stderr, level) || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, standard output %q, standard error %q", level, code, stdout, stderr)
		}
	}
}

func output2(t *testing.T, cmd *exec.Cmd) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// TestErrorCodes maps errors to exit codes without a process.
func TestErrorCodes(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		stdout io.Writer
		want   int
	}{
		{[]string{"help"}, io.Discard, exitDone},
		{nil, io.Discard, exitUsage},
		{[]string{"nothing"}, io.Discard, exitUsage},
		{[]string{"help"}, brokenWriter{}, exitFailed},
	} {
		var stderr bytes.Buffer
		if got := run(tt.args, tt.stdout, &stderr); got != tt.want {
			t.Errorf("run(%q) = %d, want %d; standard error %q", tt.args, got, tt.want, &stderr)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
