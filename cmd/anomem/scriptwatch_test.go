package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

// watchSteps are the steps of a script that watch a folder. Those of scriptserve_test.go that
// say what is said and that shut down hold for them, too.
//
//	watch ARGS            starts anomem watch, and waits until it watches
//	comes FILE N REGEXP   within seconds, N of the lines of a file match
//	goes PATH             within seconds, there is nothing there
var watchSteps = map[string]func(s *script, args []string) error{
	"watch": func(s *script, args []string) error {
		if runtime.GOOS == "windows" {
			s.t.Skip("a process cannot be sent a signal on Windows")
		}
		_, err := s.start(s.command(append([]string{"watch"}, args...)), "^watching ")
		return err
	},
	"comes": func(s *script, args []string) error {
		return soon(func() error { return fileSteps["lines"](s, args) })
	},
	"goes": func(s *script, args []string) error {
		return soon(func() error {
			if _, err := os.Lstat(s.path(args[0])); !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("%s is there: %v", args[0], err)
			}
			return nil
		})
	},
}

// soon waits until a check succeeds.
func soon(check func() error) error {
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if err := check(); err == nil || time.Since(begun) > time.Minute {
			return err
		}
	}
}
