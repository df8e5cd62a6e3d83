package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"anomem"
	"anomem/nn/rng"
	"anomem/synthetic"
)

// A server that is killed at any moment of a refit, or while the result replaces the model,
// leaves the old model or the new one, and the old one under a number before the new one is
// there.
func TestRefitSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a server twenty times")
	}
	t.Parallel()
	dir := t.TempDir()
	counts := synthetic.Counts{Train: 40, Good: 1, Each: 2}
	if err := synthetic.WriteFolder(context.Background(), filepath.Join(dir, "set"), synthetic.Options{}, 1, counts); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(dir, "made.safetensors")
	if text, err := anomemCmd(t, "real", "train", filepath.Join(dir, "set", "train", "good"), "-o", made,
		"--preset", "quick", "--epochs", "1", "--false-alarm", "0.1", "--kind", "object", "--shift", "none").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	k := &refitKill{t: t, labels: filepath.Join(dir, "labels"), made: made}
	copyInto(t, filepath.Join(dir, "set", "test", "style", "000.png"), filepath.Join(k.labels, "defect", "a.png"))
	whole := k.server(filepath.Join(dir, "whole"))
	whole.refit()
	if err := whole.post("/v1/refit/use"); err != nil {
		t.Fatal(err)
	}
	whole.cmd.Process.Kill()
	whole.cmd.Wait()
	old, next := read(t, made), read(t, whole.model)
	if bytes.Equal(old, next) {
		t.Fatal("the refit changed nothing")
	}
	r := rng.New(23)
	replaced := 0
	for round := range 20 {
		s := k.server(filepath.Join(dir, fmt.Sprint(round)))
		if round%5 == 0 { // within the refit
			if err := s.post("/v1/refit"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.IntN(100_000)) * time.Microsecond)
		} else {
			s.refit()
			go s.post("/v1/refit/use")
			time.Sleep(time.Duration(r.IntN(60_000)) * time.Microsecond)
		}
		s.cmd.Process.Kill()
		s.cmd.Wait()
		switch is := read(t, s.model); {
		case bytes.Equal(is, next):
			replaced++
			if !bytes.Equal(read(t, s.model+".1"), old) {
				t.Errorf("round %d: the former model is not kept", round)
			}
		case !bytes.Equal(is, old):
			t.Errorf("round %d: a model that is neither the old nor the new one", round)
		}
		if _, err := anomem.Load(s.model, nil); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
	t.Logf("%d of 20 kills came after the model was replaced", replaced)
	if replaced == 20 {
		t.Error("no kill came before the end")
	}
}

// refitKill starts servers of copies of a model.
type refitKill struct {
	t            *testing.T
	labels, made string
}

// killed is a server that will be killed.
type killed struct {
	t          *testing.T
	cmd        *exec.Cmd
	url, model string
}

// server starts a server of a copy of the model in a folder.
func (k *refitKill) server(dir string) *killed {
	k.t.Helper()
	s := &killed{t: k.t, model: filepath.Join(dir, "m.safetensors")}
	copyInto(k.t, k.made, s.model)
	copyInto(k.t, k.made+".refit", s.model+".refit")
	s.cmd = anomemCmd(k.t, "real", "serve", "-m", s.model, "--labels", k.labels, "--refit", "--listen", "127.0.0.1:0", "--reload", "0s")
	stderr, err := s.cmd.StderrPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { s.cmd.Process.Kill() })
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if s.url = regexp.MustCompile(`http://[^, ]+`).FindString(line); s.url == "" {
		k.t.Fatalf("%q, %v", line, err)
	}
	return s
}

func (s *killed) post(path string) error {
	w, err := http.Post(s.url+path, "", nil)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if text, _ := io.ReadAll(w.Body); w.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", w.Status, text)
	}
	return nil
}

// refit refits the model, and waits until the result is ready.
func (s *killed) refit() {
	s.t.Helper()
	if err := s.post("/v1/refit"); err != nil {
		s.t.Fatal(err)
	}
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		w, err := http.Get(s.url + "/v1/refit")
		if err != nil {
			s.t.Fatal(err)
		}
		text, _ := io.ReadAll(w.Body)
		w.Body.Close()
		switch {
		case strings.Contains(string(text), `"state":"ready"`):
			return
		case !strings.Contains(string(text), `"state":"running"`) || time.Since(begun) > time.Minute:
			s.t.Fatalf("%s", text)
		}
	}
}

// copyInto copies a file, into folders that it makes.
func copyInto(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, read(t, from), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
