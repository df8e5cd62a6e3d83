package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"anomem/simd/pool"
)

// timedRun is what bench --on-request prints for a name that it has read.
type timedRun struct {
	Name    string  `json:"name"`
	Threads int     `json:"threads"`
	Calls   int     `json:"calls"`
	Seconds float64 `json:"seconds"` // of all calls together
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Images  float64 `json:"images_per_s,omitempty"`
}

// serveRuns reads names of benchmarks, a line each, and answers each with one timed run of
// about that time, an object a line. Another process can so measure in turn with this one,
// without a start and a warm-up before every run. The operands of a benchmark are kept until
// another name comes.
func serveRuns(in io.Reader, out io.Writer, p *pool.Pool, each time.Duration, exact bool) error {
	answers := json.NewEncoder(out)
	var now benchmark
	var call func()
	var calls int
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		name := strings.TrimSpace(lines.Text())
		if call == nil || name != now.name {
			var err error
			if now, err = requested(name, exact); err != nil {
				return err
			}
			call = nil // the memory of the last one may go before the next is set up
			call = now.setup(p)
			calls = callsFor(call, each)
		}
		if err := answers.Encode(now.timed(call, calls, p)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// timed runs calls calls.
func (b benchmark) timed(call func(), calls int, p *pool.Pool) timedRun {
	start := time.Now()
	for range calls {
		call()
	}
	r := timedRun{Name: b.name, Threads: 1, Calls: calls, Seconds: time.Since(start).Seconds(), Unit: b.unit}
	if b.parallel {
		r.Threads = p.Threads()
	}
	r.Value = round(b.work * float64(calls) / r.Seconds / 1e9)
	r.Images = round(float64(b.images*calls) / r.Seconds)
	return r
}

// requested returns the benchmark of a name: a row of the table, or one of its
// networks on any batch.
func requested(name string, exact bool) (benchmark, error) {
	for _, b := range benchmarks(exact) {
		if b.name == name && b.setup != nil {
			return b, nil
		}
	}
	if b, ok := networkOfName(name, exact); ok {
		return b, nil
	}
	return benchmark{}, fmt.Errorf("no benchmark %q to run on request", name)
}

// networkOfName reads infer/resnetD-S-bB and train/resnetD-S-bB, with the depths and sizes of
// the table: for others no operations are counted.
func networkOfName(name string, exact bool) (benchmark, bool) {
	var n network
	var batch int
	pass, rest, _ := strings.Cut(name, "/")
	if _, err := fmt.Sscanf(rest, "resnet%d-%d-b%d", &n.depth, &n.size, &batch); err != nil || batch < 1 || batch > math.MaxInt16 {
		return benchmark{}, false
	}
	if n.depth != 18 && n.depth != 50 || n.size != 32 && n.size != 224 {
		return benchmark{}, false
	}
	var b benchmark
	switch pass {
	case "infer":
		b = n.infer(batch)
	case "train":
		b = n.train(batch, exact)
	}
	return b, b.name == name // no sign, no leading zero, nothing behind
}
