package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"anomem/nn/rng"
	"anomem/synthetic"
	"anomem/train"
)

// A training that is killed again and again, at random moments of steps and of the writing of
// checkpoints, makes the same model as one that is not.
func TestTrainSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the command seven times and more")
	}
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "set")
	if err := synthetic.WriteFolder(context.Background(), data, synthetic.Options{}, 1, synthetic.Counts{Train: 24}); err != nil {
		t.Fatal(err)
	}
	start := func(out string, more ...string) *exec.Cmd {
		args := []string{"train", filepath.Join(data, "train", "good"), "-o", out, "--preset", "quick", "--epochs", "12", "--batch", "16", "--kind", "object", "--shift", "none", "--false-alarm", "0.1", "--threads", "1"}
		cmd := anomemCmd(t, "real", append(args, more...)...)
		cmd.Env = append(cmd.Env, everyEnv+"=1ns")
		return cmd
	}
	whole, killed := filepath.Join(dir, "whole.safetensors"), filepath.Join(dir, "killed.safetensors")
	if text, err := start(whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// began returns the arguments that go on from what is there.
	began := func() []string {
		for _, path := range []string{killed + ".checkpoint", train.Previous(killed + ".checkpoint")} {
			if _, err := os.Stat(path); err == nil {
				return []string{"--resume"}
			}
		}
		return nil
	}
	r := rng.New(5)
	ends, writes := 0, 0
	for kill := 0; kill < kills(300); {
		cmd := start(killed, began()...)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for range 1 + r.IntN(4) { // checkpoints later
			waitChange(killed+".checkpoint", ended)
		}
		if kill%2 == 0 {
			time.Sleep(time.Duration(r.IntN(20_000)) * time.Microsecond)
		} else {
			waitWriting(dir, ended)
			time.Sleep(time.Duration(r.IntN(1_000)) * time.Microsecond)
		}
		cmd.Process.Kill()
		switch err := <-ended; {
		case err == nil:
			ends++
			sameModels(t, whole, killed)
			os.Remove(killed)
			continue
		case cmd.ProcessState.ExitCode() > 0:
			t.Fatalf("after %d kills: %v\n%s", kill, err, &said)
		}
		kill++
		left, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
		if err != nil {
			t.Fatal(err)
		}
		writes += len(left)
		for _, path := range left {
			os.Remove(path)
		}
	}
	if text, err := start(killed, began()...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	sameModels(t, whole, killed)
	t.Logf("%d kills, %d of them while a file was written; %d trainings ended", kills(300), writes, ends+1)
}

// waitChange waits until another file is at a path, or a process has ended.
func waitChange(path string, ended chan error) {
	before, _ := os.Stat(path)
	for len(ended) == 0 {
		now, err := os.Stat(path)
		if err == nil && (before == nil || !os.SameFile(before, now)) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// waitWriting waits until a file is being written, or a process has ended.
func waitWriting(dir string, ended chan error) {
	for len(ended) == 0 {
		if left, err := filepath.Glob(filepath.Join(dir, ".*.tmp")); err != nil || len(left) > 0 {
			return
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// sameModels checks that two models and what refit keeps of them have the same bytes.
func sameModels(t *testing.T, a, b string) {
	t.Helper()
	for _, more := range []string{"", ".refit"} {
		one, errA := os.ReadFile(a + more)
		other, errB := os.ReadFile(b + more)
		if errA != nil || errB != nil || !bytes.Equal(one, other) {
			t.Fatalf("%v, %v, or the models differ", errA, errB)
		}
	}
}
