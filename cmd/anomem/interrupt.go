package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts decides what Ctrl-C and SIGTERM do. Without a context they end the process at
// once, with the exit code that a shell gives a process killed by that signal. With one, of
// a command that saves its work, they cancel it. A second signal always ends the process.
var interrupts struct {
	mu     sync.Mutex
	cancel context.CancelFunc // nil: end at once
	code   int                // of the first signal; 0: none came
}

// watchInterrupts starts to handle Ctrl-C and SIGTERM as interrupts says.
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

// interruptCode returns the exit code for the signal that came; 0: none came.
func interruptCode() int {
	interrupts.mu.Lock()
	defer interrupts.mu.Unlock()
	return interrupts.code
}
