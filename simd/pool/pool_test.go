package pool

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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

func TestNoAllocationPerRun(t *testing.T) {
	for _, threads := range []int{2, 4} {
		p := New(threads)
		c := &count{make([]atomic.Int32, 64)}
		run := func(n int) {
			for range n {
				p.Run(c, 64)
			}
		}
		run(1000) // as many jobs exist now as stale invitations can hold
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run(1000)
		runtime.ReadMemStats(&after)
		if d := after.Mallocs - before.Mallocs; d > 5 { // ReadMemStats and the runtime's own
			t.Errorf("%d threads: 1000 runs made %d allocations", threads, d)
		}
		p.Close()
	}
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
