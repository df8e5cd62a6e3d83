package main

import (
	"bufio"
	"encoding/json"
	"io"
	"regexp"
	"strings"
)

// eachLine calls f for every line of r, with its end.
func eachLine(r io.Reader, f func(line string)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			f(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// jsonEvents passes on the events that go test -json writes.
func jsonEvents(r io.Reader, tell func(event)) error {
	return eachLine(r, func(line string) {
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			e = event{Action: "output", Output: line}
		}
		tell(e)
	})
}

var (
	began   = regexp.MustCompile(`^=== (?:RUN|CONT|NAME|PAUSE) +(\S+)`)
	ended   = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP): (\S+) \(`)
	closing = regexp.MustCompile(`^(ok  |FAIL|\?   )\t(\S+)`)
)

// textEvents passes on what go test -v writes as the events that -json would have written.
// A package is named by its last line alone, so its events are held back until then.
func textEvents(r io.Reader, tell func(event)) error {
	var held []event
	current := ""
	err := eachLine(r, func(line string) {
		if m := closing.FindStringSubmatch(line); m != nil {
			action := "pass"
			if m[1] == "FAIL" {
				action = "fail"
			}
			held = append(held, event{Action: "output", Output: line}, event{Action: action})
			for _, e := range held {
				e.Package = m[2]
				tell(e)
			}
			held, current = nil, ""
			return
		}
		if line == "FAIL\n" || line == "PASS\n" {
			current = "" // what follows is said by the package
		}
		if m := began.FindStringSubmatch(line); m != nil {
			current = m[1]
		}
		if m := ended.FindStringSubmatch(line); m != nil {
			current = m[2]
			held = append(held, event{Action: "output", Test: current, Output: line},
				event{Action: strings.ToLower(m[1]), Test: current})
			return
		}
		held = append(held, event{Action: "output", Test: current, Output: line})
	})
	for _, e := range held { // of no package
		tell(event{Action: "output", Output: e.Output})
	}
	return err
}
