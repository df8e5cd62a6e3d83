package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	got := compare([]float64{4, 1, 6}, []float64{2, 2, 2})
	if want := (quotient{Ratio: 2, Least: 0.5, Most: 3}); got != want {
		t.Errorf("compare = %+v, want %+v", got, want)
	}
}

func TestCPUName(t *testing.T) {
	info := "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: fma avx2 avx512f\n\n" +
		"processor\t: 1\nmodel name\t: another\n"
	if got, want := cpuName(info), "AMD EPYC (family 25, model 17, avx512f)"; got != want {
		t.Errorf("cpuName = %q, want %q", got, want)
	}
}

func TestCoresFor(t *testing.T) {
	for _, tt := range []struct {
		cores   []string
		threads int
		want    string
	}{{nil, 2, "0,1"}, {[]string{"4", "5"}, 1, "4"}, {[]string{"4", "5"}, 2, "4,5"}} {
		if got := strings.Join(config{cores: tt.cores}.coresFor(tt.threads), ","); got != tt.want {
			t.Errorf("cores of %d threads of %v: %s, want %s", tt.threads, tt.cores, got, tt.want)
		}
	}
}

func TestWaitedFor(t *testing.T) {
	for _, tt := range []struct{ cores, ran, waited, want float64 }{
		{10, 10, 10, 0},    // one thread of the process waits for another
		{10, 8, 2, 0.2},    // others had the core
		{10, 6, 0, 0},      // nobody was ready
		{20, 18, 12, 0.1},  // both
		{10, 10.01, 10, 0}, // the two clocks differ
	} {
		if got := waitedFor(tt.cores, tt.ran, tt.waited); got != tt.want {
			t.Errorf("waitedFor(%v, %v, %v) = %v, want %v", tt.cores, tt.ran, tt.waited, got, tt.want)
		}
	}
}

// standIn writes a program that stands in for anomem.
func standIn(t *testing.T, script string) config {
	t.Helper()
	for _, name := range []string{"sh", "taskset"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	c := config{anomem: filepath.Join(t.TempDir(), "anomem"), seconds: 0.1}
	if err := os.WriteFile(c.anomem, []byte("#!/bin/sh\n"+script), 0o777); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInTurn(t *testing.T) {
	c := standIn(t, `while read job; do
	n=$((n + 1))
	echo "{\"seconds\": 10, \"images_per_s\": $n}"
done`)
	sides, err := c.startAll(t.Context(), []engine{project, project}, "infer/resnet18-32-b1", 1)
	defer endAll(sides)
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 3
	images, waited, err := inTurn(sides, rounds)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range images {
		if len(s) != rounds || s[0] < 2 { // the first answer was the warm-up's
			t.Errorf("side %d: %v", i, s)
		}
	}
	if waited < 0 {
		t.Errorf("waited %v of the time", waited)
	}
}

func TestSideFails(t *testing.T) {
	c := standIn(t, "echo no such benchmark >&2; exit 1")
	s, err := c.start(t.Context(), project, "infer/resnet18-32-b1", 1)
	if err == nil {
		s.end()
		t.Fatal("a program that fails is a side")
	}
	if !strings.Contains(err.Error(), "no such benchmark") {
		t.Errorf("the error does not say what the program printed: %v", err)
	}
}

// TestStoppedSideEnds cancels while the process is stopped.
func TestStoppedSideEnds(t *testing.T) {
	c := standIn(t, `while read job; do echo '{"seconds": 10, "images_per_s": 1}'; done`)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.start(ctx, project, "infer/resnet18-32-b1", 1)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a process that was killed ended well")
		}
	case <-time.After(10 * time.Second):
		t.Error("the process still lives")
	}
}
