// Command unchanged compares the command anomem of another commit with that of the
// working tree: both run on the same data, and every file and every line that they write
// must be the same, byte for byte.
//
//	go -C testdata/tools run ./unchanged HEAD
//	go -C testdata/tools run ./unchanged -only '^(object|tiles)$' main
//	go -C testdata/tools run ./unchanged -arch arm64 -only object main   by qemu
//
// A comparison is a line: "same", "reworded" or "DIFFERS", its case and what was compared.
// Times and rates are left out. Messages to people, those on standard error and the notes
// of train --json, count as reworded where their words differ and their numbers do not;
// that is a failure with -words alone. Everything else must not differ at all.
//
// Flags whose names differ between the two commits are in the table of rename.go. Not
// compared is demo, whose steps follow from the time that they take.
//
// The exit code is 1 if anything differs, 2 if the comparison could not be made.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// errDiffers is returned where the comparison was made, and something differs.
var errDiffers = errors.New("the commits differ")

func main() {
	only := flag.String("only", "", "run the cases whose names match `REGEXP`")
	arch := flag.String("arch", "", "build for `GOARCH` and run under qemu")
	words := flag.Bool("words", false, "messages must have the same words, too")
	keep := flag.Bool("keep", false, "keep what the commands wrote, and print where")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: unchanged [flags] COMMIT")
		os.Exit(2)
	}
	switch err := compare(flag.Arg(0), *arch, *only, *words, *keep); {
	case errors.Is(err, errDiffers):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "unchanged:", err)
		os.Exit(2)
	}
}

func compare(commit, arch, only string, words, keep bool) error {
	start := time.Now()
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "unchanged")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("files in", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	base, here, err := build(root, commit, arch, dir)
	if err != nil {
		return err
	}
	if err := writeData(filepath.Join(dir, "data"), base); err != nil {
		return err
	}
	r := &report{w: os.Stdout, words: words}
	var ran []trial
	for _, t := range trials {
		if pattern.MatchString(t.name) {
			ran = append(ran, t)
			if err := t.run(base, here, r); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	if err := crossed(ran, base, here, r); err != nil {
		return err
	}
	return r.close(time.Since(start))
}
