package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"time"

	"anomem/simd/pool"
)

func benchCommand() *command {
	return &command{
		name:    "bench",
		summary: "measure the kernels on this machine",
		args:    "[flags]",
		text: `
Bench measures the kernels at the SIMD level in use:

  peak         fused multiply-adds that touch registers only: what this machine
               could do at best
  sgemm/N      the product of two N×N matrices, float32
  sgemm/MxNxK  an M×K matrix times a K×N one; the shapes are those of ResNet-50's
               1×1 convolutions on 1, 2, 4 and 8 images of 224×224
  prepacked/MxNxK  the same with the second factor packed beforehand, as
               scoring packs the weights of a network
  sgemm-moments/MxNxK  sgemm that also sums its result's columns and their
               squares, as training does for a batch norm
  conv/KxKsS-HxCxO/PASS  a convolution of ResNet-50 with C channels in and O out,
               on 8 maps of H×H with stride S; forward, backward-data or
               backward-weights, counted as direct convolutions
  infer/NET-S-bB, train/NET-S-bB
               a residual network on B images of S×S: forward with fixed
               statistics, and a step of training; counted as direct convolutions,
               with images a second beside
  NAME/SIZE    every other kernel, on vectors of SIZE numbers (2Ki: in the first
               cache; 16Mi: in memory) or on ROWSxCOLS matrices

Products are in GFLOP/s: an addition and a multiplication each count one. Other
kernels are in GB/s: each operand's bytes count once for being read, the result's
once for being written. A figure is the median of 11 runs after a warm-up. The peak
is measured again before each run of a product, and "of peak" is the median of the
quotients; rows in GB/s have none.

A network's row ends with the most memory that was resident, weights and images
included, where the system tells (Linux).

Kernels that do not share their work among threads run on one thread, whatever
--threads says.

With --on-request, bench reads names of rows from standard input, a line each. It
answers each with one timed run of about --time, as JSON, so that another program
can measure in turn with it. A network may then have any batch.`,
		examples: `anomem bench
anomem bench --only sgemm --threads 1
anomem bench --only '^(add|exp)/' --time 200ms
anomem bench --json > bench.jsonl
echo train/resnet18-32-b4 | anomem bench --on-request --time 1s
ANOMEM_SIMD=avx2 anomem bench --only peak`,
		run: runBench,
	}
}

// A benchmark is a row of the table that bench measures.
type benchmark struct {
	name     string
	unit     string  // "GFLOP/s" or "GB/s"
	work     float64 // operations, or bytes read and written, a call
	parallel bool    // runs on the pool; otherwise on one thread
	images   int     // a call, where that is a measure
	// setup allocates the operands and returns the call to be measured. It is nil
	// for the peak.
	setup func(p *pool.Pool) func()
}

// result is what bench measures, and a line of bench --json.
type result struct {
	Name    string   `json:"name"`
	Threads int      `json:"threads"`
	Value   float64  `json:"value"`
	Unit    string   `json:"unit"`
	OfPeak  *float64 `json:"of_peak"`                // null where the unit has no peak
	Images  float64  `json:"images_per_s,omitempty"` // of networks
	Memory  int64    `json:"peak_bytes,omitempty"`   // of networks: resident memory it took at most
}

// benchFlags are the options of bench.
type benchFlags struct {
	only                           string
	budget                         time.Duration
	threads                        int
	list, exact, onRequest, asJSON bool
}

func (f *benchFlags) declare(e *env) {
	g := e.group("Flags")
	option(g, &f.only, "only", "", "measure the rows whose names match `REGEXP`")
	option(g, &f.list, "list", false, "print the names and measure nothing")
	option(g, &f.budget, "time", time.Second, "measure each row for about `TIME`", above(time.Duration(0)))
	option(g, &f.exact, "exact", false, "train with direct convolutions, none by Winograd's algorithm")
	option(g, &f.onRequest, "on-request", false, "read names from standard input and measure one run of each as it comes")
	g.threads(&f.threads)
	g.json(&f.asJSON, "one JSON object a result")
}

func runBench(e *env, args []string) error {
	var f benchFlags
	f.declare(e)
	if done, err := e.parse(args); done {
		return err
	}
	pattern, err := regexp.Compile(f.only)
	if err != nil {
		return usagef("--only: %v", err)
	}
	selected := slices.DeleteFunc(benchmarks(f.exact), func(b benchmark) bool { return !pattern.MatchString(b.name) })
	if len(selected) == 0 {
		return usagef("--only: no benchmark matches %q", f.only)
	}
	if f.list {
		for _, b := range selected {
			fmt.Fprintln(e.stdout, b.name)
		}
		return nil
	}

	// More threads than GOMAXPROCS would take turns on the same cores.
	if f.threads > runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(f.threads)
	}
	e.headline(e.headlineWriter(f.asJSON || f.onRequest), f.threads)
	p := pool.New(f.threads)
	defer p.Close()
	if f.onRequest {
		return serveRuns(os.Stdin, e.stdout, p, f.budget, f.exact)
	}
	show := showJSON(e.stdout)
	if !f.asJSON {
		show = showText(e.stdout, selected)
	}
	for _, b := range selected {
		if show(measure(b, p, f.budget)); e.stdout.err != nil {
			return e.stdout.err
		}
	}
	return nil
}

func showJSON(w io.Writer) func(result) {
	enc := json.NewEncoder(w)
	return func(r result) { enc.Encode(r) } // the writer keeps the error
}

func showText(w io.Writer, selected []benchmark) func(result) {
	width := len("name")
	for _, b := range selected {
		width = max(width, len(b.name))
	}
	fmt.Fprintf(w, "%-*s  %7s  %10s  %-7s  %7s\n", width, "name", "threads", "value", "unit", "of peak")
	return func(r result) {
		share := "-"
		if r.OfPeak != nil {
			share = fmt.Sprintf("%.1f %%", *r.OfPeak*100)
		}
		fmt.Fprintf(w, "%-*s  %7d  %10.4g  %-7s  %7s", width, r.Name, r.Threads, r.Value, r.Unit, share)
		if r.Images > 0 {
			fmt.Fprintf(w, "  %.4g images/s", r.Images)
		}
		if r.Memory > 0 {
			fmt.Fprintf(w, "  %d MiB", r.Memory>>20)
		}
		fmt.Fprintln(w)
	}
}
