package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// textDiffers says in which line two texts differ first, or returns "".
func textDiffers(base, here string) string {
	if base == here {
		return ""
	}
	was, is := strings.Split(base, "\n"), strings.Split(here, "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			return fmt.Sprintf("line %d\n    is  %s\n    was %s", i+1, is[i], was[i])
		}
	}
	return fmt.Sprintf("%d lines, were %d", len(is), len(was))
}

// lost lists the lines of base that are not in here, or returns "".
func lost(base, here string) string {
	is := map[string]bool{}
	for line := range strings.Lines(here) {
		is[line] = true
	}
	var missing strings.Builder
	for line := range strings.Lines(base) {
		if !is[line] {
			missing.WriteString("\n    lost " + strings.TrimSpace(line))
		}
	}
	return missing.String()
}

// bytesDiffer says where two files differ first, or returns "".
func bytesDiffer(base, here []byte) string {
	for i := range min(len(base), len(here)) {
		if base[i] != here[i] {
			return fmt.Sprintf("byte %d of %d is %#02x, was %#02x%s", i, len(here), here[i], base[i], tensorAt(here, i))
		}
	}
	if len(base) != len(here) {
		return fmt.Sprintf("%d bytes, were %d", len(here), len(base))
	}
	return ""
}

// tensorAt names what byte i of a safetensors file belongs to; "" where it is none.
func tensorAt(file []byte, i int) string {
	if len(file) < 8 {
		return ""
	}
	n := binary.LittleEndian.Uint64(file)
	if n > uint64(len(file)-8) || n < 2 || file[8] != '{' {
		return ""
	}
	if i < int(n)+8 {
		return ", in the header"
	}
	var header map[string]struct {
		Offsets []int `json:"data_offsets"`
	}
	if json.Unmarshal(file[8:8+n], &header) != nil {
		return ""
	}
	for name, t := range header {
		if at := i - 8 - int(n); len(t.Offsets) == 2 && t.Offsets[0] <= at && at < t.Offsets[1] {
			return ", in tensor " + name
		}
	}
	return ""
}

// notes takes the lines that are notes to people out of what train --json prints.
func notes(text string) (rest, notes string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, `{"event":"note"`) {
			notes += line
		} else {
			rest += line
		}
	}
	return rest, notes
}

var (
	seconds = regexp.MustCompile(`("seconds":)[0-9.e+-]+`)
	took    = regexp.MustCompile(`(, in )[0-9hms.]+\b`)
	rate    = regexp.MustCompile(`  \d+ images/s  \S+ left`)
	// A line of progress comes every few seconds, and after the last step.
	progress = regexp.MustCompile(`(?m)^epoch \d+ of \d+  loss .*\n`)
)

// timeless returns the text without what differs from run to run.
func timeless(text string) string {
	text = seconds.ReplaceAllString(text, "${1}T")
	text = took.ReplaceAllString(text, "${1}T")
	text = rate.ReplaceAllString(text, "")
	if lines := progress.FindAllStringIndex(text, -1); len(lines) > 1 {
		last := lines[len(lines)-1][0]
		text = progress.ReplaceAllString(text[:last], "") + text[last:]
	}
	return text
}

var number = regexp.MustCompile(`\d+(\.\d+)?(e[+-]?\d+)?`)

// numbers returns the numbers of a text, in their order.
func numbers(text string) string { return strings.Join(number.FindAllString(text, -1), " ") }
