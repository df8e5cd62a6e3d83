package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
)

// levelOf returns the SIMD level that all code of an assembly file belongs to, or "" where
// its name does not say.
func levelOf(file string) string {
	name := filepath.Base(file)
	for _, level := range []string{"avx512", "avx2"} {
		if strings.Contains(name, level) {
			return level
		}
	}
	if archOf(file) == "arm64" {
		return "neon"
	}
	return ""
}

// verify builds the command and runs its checks of the kernels of a level, or of all if
// it is "", until one fails.
func (r runner) verify(flags []string, level string) (failed bool, out []byte, err error) {
	exe := filepath.Join(r.dir, "anomem-"+r.arch)
	build := append([]string{"build", "-o", exe}, flags...)
	if out, err := r.command("go", append(build, "./cmd/anomem")...).CombinedOutput(); err != nil {
		return false, out, fmt.Errorf("go build: %w\n%s", err, out)
	}
	family := "^kernels/"
	if level != "" {
		family += level + "/"
	}
	args := []string{exe, "verify", "--json", "--only", family}
	if r.arch != runtime.GOARCH {
		args = append([]string{emulators[r.arch]}, args...)
	}
	cmd := r.command(args[0], args[1:]...)
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return false, nil, err
	}
	if err := cmd.Start(); err != nil {
		return false, nil, err
	}
	if failedCheck(stdout) {
		cmd.Process.Kill()
		cmd.Wait()
		return true, nil, nil
	}
	if err := cmd.Wait(); err != nil {
		return false, said.Bytes(), fmt.Errorf("verify: %w\n%s", err, &said)
	}
	return false, nil, nil
}

// failedCheck reads what verify --json prints, up to the first check that failed.
func failedCheck(r io.Reader) bool {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(`"ok":false`)) {
			return true
		}
	}
	return false
}
