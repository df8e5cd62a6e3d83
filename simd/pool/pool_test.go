package pool

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// count marks each chunk that ran.
type count struct{ runs []atomic.Int32 }

func (c *count) Chunk(i int) { c.runs[i].Add(1) }

func (c *count) check(t *testing.T) {
	t.Helper()
	for i := range c.runs {
		if n := c.runs[i].Load(); n != 1 {
			t.Fatalf("chunk %d of %d ran %d times", i, len(c.runs), n)
		}
	}
}

func TestEveryChunkRunsOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := New(threads)
		for _, n := range []int{0, 1, 2, 3, 7, 100, 1000} {
			c := &count{make([]atomic.Int32, n)}
			p.Run(c, n)
			c.check(t)
		}
		p.Close()
	}
	c := &count{make([]atomic.Int32, 5)}
	(*Pool)(nil).Run(c, 5)
	c.check(t)
}

func TestRunAfterCloseIsSerial(t *testing.T) {
	p := New(4)
	p.Close()
	p.Close()
	c := &count{make([]atomic.Int32, 9)}
	p.Run(c, 9)
	c.check(t)
}

func TestManyCallers(t *testing.T) {
	p := New(3)
	defer p.Close()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 100 {
				c := &count{make([]atomic.Int32, 13)}
				p.Run(c, 13)
				c.check(t)
			}
		})
	}
	wg.Wait()
}

// nested runs a task of its own in every chunk.
type nested struct {
	p     *Pool
	total atomic.Int32
}

type add struct{ total *atomic.Int32 }

func (a add) Chunk(int) { a.total.Add(1) }

func (n *nested) Chunk(int) { n.p.Run(add{&n.total}, 10) }

func TestNestedRun(t *testing.T) {
	p := New(2)
	defer p.Close()
	n := &nested{p: p}
	p.Run(n, 50)
	if got := n.total.Load(); got != 500 {
		t.Fatalf("%d inner chunks ran, want 500", got)
	}
}

type failing struct{ at int }

func (f failing) Chunk(i int) {
	if i == f.at {
		panic(fmt.Sprint("chunk ", i))
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	p := New(4)
	defer p.Close()
	for at := range 20 {
		func() {
			defer func() {
				if got, want := recover(), fmt.Sprint("chunk ", at); got != want {
					t.Fatalf("recovered %v, want %q", got, want)
				}
			}()
			p.Run(failing{at}, 20)
		}()
		c := &count{make([]atomic.Int32, 30)} // the pool still works
		p.Run(c, 30)
		c.check(t)
	}
}

// TestNoAllocationPerRun: what a pool allocates has a bound, whatever the number
// of runs. A job that is not free is held by its caller, by a worker, or by an
// invitation in the queue, so there never are more jobs than these places, and the
// scheduler decides how many of them are needed.
func TestNoAllocationPerRun(t *testing.T) {
	const runs = 20_000
	for _, threads := range []int{2, 4} {
		p := New(threads)
		c := &count{make([]atomic.Int32, 64)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			p.Run(c, len(c.runs))
		}
		runtime.ReadMemStats(&after)
		jobs := uint64(1 + (threads - 1) + cap(p.jobs))
		// A job, its channel, and the list of free jobs that grows; 20 are
		// ReadMemStats' and the runtime's own.
		if d := after.Mallocs - before.Mallocs; d > 3*jobs+20 {
			t.Errorf("%d threads: %d runs made %d allocations, want at most %d", threads, runs, d, 3*jobs+20)
		}
		p.Close()
	}
}

// meeting runs f in each of its two chunks, once both have started and so are on
// two goroutines: the caller and a worker.
type meeting struct {
	both sync.WaitGroup
	f    func(onWorker bool)
}

func meet(f func(onWorker bool)) *meeting {
	m := &meeting{f: f}
	m.both.Add(2)
	return m
}

func (m *meeting) Chunk(int) {
	m.both.Done()
	m.both.Wait()
	m.f(bytes.Contains(debug.Stack(), []byte("(*Pool).serve")))
}

// TestFaultOnWorker: with debug.SetPanicOnFault on the caller, a fault on a worker
// is a panic on the caller, as one in a chunk of its own.
func TestFaultOnWorker(t *testing.T) {
	p := New(2)
	defer p.Close()
	for _, worker := range []bool{true, false} {
		func() {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if err, ok := recover().(runtime.Error); !ok || !strings.Contains(err.Error(), "address") {
					t.Errorf("on a worker %t: recovered %v, want the fault", worker, err)
				}
			}()
			p.Run(meet(func(onWorker bool) {
				if onWorker == worker {
					readUnmapped()
				}
			}), 2)
			t.Errorf("on a worker %t: no panic", worker)
		}()
	}
	// The setting is the caller's: it holds on no worker for a caller without it.
	p.Run(meet(func(bool) {
		if debug.SetPanicOnFault(false) {
			t.Error("faults are panics for a caller that did not ask for it")
		}
	}), 2)
}

// readUnmapped reads memory that is not there.
func readUnmapped() byte {
	address := uintptr(1) << 46
	return *(*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address)))
}

// TestGoexit ends the goroutine in a chunk, as a test's Fatal does: on the caller
// that ends the caller, on a worker the caller panics. Nobody waits for ever, and
// the pool has as many workers as before.
func TestGoexit(t *testing.T) {
	p := New(2)
	defer p.Close()
	for _, worker := range []bool{true, false, true} {
		ended := make(chan any)
		go func() {
			defer func() { ended <- recover() }()
			p.Run(meet(func(onWorker bool) {
				if onWorker == worker {
					runtime.Goexit()
				}
			}), 2)
			t.Errorf("on a worker %t: Run returned", worker)
		}()
		v := <-ended
		if said := strings.Contains(fmt.Sprint(v), "Goexit"); said != worker {
			t.Errorf("on a worker %t: recovered %v", worker, v)
		}
	}
	// Alone, the caller would wait for ever.
	p.Run(meet(func(bool) {}), 2)
	c := &count{make([]atomic.Int32, 30)}
	p.Run(c, 30)
	c.check(t)
}

// leaving ends the goroutine in every chunk.
type leaving struct{}

func (leaving) Chunk(int) { runtime.Goexit() }

func TestGoexitEverywhere(t *testing.T) {
	p := New(3)
	for range 100 {
		ended := make(chan any)
		go func() {
			defer func() { ended <- recover() }()
			p.Run(leaving{}, 50)
			t.Error("Run returned")
		}()
		<-ended
	}
	c := &count{make([]atomic.Int32, 30)}
	p.Run(c, 30)
	c.check(t)
	p.Close()
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 10 {
		p := New(5)
		p.Run(&count{make([]atomic.Int32, 50)}, 50)
		p.Close()
	}
	for range 100 { // a goroutine that has called Done may take a moment to be gone
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines before, %d after Close", before, runtime.NumGoroutine())
}

func BenchmarkRun(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprint(threads), func(b *testing.B) {
			p := New(threads)
			defer p.Close()
			c := &count{make([]atomic.Int32, 16)}
			for b.Loop() {
				p.Run(c, 16)
			}
		})
	}
}
