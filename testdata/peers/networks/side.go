package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A side is a process that runs one network on request.
type side struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stderr  bytes.Buffer
	request string
	threads int
	cpuTime bool
	hello   hello
}

// hello is the first line of peer.py, when it is ready.
type hello struct {
	Version string `json:"version"`
	Level   string `json:"level"`      // "" is unknown
	Idle    int64  `json:"idle_bytes"` // resident before the network was made
}

// answer is a side's line after a run.
type answer struct {
	Seconds float64 `json:"seconds"`
	Images  float64 `json:"images_per_s"`

	waited float64 // share of the threads' time in which they were ready but had no core
}

// engine is the software that runs a side's network.
type engine struct{ name, layout string } // layout: of PyTorch

var (
	project   = engine{name: "anomem"}
	torchNCHW = engine{"torch", "nchw"}
	torchNHWC = engine{"torch", "nhwc"}
	onnx      = engine{name: "onnxruntime"}
)

// start starts an engine on a job, such as train/resnet18-32-b64, waits until it has
// warmed up and stops it.
func (c config) start(ctx context.Context, e engine, job string, threads int) (*side, error) {
	args := []string{"-c", strings.Join(c.coresFor(threads), ",")}
	n, seconds := strconv.Itoa(threads), fmt.Sprint(c.seconds)
	if e == project {
		args = append(args, c.anomem, "bench", "--on-request", "--threads", n, "--time", seconds+"s")
	} else {
		args = append(args, c.python, filepath.Join("networks", "peer.py"),
			"--engine", e.name, "--job", job, "--threads", n, "--seconds", seconds)
		if e.layout != "" {
			args = append(args, "--layout", e.layout)
		}
	}
	s := &side{cmd: exec.CommandContext(ctx, "taskset", args...), request: job, threads: threads, cpuTime: c.cpuTime}
	s.cmd.Env = append(os.Environ(), "ANOMEM_SIMD="+c.level)
	if c.level == "avx2" {
		// PyTorch's own kernels, its convolutions and its products. ONNX Runtime has no
		// such setting.
		s.cmd.Env = append(s.cmd.Env, "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2")
	}
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if e == project {
		_, err = s.ask() // sets up and warms up
	} else {
		err = s.read(&s.hello)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, s.signal(syscall.SIGSTOP)
}

// coresFor returns the cores to which a run on that many threads is pinned.
func (c config) coresFor(threads int) []string {
	cores := c.cores
	for i := len(cores); i < threads; i++ {
		cores = append(cores, strconv.Itoa(i))
	}
	return cores[:threads]
}

// run lets a stopped side run once.
func (s *side) run() (answer, error) {
	if err := s.signal(syscall.SIGCONT); err != nil {
		return answer{}, err
	}
	a, err := s.ask()
	if err != nil {
		return a, err
	}
	return a, s.signal(syscall.SIGSTOP)
}

func (s *side) ask() (a answer, err error) {
	ran, waited := s.times()
	if _, err := fmt.Fprintln(s.in, s.request); err != nil {
		return a, s.failed(err)
	}
	if err := s.read(&a); err != nil {
		return a, err
	}
	ranNow, waitedNow := s.times()
	if s.cpuTime {
		a.Images *= a.Seconds / (ranNow - ran)
		return a, nil
	}
	a.waited = waitedFor(a.Seconds*float64(s.threads), ranNow-ran, waitedNow-waited)
	if s.realTime() {
		a.waited = max(0, a.waited-reserved)
	}
	return a, nil
}

// reserved is the share of a core's time that Linux denies real-time tasks if others
// want it. It affects every side alike, in every round.
const reserved = 0.05

// waitedFor returns the share of its cores' time in which other processes kept a process
// waiting, if its threads ran and waited for that long in sum. A thread also waits for a
// core that another thread of its process has, as Go's monitor does all the time at
// real-time priority on a single core. Others can have kept the process waiting only
// while its cores did not run it.
func waitedFor(cores, ran, waited float64) float64 {
	return min(waited, max(0, cores-ran)) / cores
}

func (s *side) read(v any) error {
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return s.failed(err)
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("%s: %q: %w", s.cmd, line, err)
	}
	return nil
}

// failed adds to an error what the process has printed.
func (s *side) failed(err error) error {
	s.in.Close()
	if ended := s.cmd.Wait(); ended != nil {
		err = ended // "signal: killed" says more than the end of its output
	}
	return fmt.Errorf("%s: %w\n%s", s.cmd, err, &s.stderr)
}

func (s *side) signal(sig os.Signal) error { return s.cmd.Process.Signal(sig) }

func (s *side) end() {
	s.in.Close()
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// times returns the seconds that the threads of the process have run, and, if the kernel
// counts them, the seconds that they have waited for a core while they were ready.
func (s *side) times() (ran, waited float64) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	for _, name := range files {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		var r, w float64
		fmt.Sscan(string(stat), &r, &w) // proc(5): in nanoseconds
		ran, waited = ran+r/1e9, waited+w/1e9
	}
	return ran, waited
}

// realTime reports whether the process runs at real-time priority.
func (s *side) realTime() bool { return !strings.Contains(s.scheduling(), "real-time priority 0,") }

// scheduling returns the policy, the real-time priority and the niceness of the process
// as one string.
func (s *side) scheduling() string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may have spaces
	f := strings.Fields(rest)
	if len(f) < 39 {
		return ""
	}
	return fmt.Sprintf("policy %s, real-time priority %s, nice %s", f[38], f[37], f[16])
}

// peak returns the peak resident memory of the process, in bytes.
func (s *side) peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if fields := strings.Fields(rest); ok && len(fields) > 0 {
		kib, err := strconv.ParseInt(fields[0], 10, 64)
		return kib << 10, err
	}
	return 0, errors.New("the system does not report the peak resident memory")
}
