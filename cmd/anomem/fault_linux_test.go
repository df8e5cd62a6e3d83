package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a size, such as "512k".
func smallDisk(t *testing.T, size string) (dir string, resize func(size string)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("anomem", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no small disk can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(size string) {
		t.Helper()
		if err := syscall.Mount("anomem", dir, "tmpfs", syscall.MS_REMOUNT, "size="+size); err != nil {
			t.Fatal(err)
		}
	}
}

// fails runs the command, which must exit 1 and say all of some texts.
func fails(t *testing.T, cmd *exec.Cmd, texts ...string) {
	t.Helper()
	code, _, stderr := output2(t, cmd)
	for _, text := range texts {
		if code != exitFailed || !strings.Contains(stderr, text) {
			t.Errorf("%q: exit code %d, want %q in\n%s", cmd.Args[1:3], code, text, stderr)
		}
	}
}

// A disk that fills up while training writes its checkpoints leaves the last good one, and with
// room again training makes the model that it would have made.
func TestTrainOnFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains twice")
	}
	disk, resize := smallDisk(t, "64m")
	dir := t.TempDir()
	whole, out := filepath.Join(dir, "whole.safetensors"), filepath.Join(disk, "m.safetensors")
	trainTiny(t, dir, filepath.Join(dir, "other.safetensors"))
	start := func(out string, more ...string) *exec.Cmd {
		args := []string{"train", filepath.Join(dir, "set", "train", "good"), "-o", out, "--preset", "quick", "--epochs", "3", "--batch", "8", "--kind", "object", "--shift", "none", "--false-alarm", "0.1"}
		cmd := anomemCmd(t, "real", append(args, more...)...)
		cmd.Env = append(cmd.Env, everyEnv+"=1ns")
		return cmd
	}
	if text, err := start(whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// Room for one checkpoint and a part of the next. What a checkpoint takes tells a training
	// that is ended after its first ones.
	first := start(out)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if err := soon(func() error {
		if size(out+".checkpoint") == 0 {
			return errors.New("no checkpoint is written")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	first.Process.Kill()
	first.Wait()
	one := size(out + ".checkpoint")
	for _, path := range []string{out + ".checkpoint", out + ".checkpoint.1", out} {
		os.Remove(path)
	}
	left, err := filepath.Glob(filepath.Join(disk, ".*.tmp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		os.Remove(path)
	}
	resize(fmt.Sprint(one + one/2))
	fails(t, start(out), "no space left on device", "make room, and the same command with --resume goes on after step 1")
	if size(out+".checkpoint") == 0 {
		t.Fatal("the first checkpoint has gone")
	}
	resize("64m")
	if text, err := start(out, "--resume").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	sameModels(t, whole, out)
}

// A disk that fills up ends watch, with no part of a record; with room again it goes on, and
// each image is recorded once.
func TestWatchOnFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	disk, resize := smallDisk(t, "4k")
	dir := t.TempDir()
	model, in, records := filepath.Join(dir, "m.safetensors"), filepath.Join(dir, "in"), filepath.Join(disk, "r.jsonl")
	images := trainTiny(t, dir, model)
	if err := os.Mkdir(in, 0o777); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; n < 40; n++ { // of some 150 bytes a record
		if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("%d.png", n)), images[n%len(images)], 0o666); err != nil {
			t.Fatal(err)
		}
	}
	watch := func() *exec.Cmd {
		return anomemCmd(t, "real", "watch", in, "-m", model, "-o", records, "--settle", "1ms", "--threshold", threshold(t, model, images), "--move", filepath.Join(in, "bad"))
	}
	fails(t, watch(), "r.jsonl: ", "no space left on device")
	if text, err := os.ReadFile(records); err != nil || len(text) > 0 && text[len(text)-1] != '\n' {
		t.Errorf("%v, or a part of a record is left", err)
	}
	resize("1m")
	last := watch()
	if err := last.Start(); err != nil {
		t.Fatal(err)
	}
	defer last.Process.Kill()
	if err := soon(func() error { return recordedOnce(records, in, n) }); err != nil {
		t.Error(err)
	}
}

// Where a user may not write, commands say so before they work. The root user, who may write
// everywhere, starts them as another one, with a copy of the program that this one may read.
func TestReadOnlyFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "anomem")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	images := trainTiny(t, dir, filepath.Join(dir, "m.safetensors"))
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	copied, locked := filepath.Join(dir, "anomem"), filepath.Join(dir, "locked")
	if err := errors.Join(os.WriteFile(copied, program, 0o755), os.Mkdir(locked, 0o777), os.Chmod(dir, 0o755),
		os.WriteFile(filepath.Join(locked, "a.png"), images[0], 0o666), os.Chmod(locked, 0o555)); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(locked, 0o777)
	for _, args := range [][]string{
		{"train", filepath.Join(dir, "set", "train", "good"), "-o", filepath.Join(locked, "m.safetensors")},
		{"watch", locked, "-m", filepath.Join(dir, "m.safetensors"), "-o", filepath.Join(locked, "r.jsonl")},
		{"watch", locked, "-m", filepath.Join(dir, "m.safetensors"), "--move", filepath.Join(locked, "bad")},
	} {
		cmd := anomemCmd(t, "real", args...)
		cmd.Path, cmd.Dir = copied, dir
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		fails(t, cmd, "locked", "permission denied")
	}
}
