// Command peers times this repository's matrix product and OpenBLAS's in turn, so that
// both see the same load of a shared machine.
//
//	go -C testdata/peers run . -level avx2 -core Haswell
//	go -C testdata/peers run . -level avx512 -core SkylakeX -only '^sgemm/[0-9]+$'
//
// It needs a C compiler and OpenBLAS with its headers (Debian: libopenblas-dev).
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// config holds the flags.
type config struct {
	level   string // of ours; "" is the best
	core    string // of theirs; "" is what it detects
	only    string
	threads int
	rounds  int
	seconds float64 // a measurement
}

func run() error {
	var c config
	flag.StringVar(&c.level, "level", "", "run ours at `LEVEL` (ANOMEM_SIMD)")
	flag.StringVar(&c.core, "core", "", "run theirs as `TYPE`: Haswell, Zen, SkylakeX, Cooperlake (OPENBLAS_CORETYPE)")
	flag.StringVar(&c.only, "only", "^sgemm/", "compare the benchmarks that match `REGEXP`")
	flag.IntVar(&c.threads, "threads", 1, "run both on `N` threads")
	flag.IntVar(&c.rounds, "rounds", 5, "measure each `N` times, in turn")
	flag.Float64Var(&c.seconds, "seconds", 0.3, "measure for `S` seconds each time")
	flag.Parse()
	if flag.NArg() > 0 || c.rounds < 1 || c.threads < 1 || c.seconds <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := build(dir)
	if err != nil {
		return err
	}
	return b.compare(c)
}

// binaries are the two programs that are compared.
type binaries struct{ ours, theirs string }

func build(dir string) (binaries, error) {
	b := binaries{filepath.Join(dir, "anomem"), filepath.Join(dir, "sgemm")}
	cc := cmp.Or(os.Getenv("CC"), "cc")
	if _, err := output(nil, cc, "-O2", "-o", b.theirs, "openblas/sgemm.c", "-lopenblas"); err != nil {
		return b, fmt.Errorf("building the C program (is libopenblas-dev there?): %w", err)
	}
	_, err := output([]string{"CGO_ENABLED=0"}, "go", "-C", "../..", "build", "-o", b.ours, "./cmd/anomem")
	return b, err
}

// compare prints a line a benchmark.
func (b binaries) compare(c config) error {
	env := []string{"ANOMEM_SIMD=" + c.level}
	list, err := output(env, b.ours, "bench", "--list", "--only", c.only)
	if err != nil {
		return err
	}
	printed := false
	for name := range strings.FieldsSeq(list) {
		shape, ok := shapeOf(name)
		if !ok {
			continue
		}
		var ours, theirs []float64
		var library string
		for range c.rounds {
			v, err := b.runOurs(c, name)
			if err != nil {
				return err
			}
			w, lib, err := b.runTheirs(c, shape)
			if err != nil {
				return err
			}
			ours, theirs, library = append(ours, v), append(theirs, w), lib
		}
		if !printed {
			printed = true
			fmt.Printf("theirs: %s\nours: level %s; threads %d; medians of %d rounds; GFLOP/s\n\n",
				library, cmp.Or(c.level, "as detected"), c.threads, c.rounds)
			fmt.Printf("%-22s %8s %8s %6s\n", "m x n x k", "ours", "theirs", "ratio")
		}
		fmt.Printf("%-22s %8.1f %8.1f %6.3f\n", strings.Join(shape[:], " x "), median(ours), median(theirs), median(ours)/median(theirs))
	}
	if !printed {
		return fmt.Errorf("no product among the benchmarks that match %q", c.only)
	}
	return nil
}

// shapeOf returns m, n and k of the benchmark sgemm/N or sgemm/MxNxK.
func shapeOf(name string) (mnk [3]string, ok bool) {
	size, ok := strings.CutPrefix(name, "sgemm/")
	if !ok {
		return mnk, false
	}
	switch parts := strings.Split(size, "x"); len(parts) {
	case 1:
		return [3]string{size, size, size}, true
	case 3:
		return [3]string(parts), true
	}
	return mnk, false
}

func (b binaries) runOurs(c config, name string) (float64, error) {
	out, err := output([]string{"ANOMEM_SIMD=" + c.level}, b.ours, "bench", "--json",
		"--threads", strconv.Itoa(c.threads), "--time", fmt.Sprintf("%gs", c.seconds), "--only", "^"+name+"$")
	if err != nil {
		return 0, err
	}
	var r struct {
		Name  string
		Value float64
		Unit  string
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		return 0, fmt.Errorf("anomem bench printed %q: %w", out, err)
	}
	if r.Name != name || r.Unit != "GFLOP/s" {
		return 0, fmt.Errorf("anomem bench measured %s in %s, not %s in GFLOP/s", r.Name, r.Unit, name)
	}
	return r.Value, nil
}

func (b binaries) runTheirs(c config, shape [3]string) (gflops float64, library string, err error) {
	env := []string{"OPENBLAS_NUM_THREADS=" + strconv.Itoa(c.threads)}
	if c.core != "" {
		env = append(env, "OPENBLAS_CORETYPE="+c.core)
	}
	args := append([]string{fmt.Sprint(c.seconds)}, shape[:]...)
	out, err := output(env, b.theirs, args...)
	if err != nil {
		return 0, "", err
	}
	// The library's version, its core type, then the figure.
	var lines []string
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); {
		lines = append(lines, s.Text())
	}
	if len(lines) != 3 {
		return 0, "", fmt.Errorf("the C program printed %q", out)
	}
	if c.core != "" && !strings.EqualFold(lines[1], c.core) {
		return 0, "", fmt.Errorf("OpenBLAS runs as %s, not as %s: this CPU or this build lacks it", lines[1], c.core)
	}
	fields := strings.Fields(lines[2])
	gflops, err = strconv.ParseFloat(fields[len(fields)-1], 64)
	return gflops, strings.TrimSpace(lines[0]) + ", core type " + lines[1], err
}

// output runs a command and returns what it prints to standard output.
func output(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return string(out), nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}
