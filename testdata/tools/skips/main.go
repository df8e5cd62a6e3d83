// Command skips reads what go test -json or go test -v writes, prints what go test would
// have printed without it, and then every test that was skipped, with its reason, and
// their count: without -v, go test does not mention them.
//
//	go test -json ./... | skips
//	go test -v ./... | skips -v
//
// A test that passes may leave out single cases, if it logs each in a line that begins
// with SKIP. They are listed, too. The exit code is 1 if a test failed.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	text := flag.Bool("v", false, "read what go test -v writes")
	flag.Parse()
	events := jsonEvents
	if *text {
		events = textEvents
	}
	failed, err := filter(os.Stdout, os.Stdin, events)
	if err != nil {
		fmt.Fprintln(os.Stderr, "skips:", err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

// event is a line of go test -json; go doc test2json describes it. One without a package
// holds what the go command itself printed.
type event struct {
	Action, Package, Test, Output string
}

// test is what is known of a test that is running or over.
type test struct {
	name   string // "PACKAGE TEST", "PACKAGE" for the package itself
	action string // how it ended; empty: it has not
	output []string
}

// skippedCase matches a line that tells of a case left out.
var skippedCase = regexp.MustCompile(`^\s*\S+\.go:\d+: SKIP(?:PED)?:? +(.*)`)

// filter prints what is said at the top. read passes on what go test wrote.
func filter(w io.Writer, r io.Reader, read func(r io.Reader, tell func(event)) error) (failed bool, err error) {
	packages := map[string][]*test{} // each package's tests in order, itself first
	tests := map[string]*test{}
	var skipped, cases []string

	err = read(r, func(e event) {
		if e.Package == "" || e.Action == "build-output" {
			fmt.Fprint(w, e.Output) // go's own words
			return
		}
		name := strings.TrimSpace(e.Package + " " + e.Test)
		t := tests[name]
		if t == nil {
			t = &test{name: name}
			tests[name] = t
			packages[e.Package] = append(packages[e.Package], t)
		}
		switch e.Action {
		case "output":
			t.output = append(t.output, e.Output)
		case "pass", "fail", "skip":
			t.action = e.Action
			if e.Test == "" {
				failed = failed || e.Action == "fail"
				printPackage(w, packages[e.Package], e.Package)
				return
			}
			if e.Action == "skip" {
				skipped = append(skipped, name+": "+reason(t.output))
				return
			}
			for _, o := range t.output {
				if m := skippedCase.FindStringSubmatch(o); m != nil {
					cases = append(cases, name+": "+m[1])
				}
			}
		}
	})
	if err != nil {
		return failed, err
	}
	fmt.Fprintf(w, "tests skipped: %d; cases left out by others: %d\n", len(skipped), len(cases))
	for _, s := range append(skipped, cases...) {
		fmt.Fprintln(w, "  skipped", s)
	}
	return failed, nil
}

// printPackage prints a package that is over: its closing line, and before it, if it
// failed, the output of the tests that did not pass.
func printPackage(w io.Writer, tests []*test, name string) {
	var own *test
	for _, t := range tests {
		if t.name == name {
			own = t
		}
	}
	if own.action != "fail" {
		for _, o := range own.output {
			if strings.HasPrefix(o, "ok  \t") || strings.HasPrefix(o, "?   \t") {
				fmt.Fprint(w, o)
			}
		}
		return
	}
	for _, t := range tests {
		if t != own && (t.action == "fail" || t.action == "") {
			// The verdict comes last in JSON, and first without it.
			for _, verdict := range []bool{true, false} {
				for _, o := range t.output {
					is := strings.HasPrefix(strings.TrimLeft(o, " "), "--- ")
					if is == verdict && !strings.HasPrefix(o, "=== ") {
						fmt.Fprint(w, o)
					}
				}
			}
		}
	}
	for _, o := range own.output {
		fmt.Fprint(w, o)
	}
}

// reason returns what a skipped test has logged, in one line.
func reason(output []string) string {
	var said []string
	for _, o := range output {
		o = strings.TrimSpace(o)
		if o == "" || strings.HasPrefix(o, "=== ") || strings.HasPrefix(o, "--- ") {
			continue
		}
		said = append(said, o)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, "; ")
}
