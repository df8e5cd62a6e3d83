package check

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Outcome is what became of one check, and a line of verify --json.
type Outcome struct {
	Family  string  `json:"family"`
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Run runs checks and hands each outcome to report, one at a time.
// Kernel checks switch the level of the whole process, so they run alone, first
// and in order; the others then share the cores.
func Run(all []Check, report func(Outcome)) {
	var rest []Check
	for _, c := range all {
		if strings.HasPrefix(c.Family, "kernels/") {
			report(run(c))
		} else {
			rest = append(rest, c)
		}
	}
	var (
		next atomic.Int64
		mu   sync.Mutex
		wg   sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(rest) {
					return
				}
				o := run(rest[i])
				mu.Lock()
				report(o)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// run runs one check. A panic, and a kernel that touches memory it does not
// own, count as failures.
func run(c Check) (o Outcome) {
	o = Outcome{Family: c.Family, Name: c.Name}
	start := time.Now()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			o.OK, o.Error = false, fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
		o.Seconds = time.Since(start).Round(time.Microsecond).Seconds()
	}()
	if err := c.Run(); err != nil {
		o.Error = err.Error()
		return o
	}
	o.OK = true
	return o
}
