package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// side is one of the two commands.
type side struct {
	name  string // "base" or "here"
	dir   string // of its trials; each works in a folder of its own, below
	start []string
}

var emulators = map[string]string{"arm64": "qemu-aarch64-static", "amd64": "qemu-x86_64-static"}

// build builds the command of a commit and that of the working tree at root, for the
// machine's architecture if arch is "".
func build(root, commit, arch, dir string) (base, here *side, err error) {
	clone := filepath.Join(dir, "clone")
	id, err := output(root, "git", "rev-parse", "--verify", commit+"^{commit}")
	if err != nil {
		return nil, nil, err
	}
	if _, err := output(root, "git", "clone", "--quiet", "--shared", "--no-checkout", root, clone); err != nil {
		return nil, nil, err
	}
	if _, err := output(clone, "git", "checkout", "--quiet", "--detach", strings.TrimSpace(id)); err != nil {
		return nil, nil, err
	}
	if base, err = buildSide("base", clone, arch, dir); err != nil {
		return nil, nil, err
	}
	if here, err = buildSide("here", root, arch, dir); err != nil {
		return nil, nil, err
	}
	return base, here, nil
}

// buildSide builds the command of the tree at root. Models hold the version of the
// program: without version control both have the same one.
func buildSide(name, root, arch, dir string) (*side, error) {
	s := &side{name: name, dir: filepath.Join(dir, name)}
	exe := filepath.Join(s.dir, "anomem")
	s.start = []string{exe}
	if arch != "" && arch != runtime.GOARCH {
		emulator, ok := emulators[arch]
		if !ok {
			return nil, fmt.Errorf("no emulator known for %s", arch)
		}
		s.start = []string{emulator, exe}
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", exe, "./cmd/anomem")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if arch != "" {
		cmd.Env = append(cmd.Env, "GOARCH="+arch)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return s, nil
}

// output runs a program in dir and returns what it prints.
func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, &stderr)
	}
	return string(out), nil
}
