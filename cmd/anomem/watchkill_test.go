package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anomem/nn/rng"
	"anomem/synthetic"
)

var long = flag.Bool("long", false, "kill watch 100 times and training 300 times; it takes minutes")

// kills returns how often a test kills: the number for -long, or a few times.
func kills(often int) int {
	if *long {
		return often
	}
	return 5
}

// A watch that is killed again and again, at random moments while images arrive, records each
// image once, moves each anomaly and leaves the rest.
func TestWatchSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the command six times and more")
	}
	t.Parallel()
	dir := t.TempDir()
	model := filepath.Join(dir, "m.safetensors")
	images := trainTiny(t, dir, model)
	in := filepath.Join(dir, "in")
	if err := os.MkdirAll(filepath.Join(in, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	records := filepath.Join(dir, "r.jsonl")
	args := []string{"watch", in, "-m", model, "-o", records, "--settle", "5ms", "--threads", "1", "--threshold", threshold(t, model, images), "--move", filepath.Join(in, "bad")}

	var stop atomic.Bool
	var arrive sync.WaitGroup
	names := 0
	arrive.Go(func() { names = arriving(t, in, images, &stop) })
	r := rng.New(11)
	for range kills(100) {
		cmd := anomemCmd(t, "real", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := size(records)
		if r.IntN(4) > 0 { // else at any moment, even before it watches
			soon(func() error {
				if size(records) == before {
					return fmt.Errorf("nothing is recorded")
				}
				return nil
			})
		}
		time.Sleep(time.Duration(r.IntN(60_000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
	}
	stop.Store(true)
	arrive.Wait()
	last := anomemCmd(t, "real", args...)
	if err := last.Start(); err != nil {
		t.Fatal(err)
	}
	defer last.Process.Kill()
	if err := soon(func() error { return recordedOnce(records, in, names) }); err != nil {
		t.Error(err)
	}
	t.Logf("%d images, %d kills", names, kills(100))
}

// size returns that of a file, 0 for none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// trainTiny trains a model within a second or two, and returns pictures, half of them of
// another style than those it was trained on.
func trainTiny(t *testing.T, dir, model string) [][]byte {
	t.Helper()
	set := filepath.Join(dir, "set")
	if err := synthetic.WriteFolder(context.Background(), set, synthetic.Options{}, 1, synthetic.Counts{Train: 24, Good: 8, Each: 8}); err != nil {
		t.Fatal(err)
	}
	args := []string{"train", filepath.Join(set, "train", "good"), "-o", model, "--preset", "quick", "--epochs", "1", "--kind", "object", "--shift", "none", "--no-refit", "--false-alarm", "0.1"}
	if text, err := anomemCmd(t, "real", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var images [][]byte
	for _, kind := range []string{"good", "style"} {
		for i := range 8 {
			b, err := os.ReadFile(filepath.Join(set, "test", kind, fmt.Sprintf("%03d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			images = append(images, b)
		}
	}
	return images
}

// threshold returns a threshold between the scores of images.
func threshold(t *testing.T, model string, images [][]byte) string {
	t.Helper()
	var scores []float64
	for _, b := range images {
		cmd := anomemCmd(t, "real", "score", "-m", model, "-", "--json")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.Output()
		var d struct{ Score float64 }
		if err == nil {
			err = json.Unmarshal(out, &d)
		}
		if err != nil {
			t.Fatal(err)
		}
		scores = append(scores, d.Score)
	}
	sum := 0.0
	for _, s := range scores {
		sum += s
	}
	return fmt.Sprint(sum / float64(len(scores)))
}

// arriving writes images until it is told to stop, and returns how many: some at once by
// renaming them, some in two parts, some in a folder.
func arriving(t *testing.T, in string, images [][]byte, stop *atomic.Bool) int {
	n := 0
	for ; !stop.Load(); n++ {
		b := images[n%len(images)]
		name := filepath.Join(in, fmt.Sprintf("%05d.png", n))
		if n%3 == 1 {
			name = filepath.Join(in, "sub", fmt.Sprintf("%05d.png", n))
		}
		var err error
		if n%2 == 0 {
			temp := filepath.Join(in, ".arriving")
			if err = os.WriteFile(temp, b, 0o666); err == nil {
				err = os.Rename(temp, name)
			}
		} else {
			var f *os.File
			if f, err = os.Create(name); err == nil {
				f.Write(b[:len(b)/2])
				time.Sleep(8 * time.Millisecond) // longer than --settle
				_, err = f.Write(b[len(b)/2:])
				f.Close()
			}
		}
		if err != nil {
			t.Error(err)
			break
		}
		time.Sleep(12 * time.Millisecond)
	}
	return n
}

// recordedOnce returns an error unless each of n images has one record, with a verdict, and is
// where its verdict says.
func recordedOnce(records, in string, n int) error {
	text, err := os.ReadFile(records)
	if err != nil {
		return err
	}
	seen, bad := map[string]bool{}, 0
	for line := range bytes.Lines(text) {
		var r struct {
			Path      string
			Error     string
			Anomalous bool
		}
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		if seen[r.Path] || r.Error != "" {
			return fmt.Errorf("%s a second time, or with an error: %s", r.Path, line)
		}
		seen[r.Path] = true
		at := filepath.Join(in, r.Path)
		if r.Anomalous {
			at = filepath.Join(in, "bad", r.Path)
			bad++
		}
		if _, err := os.Stat(at); err != nil {
			return err
		}
	}
	if len(seen) != n || bad == 0 || bad == n {
		return fmt.Errorf("%d records of %d images, %d of them anomalous", len(seen), n, bad)
	}
	return nil
}
