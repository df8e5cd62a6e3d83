package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"anomem/simd"
)

func printCommands(w io.Writer) {
	fmt.Fprintf(w, "anomem learns what normal images look like, and scores how far others deviate.\n\nUsage:\n\n  anomem COMMAND [flags]\n\nCommands:\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprintf(w, `
'anomem COMMAND --help' describes a command, with examples.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 an anomaly (score --fail-on-anomaly).

Environment:

  ANOMEM_SIMD   run the kernels at this level instead of the best one that this
                CPU has; every level gives the same bits. One of: %s
`, strings.Join(levelNames(), ", "))
}

func levelNames() []string {
	var names []string
	for _, l := range simd.Levels() {
		names = append(names, l.Name)
	}
	return names
}

// printHelp prints the help of one command: synopsis, text, options, examples.
func (e *env) printHelp() {
	w := e.stdout
	fmt.Fprintf(w, "Usage: anomem %s %s\n\n%s\n", e.cmd.name, e.cmd.args, strings.TrimSpace(e.cmd.text))
	if len(e.cmd.sub) > 0 {
		fmt.Fprintf(w, "\nCommands:\n\n")
	}
	for _, sub := range e.cmd.sub {
		fmt.Fprintf(w, "  %-12s %s\n", sub.name, sub.summary)
	}
	for _, g := range e.groups {
		fmt.Fprintf(w, "\n%s:\n\n", g.title)
		for _, d := range g.options {
			printOption(w, d, e.flags.Lookup(d.name))
		}
	}
	fmt.Fprintf(w, "\nExamples:\n\n")
	for line := range strings.Lines(strings.TrimSpace(e.cmd.examples)) {
		fmt.Fprintf(w, "  %s", line)
	}
	fmt.Fprintln(w)
}

// printOption prints an option's name and value, and beside it, in lines of 80 columns, its
// purpose, the values that it takes and its default.
func printOption(w io.Writer, d *declaration, f *flag.Flag) {
	const left, columns = 26, 80
	value, usage := flag.UnquoteUsage(f)
	notes := d.limits
	switch {
	case d.defaultsTo != "":
		notes = append(notes, "default: "+d.defaultsTo)
	case f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false":
		notes = append(notes, "default "+f.DefValue)
	}
	if len(notes) > 0 {
		usage += " (" + strings.Join(notes, "; ") + ")"
	}
	line := fmt.Sprintf("  %-*s", left-2, strings.TrimSpace(dashed(d.name)+" "+value))
	for _, word := range strings.Fields(usage) {
		if len(line)+1+len(word) > columns {
			fmt.Fprintln(w, line)
			line = strings.Repeat(" ", left)
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}
