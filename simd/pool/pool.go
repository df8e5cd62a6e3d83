// Package pool runs the chunks of a task on a fixed set of goroutines.
//
// The shape of the work alone decides what a chunk is, never the number of threads, so
// that a result does not depend on which goroutine runs a chunk, or when.
package pool

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Task is work that consists of independent chunks. It is an interface that the
// operation itself implements, not a closure, so that running one allocates nothing.
type Task interface {
	// Chunk does the work of chunk i. Chunks run concurrently, in any order.
	Chunk(i int)
}

// Pool is a set of worker goroutines. Any number of goroutines may call Run at
// once, chunks may call Run themselves, and a nil *Pool runs everything on the
// calling goroutine.
type Pool struct {
	threads int
	jobs    chan *job
	workers sync.WaitGroup
	closed  atomic.Bool

	mu   sync.Mutex
	free []*job
}

// job is one call of Run, shared between its caller and the workers it invited.
type job struct {
	task   Task
	chunks int64
	next   atomic.Int64 // the next chunk to hand out
	left   atomic.Int64 // chunks not finished
	refs   atomic.Int32 // the caller, and invitations not yet answered
	done   chan struct{}

	panicOnFault bool // the caller's debug.SetPanicOnFault

	mu       sync.Mutex
	panicked bool
	panicVal any
}

// New starts a pool on which a task runs on up to threads goroutines, the one
// that calls Run included. threads <= 0 means GOMAXPROCS at the time of the call.
func New(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads, jobs: make(chan *job, 4*threads)}
	for range threads - 1 {
		p.workers.Add(1)
		go p.serve()
	}
	return p
}

// Threads returns how many goroutines share a task: 1 for a nil Pool.
func (p *Pool) Threads() int {
	if p == nil {
		return 1
	}
	return p.threads
}

// Close ends the workers and waits for them. It must not run together with Run;
// a later Run does all its chunks on its caller.
func (p *Pool) Close() {
	if p == nil || p.closed.Swap(true) {
		return
	}
	close(p.jobs)
	p.workers.Wait()
}

// Run calls t.Chunk once for each i in [0, chunks) and returns when all are done.
// A panic in a chunk is raised again on the caller, once no chunk is running; if
// several panic, the first one recorded is. The caller's debug.SetPanicOnFault
// holds in the chunks.
//
// If a chunk calls runtime.Goexit, the chunks that have not started are dropped; if
// it ran on the caller, that ends, and otherwise Run panics.
func (p *Pool) Run(t Task, chunks int) {
	if p == nil || p.threads == 1 || chunks <= 1 || p.closed.Load() {
		for i := range chunks {
			t.Chunk(i)
		}
		return
	}
	j := p.newJob(t, chunks)
	j.panicOnFault = debug.SetPanicOnFault(false)
	debug.SetPanicOnFault(j.panicOnFault)
	p.invite(j, min(p.threads, chunks)-1)
	returned := false
	defer func() {
		<-j.done
		panicked, val := j.panicked, j.panicVal
		p.release(j)
		if panicked && returned {
			panic(val)
		}
	}()
	j.work()
	returned = true
}

// serve works on jobs until the pool is closed.
func (p *Pool) serve() {
	var j *job
	defer func() {
		if j == nil {
			p.workers.Done()
			return
		}
		// A chunk called runtime.Goexit: another worker takes this one's place.
		p.release(j)
		go p.serve()
	}()
	for j = range p.jobs {
		debug.SetPanicOnFault(j.panicOnFault)
		j.work()
		p.release(j)
	}
	j = nil
}

// invite offers j to n workers. A full queue means that they are all busy: the
// caller then does the chunks itself, which is why Run can never dead-lock.
func (p *Pool) invite(j *job, n int) {
	for range n {
		j.refs.Add(1)
		select {
		case p.jobs <- j:
		default:
			j.refs.Add(-1)
			return
		}
	}
}

func (j *job) work() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.chunks {
			return
		}
		j.chunk(i)
	}
}

func (j *job) chunk(i int64) {
	returned := false
	defer func() {
		finished := int64(1)
		if !returned {
			v := recover()
			if v == nil { // even panic(nil) gives a value
				v = fmt.Sprintf("pool: chunk %d called runtime.Goexit", i)
				finished += max(0, j.chunks-j.next.Swap(j.chunks))
			}
			j.mu.Lock()
			if !j.panicked {
				j.panicked, j.panicVal = true, v
			}
			j.mu.Unlock()
		}
		if j.left.Add(-finished) == 0 {
			j.done <- struct{}{}
		}
	}()
	j.task.Chunk(int(i))
	returned = true
}

func (p *Pool) newJob(t Task, chunks int) *job {
	p.mu.Lock()
	var j *job
	if n := len(p.free); n > 0 {
		j, p.free = p.free[n-1], p.free[:n-1]
	}
	p.mu.Unlock()
	if j == nil {
		j = &job{done: make(chan struct{}, 1)}
	}
	j.task, j.chunks = t, int64(chunks)
	j.panicked, j.panicVal = false, nil
	j.next.Store(0)
	j.left.Store(int64(chunks))
	j.refs.Store(1)
	return j
}

// release gives up one reference. A worker may answer an invitation long after
// the job is done, so only the last reference lets the job be used again.
func (p *Pool) release(j *job) {
	if j.refs.Add(-1) > 0 {
		return
	}
	j.task, j.panicVal = nil, nil
	p.mu.Lock()
	p.free = append(p.free, j)
	p.mu.Unlock()
}
