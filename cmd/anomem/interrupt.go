package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts decides what Ctrl-C and SIGTERM do: end the process at once, with the exit
// code that a shell gives a process killed by that signal, or first end the context of a
// command that wants to put its work in order. A second signal ends the process in any
// case.
var interrupts struct {
	mu     sync.Mutex
	cancel context.CancelFunc // nil: end at once
	code   int                // of the first signal; 0: none came
}

// watchInterrupts begins to.
func watchInterrupts() {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range c {
			code := 128 + int(syscall.SIGINT)
			if s, ok := s.(syscall.Signal); ok {
				code = 128 + int(s)
			}
			interrupts.mu.Lock()
			cancel := interrupts.cancel
			if cancel == nil || interrupts.code != 0 {
				os.Exit(code)
			}
			interrupts.code = code
			interrupts.mu.Unlock()
			cancel()
		}
	}()
}

// untilInterrupt returns a context that ends at the first Ctrl-C or SIGTERM.
func untilInterrupt() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	interrupts.mu.Lock()
	interrupts.cancel = cancel
	interrupts.mu.Unlock()
	return ctx, func() {
		interrupts.mu.Lock()
		interrupts.cancel = nil
		interrupts.mu.Unlock()
		cancel()
	}
}

// interruptCode is the exit code of a process that a signal has ended; 0: none has.
func interruptCode() int {
	interrupts.mu.Lock()
	defer interrupts.mu.Unlock()
	return interrupts.code
}
