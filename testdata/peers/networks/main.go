// Command networks times this repository's networks and those of PyTorch and ONNX
// Runtime in turn, one run of each in a round, so that all see the same load of a
// shared machine.
//
//	python3 -m pip install -r testdata/peers/networks/requirements.txt
//	go -C testdata/peers run ./networks
//	go -C testdata/peers run ./networks --level avx2 --threads 1 --only train
//	go -C testdata/peers run ./networks --what memory
//	go -C testdata/peers run ./networks --what batches
//
// Each side is a process that stays alive, so that neither its start nor its warm-up is
// timed. All are pinned to the same cores, and a side is stopped while another runs, so
// that its idle threads and its garbage collector take no time. If Linux reports that a
// run had to wait for a core, the round is repeated; if the sides are not scheduled
// alike, the comparison ends.
//
// It runs on Linux. On a machine that others use, build it and start it under
// "chrt -f 10": the processes that it starts inherit that.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	// A side that is stopped would outlive this process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "networks:", err)
		os.Exit(1)
	}
}

// config holds the flags.
type config struct {
	what    string
	only    *regexp.Regexp
	level   string // "" is the best of each
	threads []int
	cores   []string // pinned to; a run on n threads takes the first n
	rounds  int
	seconds float64 // a run
	python  string
	cpuTime bool
	json    bool
	anomem  string // the binary
}

func run(ctx context.Context) error {
	c, err := parseFlags()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "networks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := c.build(dir); err != nil {
		return err
	}
	var text io.Writer = os.Stdout
	if c.json {
		text = os.Stderr
	}
	r := report{text: text, Machine: thisMachine(), Level: c.level, Rounds: c.rounds, CPUTime: c.cpuTime}
	r.printHead()
	switch c.what {
	case "speed":
		err = r.speed(ctx, c)
	case "memory":
		err = r.memory(ctx, c)
	case "batches":
		err = r.batches(ctx, c)
	default:
		err = fmt.Errorf("--what: no comparison %q", c.what)
	}
	if err != nil {
		return err
	}
	r.printFoot()
	if c.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "\t")
		return enc.Encode(r)
	}
	return nil
}

// parseFlags returns what the command line asks for. It prints the usage and exits
// where a value is out of range.
func parseFlags() (config, error) {
	var c config
	flag.StringVar(&c.what, "what", "speed", "compare `WHAT`: speed, memory, or the project's batches")
	only := flag.String("only", "", "compare the networks that match `REGEXP`, such as train/resnet50")
	flag.StringVar(&c.level, "level", "", "hold every engine that has such a setting to `LEVEL`; the only one is avx2")
	threads := flag.String("threads", "1,2", "run on each of these numbers of threads")
	cores := flag.String("cores", "", "pin to these CPUs (default 0, 1, ...)")
	flag.IntVar(&c.rounds, "rounds", 7, "measure each `N` times, in turn")
	flag.Float64Var(&c.seconds, "seconds", 0.5, "measure for `S` seconds each time, and for one step at least")
	flag.StringVar(&c.python, "python", "python3", "the Python that has the other engines")
	flag.BoolVar(&c.cpuTime, "cpu-time", false, "on one thread, count the CPU's time in place of the clock's: a look on a busy machine")
	flag.BoolVar(&c.json, "json", false, "print one JSON object, and the table to standard error")
	flag.Parse()
	var err error
	if c.only, err = regexp.Compile(*only); err != nil {
		return c, err
	}
	for n := range strings.SplitSeq(*threads, ",") {
		t, err := strconv.Atoi(n)
		if err != nil || t < 1 || t > 1024 {
			return c, fmt.Errorf("--threads: %q is not a number of threads", n)
		}
		c.threads = append(c.threads, t)
	}
	if c.cpuTime && slices.Max(c.threads) > 1 {
		return c, errors.New("--cpu-time: threads that wait for each other may take CPU time or not; add --threads 1")
	}
	if *cores != "" {
		c.cores = strings.Split(*cores, ",")
	}
	if flag.NArg() > 0 || c.rounds < 1 || c.seconds <= 0 || c.level != "" && c.level != "avx2" {
		flag.Usage()
		os.Exit(2)
	}
	if c.python, err = exec.LookPath(c.python); err != nil {
		return c, fmt.Errorf("--python: %w", err)
	}
	return c, nil
}

// build builds the command in dir.
func (c *config) build(dir string) error {
	c.anomem = filepath.Join(dir, "anomem")
	build := exec.Command("go", "-C", "../..", "build", "-o", c.anomem, "./cmd/anomem")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building anomem: %w\n%s", err, out)
	}
	return nil
}
