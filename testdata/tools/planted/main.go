// Command planted checks the checks: it plants a fault in one instruction of each
// assembly file of the repository and expects both "anomem verify" and the tests to
// fail. No file is changed: the compiler gets the faulty one through -overlay. A file
// of another architecture runs under qemu.
//
//	go -C testdata/tools run ./planted           one fault a file
//	go -C testdata/tools run ./planted -each 1   one a function
//	go -C testdata/tools run ./planted -each 20 -only gemmAVX2
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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
	p := planter{root: root, dir: dir, each: each, pattern: pattern, sound: map[string]bool{}}
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
	fmt.Printf("all %d faults caught by verify and by the tests\n", p.planted)
	return nil
}

// planter plants faults in one file after another, and counts them.
type planter struct {
	root, dir       string
	each            int
	pattern         *regexp.Regexp
	sound           map[string]bool // architectures whose checks pass without a fault
	planted, missed int
}

// plant tries the faults of a file that match the pattern.
func (p *planter) plant(file string) error {
	r := runner{root: p.root, dir: p.dir, arch: archOf(file)}
	rel := mustRel(p.root, file)
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
		if !p.sound[r.arch] {
			if err := r.passes(); err != nil {
				return err
			}
			p.sound[r.arch] = true
		}
		p.planted++
		complaint, err := r.try(file, f)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, f.line, err)
		}
		fmt.Printf("%s:%d: %s: %s -> %s: ", rel, f.line, f.function, f.old, f.new)
		if complaint == "" {
			fmt.Println("caught")
			continue
		}
		p.missed++
		fmt.Println("MISSED:", complaint)
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

// runner builds and runs the module for one architecture.
type runner struct{ root, dir, arch string }

var emulators = map[string]string{"arm64": "qemu-aarch64-static", "amd64": "qemu-x86_64-static"}

// lacks says why code of the file cannot run here, or returns "".
func (r runner) lacks(file string) string {
	if r.arch != runtime.GOARCH {
		emulator, ok := emulators[r.arch]
		if !ok {
			return "no emulator known for " + r.arch
		}
		if _, err := exec.LookPath(emulator); err != nil {
			return err.Error()
		}
		return ""
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil && strings.Contains(file, "avx512") && !bytes.Contains(info, []byte("avx512f")) {
		return "this CPU lacks AVX-512"
	}
	return ""
}

// passes returns an error unless verify passes without a fault.
func (r runner) passes() error {
	if failed, out, err := r.verify(nil, ""); err != nil || failed {
		return fmt.Errorf("verify fails on %s without any fault (%v):\n%s", r.arch, err, out)
	}
	return nil
}

// try plants the fault, and returns a complaint if verify or the tests miss it.
func (r runner) try(file string, f fault) (complaint string, err error) {
	faulty := filepath.Join(r.dir, "faulty.s")
	if err := os.WriteFile(faulty, f.text, 0o666); err != nil {
		return "", err
	}
	overlay := filepath.Join(r.dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{file: faulty}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, text, 0o666); err != nil {
		return "", err
	}
	flags := []string{"-overlay", overlay}
	verifyFailed, _, err := r.verify(flags, levelOf(file))
	if err != nil {
		return "", err
	}
	testsFailed, err := r.test(flags, "./"+filepath.ToSlash(mustRel(r.root, filepath.Dir(file))))
	if err != nil {
		return "", err
	}
	var missed []string
	if !verifyFailed {
		missed = append(missed, "verify passes")
	}
	if !testsFailed {
		missed = append(missed, "the tests pass")
	}
	return strings.Join(missed, ", "), nil
}

func mustRel(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		panic(err)
	}
	return rel
}

// test runs the tests of the package that the fault is in: those of stored digests first,
// which finds most faults within a second, and all if these pass.
func (r runner) test(flags []string, pkg string) (failed bool, err error) {
	exe := filepath.Join(r.dir, "test-"+r.arch)
	build := append([]string{"test", "-c", "-o", exe}, flags...)
	if out, err := r.command("go", append(build, pkg)...).CombinedOutput(); err != nil {
		return false, fmt.Errorf("go test -c %s: %w\n%s", pkg, err, out)
	}
	for _, tests := range []string{"^TestDigests$", "."} {
		args := []string{exe, "-test.failfast", "-test.run", tests}
		if r.arch != runtime.GOARCH {
			args = append([]string{emulators[r.arch]}, args...)
		}
		cmd := r.command(args[0], args[1:]...)
		cmd.Dir = filepath.Join(r.root, pkg) // where tests find their files
		out, err := cmd.CombinedOutput()
		switch {
		case err == nil:
			continue
		case bytes.Contains(out, []byte("\n--- FAIL")) || bytes.HasPrefix(out, []byte("--- FAIL")):
			return true, nil
		}
		return false, fmt.Errorf("the tests of %s did not get to fail: %w\n%s", pkg, err, out)
	}
	return false, nil
}

func (r runner) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = r.root
	cmd.Env = append(slices.Clip(os.Environ()), "GOARCH="+r.arch, "CGO_ENABLED=0")
	return cmd
}
