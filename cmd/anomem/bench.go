package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
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
		args:    "[--json] [--threads N] [--only REGEXP] [--list] [--time D] [--exact] [--on-request]",
		text: `
Bench measures the kernels at the SIMD level in use:

  peak         fused multiply-adds that touch registers only: what this machine
               could do at best
  sgemm/N      the product of two N×N matrices, float32
  sgemm/MxNxK  an M×K matrix times a K×N one; the shapes are those of ResNet-50's
               1×1 convolutions on 1, 2, 4 and 8 images of 224×224
  prepacked/MxNxK  the same with the second factor packed beforehand, as the
               weights of a network are that is only used
  sgemm-moments/MxNxK  sgemm that takes its result's sums and sums of squares down
               columns as well, as training does for a batch norm
  conv/KxKsS-HxCxO/PASS  a convolution of ResNet-50 with C channels in and O out,
               on 8 maps of H×H with stride S; forward, backward-data or
               backward-weights, counted as direct convolutions
  infer/NET-S-bB, train/NET-S-bB
               a residual network on B images of S×S: forward with fixed
               statistics, and a step of training; counted as direct convolutions,
               with images a second beside
  NAME/SIZE    every other kernel, on vectors of SIZE numbers (2Ki: in the first
               cache; 16Mi: in memory) or on ROWSxCOLS matrices

Products are in GFLOP/s, an addition and a multiplication each counting one;
other kernels in GB/s, counting each operand's bytes once for being read and the
result's once for being written. A figure is the median of 11 runs after
a warm-up. The peak is measured again before each run of a product, and of_peak
is the median of the quotients; what is measured in GB/s has none.

A network's row also says how much resident memory it took at most, its weights
and images included, where the system tells (Linux).

Kernels that do not share their work among threads run on one, whatever
--threads says.

With --on-request, bench reads names of rows from standard input, a line each,
and answers each with one timed run of about the time of --time, as JSON, so that
another program can measure in turn with it. A network may then have any batch.`,
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

func runBench(e *env, args []string) error {
	asJSON := e.flags.Bool("json", false, "print one JSON object a result")
	threads := e.flags.Int("threads", runtime.GOMAXPROCS(0), "run on `N` threads")
	only := e.flags.String("only", "", "measure what matches `REGEXP`")
	list := e.flags.Bool("list", false, "print the names and measure nothing")
	exact := e.flags.Bool("exact", false, "train with direct convolutions, none by Winograd's algorithm")
	budget := e.flags.Duration("time", time.Second, "measure each for a time of `D`")
	onRequest := e.flags.Bool("on-request", false, "read names from standard input and measure one run of each as it comes")
	if done, err := e.parse(args); done {
		return err
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return usagef("--only: %v", err)
	}
	if *threads < 1 || *threads > 1024 {
		return usagef("--threads: %d is not between 1 and 1024", *threads)
	}
	if *budget <= 0 {
		return usagef("--time: %v is not a time to measure for", *budget)
	}
	selected := slices.DeleteFunc(benchmarks(*exact), func(b benchmark) bool { return !pattern.MatchString(b.name) })
	if len(selected) == 0 {
		return usagef("--only: no benchmark matches %q", *only)
	}
	if *list {
		for _, b := range selected {
			fmt.Fprintln(e.stdout, b.name)
		}
		return nil
	}

	// More threads than GOMAXPROCS would take turns on the same cores.
	if *threads > runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(*threads)
	}
	e.headline(e.headlineWriter(*asJSON || *onRequest), *threads)
	p := pool.New(*threads)
	defer p.Close()
	if *onRequest {
		return serveRuns(os.Stdin, e.stdout, p, *budget, *exact)
	}
	show := showJSON(e.stdout)
	if !*asJSON {
		show = showText(e.stdout, selected)
	}
	for _, b := range selected {
		if show(measure(b, p, *budget)); e.stdout.err != nil {
			return e.stdout.err
		}
	}
	return nil
}

// runsPerFigure is how many runs a figure is the median of.
const runsPerFigure = 11

// measure times one benchmark for about the time of budget.
func measure(b benchmark, p *pool.Pool, budget time.Duration) result {
	r := result{Name: b.name, Threads: 1, Unit: b.unit}
	if b.parallel {
		r.Threads = p.Threads()
	}
	each := budget / runsPerFigure
	if b.setup == nil {
		var peaks []float64
		for range runsPerFigure {
			peaks = append(peaks, peak(r.Threads, each))
		}
		one := 1.0
		r.Value, r.OfPeak = round(median(peaks)), &one
		return r
	}
	var before int64
	if b.images > 0 {
		before = startMemoryPeak()
	}
	call := b.setup(p)
	calls := callsFor(call, each)
	var values, shares []float64
	for range runsPerFigure {
		var top float64
		if b.unit == unitFlops {
			top = peak(r.Threads, besidePeakTime)
		}
		start := time.Now()
		for range calls {
			call()
		}
		value := b.work * float64(calls) / time.Since(start).Seconds() / 1e9
		values = append(values, value)
		if top > 0 {
			shares = append(shares, value/top)
		}
	}
	r.Value = round(median(values))
	r.Images = round(r.Value * 1e9 / b.work * float64(b.images))
	if before > 0 {
		r.Memory = max(0, memoryPeak()-before)
	}
	if len(shares) > 0 {
		share := round(median(shares))
		r.OfPeak = &share
	}
	return r
}

// callsFor warms up, and returns how many calls take about the time of each.
func callsFor(call func(), each time.Duration) int {
	call()
	for calls := 1; ; calls *= 2 {
		start := time.Now()
		for range calls {
			call()
		}
		if took := time.Since(start); took > each/4 {
			return max(1, int(math.Round(float64(calls)*float64(each)/float64(took))))
		}
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// round keeps four digits: more would be noise.
func round(v float64) float64 {
	if v <= 0 {
		return v
	}
	unit := math.Pow(10, 3-math.Floor(math.Log10(v)))
	return math.Round(v*unit) / unit
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
