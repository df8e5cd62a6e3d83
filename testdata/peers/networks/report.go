package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// report holds all measurements; --json prints it.
type report struct {
	text io.Writer // for people

	Machine machine     `json:"machine"`
	Level   string      `json:"level"` // asked for; "" is the best of each
	Rounds  int         `json:"rounds"`
	CPUTime bool        `json:"cpu_time"` // counted in place of the clock's
	Peers   []string    `json:"peers"`
	Speed   []speedRow  `json:"speed,omitempty"`
	Memory  []memoryRow `json:"memory,omitempty"`
	Batches []batchRow  `json:"batches,omitempty"`
}

// machine describes the machine.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Go     string `json:"go"`
	Commit string `json:"commit"`
}

func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version()}
	info, _ := os.ReadFile("/proc/cpuinfo")
	m.CPU = cpuName(string(info))
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	m.Commit = strings.TrimSpace(string(commit))
	return m
}

// cpuName returns the name of the first CPU in /proc/cpuinfo, with its family and
// model, because virtual machines often have a vague name.
func cpuName(info string) string {
	field := map[string]string{}
	for line := range strings.Lines(info) {
		if key, value, ok := strings.Cut(line, ":"); ok {
			field[strings.TrimSpace(key)] = strings.TrimSpace(value)
		} else if len(field) > 0 {
			break
		}
	}
	widest := "no AVX2"
	for _, f := range []string{"avx2", "avx512f"} {
		if strings.Contains(" "+field["flags"]+" ", " "+f+" ") {
			widest = f
		}
	}
	return fmt.Sprintf("%s (family %s, model %s, %s)", field["model name"], field["cpu family"], field["model"], widest)
}

func (r *report) printf(format string, args ...any) { fmt.Fprintf(r.text, format, args...) }

func (r *report) printHead() {
	level := "the best level of each"
	if r.Level != "" {
		level = r.Level
	}
	if r.CPUTime {
		level += "; CPU time"
	}
	r.printf("%s, %d cores; %s; anomem %s; %s; %d rounds\n\n",
		r.Machine.CPU, r.Machine.Cores, r.Machine.Go, r.Machine.Commit, level, r.Rounds)
}

// peer records an engine's version, and its level if the engine reports one.
func (r *report) peer(h hello) {
	if h.Version == "" {
		return
	}
	level := h.Level
	if level == "" {
		level = "its level is what it finds in the CPU"
		if r.Level != "" {
			level += ": it cannot be held to " + r.Level
		}
	}
	line := h.Version + " (" + level + ")"
	for _, p := range r.Peers {
		if p == line {
			return
		}
	}
	r.Peers = append(r.Peers, line)
}

func (r *report) printFoot() { r.printf("\n%s\n", strings.Join(r.Peers, "; ")) }
