package kernels

import (
	"bytes"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"anomem/simd/pool"
)

// stray is a task of two chunks that wait for each other, so that they are on two
// goroutines; the one on a worker of the pool reads beyond both ends of an operand.
type stray struct {
	x    []float32
	both sync.WaitGroup
}

func (s *stray) Chunk(int) {
	s.both.Done()
	s.both.Wait()
	if bytes.Contains(debug.Stack(), []byte("(*Pool).serve")) {
		s.read()
	}
}

func (s *stray) read() {
	at := uintptr(unsafe.Pointer(&s.x[0]))
	for _, address := range []uintptr{at - 4, at + 4*uintptr(len(s.x))} {
		sink += *(*float32)(*(*unsafe.Pointer)(unsafe.Pointer(&address)))
	}
}

var sink float32

// TestOverrunOnWorker: a kernel that overruns an operand fails its check, and does
// not end the process, on whichever goroutine it runs.
func TestOverrunOnWorker(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	overruns := kernel{"overruns", func(try func(trial) error) error {
		x := []float32{1, 2, 3}
		return try(trial{what: "3 elements", floats: [][]float32{x}, call: func(x [][]float32, _ [][]float64) float32 {
			s := &stray{x: x[0]}
			s.both.Add(2)
			p.Run(s, 2)
			return 0
		}})
	}}
	err := overruns.against("purego")
	if err == nil || !strings.Contains(err.Error(), "3 elements, 0 bytes after a guard page: panic: ") {
		t.Errorf("error %v, want one of a fault", err)
	}
}
