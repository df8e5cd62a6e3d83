// Command shape prints how the code is cut: which functions are long, and which files of a
// package use which.
//
//	go -C testdata/tools run ./shape -long     functions over 60 lines; exits 1 if there are any
//	go -C testdata/tools run ./shape ./train   who uses whom among the files of a package
//	go -C testdata/tools run ./shape           both, of every package in a line
//
// A function may be longer where it is a table; see isTable. Tests, generated files and the
// generators of assembly are not looked at.
//
// A file uses another if it names a function, a method, a type, a variable or a constant
// that the other declares. Files that use each other, straight or through others, can only
// be read together: they lie in a cycle.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	long := flag.Bool("long", false, "list long functions alone, and fail if there are any")
	flag.Parse()
	root, err := filepath.Abs("../..")
	if err == nil {
		err = run(os.Stdout, root, *long, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shape:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, root string, long bool, folders []string) error {
	if len(folders) > 0 && !long {
		return arrows(w, root, folders, true)
	}
	functions, err := longFunctions(root)
	if err != nil {
		return err
	}
	for _, f := range functions {
		fmt.Fprintf(w, "%s:%d: %s has %d lines\n", f.file, f.line, f.name, f.lines)
	}
	if !long {
		return arrows(w, root, []string{"./..."}, false)
	}
	if len(functions) > 0 {
		return fmt.Errorf("%d functions are longer than %d lines", len(functions), mostLines)
	}
	return nil
}
