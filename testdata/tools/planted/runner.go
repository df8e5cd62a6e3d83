package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// runner builds and runs checks for one architecture.
type runner struct {
	root, dir, arch string
	sound           map[string]bool // checks that pass without a fault
	commanded       bool            // the command was tried
}

var emulators = map[string]string{"arm64": "qemu-aarch64-static", "amd64": "qemu-x86_64-static"}

// lacks says why code of the file cannot run here, or returns "".
func (r *runner) lacks(file string) string {
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

// try plants the fault, and returns the check that fails, or "" if none does.
func (r *runner) try(file string, f fault) (caught string, err error) {
	overlay, err := r.overlay(file, f)
	if err != nil {
		return "", err
	}
	pkg := "./" + filepath.ToSlash(mustRel(r.root, filepath.Dir(file)))
	exe := filepath.Join(r.dir, "faulty-"+r.arch)
	if err := r.build("test", "-c", "-o", exe, "-overlay", overlay, pkg); err != nil {
		return "", err
	}
	for _, pattern := range checksFor(file, f.function) {
		if caught, err = r.failing(exe, pattern); err != nil {
			return "", err
		}
		if caught != "" {
			break
		}
	}
	if caught == "" {
		return "", nil
	}
	if err := r.passes(pkg, caught); err != nil {
		return "", err
	}
	if !r.commanded {
		if err := r.command(overlay, caught); err != nil {
			return "", err
		}
		r.commanded = true
		caught += ", and by the command"
	}
	return caught, nil
}

// overlay writes the file with the fault, and a list for -overlay.
func (r *runner) overlay(file string, f fault) (list string, err error) {
	faulty := filepath.Join(r.dir, "faulty.s")
	if err := os.WriteFile(faulty, f.text, 0o666); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{file: faulty}})
	if err != nil {
		return "", err
	}
	list = filepath.Join(r.dir, "overlay.json")
	return list, os.WriteFile(list, text, 0o666)
}

// checksFor returns patterns of the checks that can find a fault in the function of a file,
// those named as the file first: they run a second, all of a level a minute under qemu.
func checksFor(file, function string) []string {
	level := ".*"
	for _, l := range []string{"AVX512", "AVX2", "NEON"} {
		if strings.HasSuffix(function, l) {
			level = strings.ToLower(l)
		}
	}
	name, _, _ := strings.Cut(filepath.Base(file), "_")
	all := "^TestKernels$/^kernels$/^" + level + "$/"
	return []string{all + "^" + name, all}
}

var failedCheck = regexp.MustCompile(`(?m)^\s+--- FAIL: TestKernels/(\S+)`)

// failing runs the checks that match the pattern until one fails, and returns its name, or ""
// if all pass.
func (r *runner) failing(exe, pattern string) (name string, err error) {
	out, err := r.exec(exe, "-test.failfast", "-test.run", pattern).CombinedOutput()
	if err == nil {
		return "", nil
	}
	if m := failedCheck.FindSubmatch(out); m != nil {
		return string(m[1]), nil
	}
	return "", fmt.Errorf("%s did not get to fail: %w\n%s", pattern, err, out)
}

// passes returns an error unless a check passes without a fault.
func (r *runner) passes(pkg, check string) error {
	exe := filepath.Join(r.dir, "sound-"+r.arch)
	if len(r.sound) == 0 {
		if err := r.build("test", "-c", "-o", exe, pkg); err != nil {
			return err
		}
	}
	if r.sound[check] {
		return nil
	}
	elements := strings.Split("TestKernels/"+check, "/")
	for i, e := range elements {
		elements[i] = "^" + regexp.QuoteMeta(e) + "$"
	}
	out, err := r.exec(exe, "-test.v", "-test.run", strings.Join(elements, "/")).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestKernels/"+check+" ")) {
		return fmt.Errorf("%s fails on %s without any fault (%v):\n%s", check, r.arch, err, out)
	}
	r.sound[check] = true
	return nil
}

// command returns an error unless "anomem verify" fails by the check.
func (r *runner) command(overlay, check string) error {
	exe := filepath.Join(r.dir, "anomem-"+r.arch)
	if err := r.build("build", "-o", exe, "-overlay", overlay, "./cmd/anomem"); err != nil {
		return err
	}
	cmd := r.exec(exe, "verify", "--json", "--only", "^"+regexp.QuoteMeta(check)+"$")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 || !bytes.Contains(out, []byte(`"ok":false`)) {
		return fmt.Errorf("verify misses what the check %s finds (%v):\n%s", check, err, out)
	}
	return nil
}

// build runs a go command for the architecture.
func (r *runner) build(args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = r.root
	cmd.Env = append(slices.Clip(os.Environ()), "GOARCH="+r.arch, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// exec is a command that runs an executable of the architecture.
func (r *runner) exec(exe string, args ...string) *exec.Cmd {
	if r.arch != runtime.GOARCH {
		exe, args = emulators[r.arch], append([]string{exe}, args...)
	}
	return exec.Command(exe, args...)
}
