// Command planted checks the checks: it plants a fault in one instruction of each
// assembly file of the repository and expects the checks of the kernels to fail, which are
// both tests and what "anomem verify" runs. The first fault of each architecture must make
// the command fail, too. No file is changed: the compiler gets the faulty one through
// -overlay. A file of another architecture runs under qemu.
//
//	go -C testdata/tools run ./planted           one fault a file
//	go -C testdata/tools run ./planted -each 1   one a function
//	go -C testdata/tools run ./planted -each 20 -only gemmAVX2
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	each := flag.Int("each", 0, "plant `N` faults in each function; 0: one in each file")
	only := flag.String("only", "", "plant where FILE:FUNCTION matches `REGEXP`")
	flag.Parse()
	if err := run(*each, *only); err != nil {
		fmt.Fprintln(os.Stderr, "planted:", err)
		os.Exit(1)
	}
}

func run(each int, only string) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "planted")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := assemblyFiles(root)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no assembly file found")
	}
	p := planter{root: root, dir: dir, each: each, pattern: pattern, runners: map[string]*runner{}}
	for _, file := range files {
		if err := p.plant(file); err != nil {
			return err
		}
	}
	switch {
	case p.planted == 0:
		return errors.New("nothing planted")
	case p.missed > 0:
		return fmt.Errorf("%d of %d faults missed", p.missed, p.planted)
	}
	fmt.Printf("all %d faults caught\n", p.planted)
	return nil
}

// planter plants faults in one file after another, and counts them.
type planter struct {
	root, dir       string
	each            int
	pattern         *regexp.Regexp
	runners         map[string]*runner // by architecture
	planted, missed int
}

// plant tries the faults of a file that match the pattern.
func (p *planter) plant(file string) error {
	arch, rel := archOf(file), mustRel(p.root, file)
	r := p.runners[arch]
	if r == nil {
		r = &runner{root: p.root, dir: p.dir, arch: arch, sound: map[string]bool{}}
		p.runners[arch] = r
	}
	if lacks := r.lacks(file); lacks != "" {
		fmt.Printf("%s: skipped: %s\n", rel, lacks)
		return nil
	}
	faults, err := faultsIn(file, p.each)
	if err != nil {
		return err
	}
	for _, f := range faults {
		if !p.pattern.MatchString(rel + ":" + f.function) {
			continue
		}
		p.planted++
		caught, err := r.try(file, f)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, f.line, err)
		}
		fmt.Printf("%s:%d: %s: %s -> %s: ", rel, f.line, f.function, f.old, f.new)
		if caught == "" {
			p.missed++
			fmt.Println("MISSED")
			continue
		}
		fmt.Println("caught by", caught)
	}
	return nil
}

// assemblyFiles returns the assembly files of the module at root, without those
// of nested modules and of tests.
func assemblyFiles(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".s") && !strings.HasSuffix(path, "_test.s") {
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// archOf returns the architecture at the end of a file's name.
func archOf(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".s")
	return name[strings.LastIndex(name, "_")+1:]
}

func mustRel(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		panic(err)
	}
	return rel
}
