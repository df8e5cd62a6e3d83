package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"anomem/nn/rng"
	"anomem/synthetic"
)

// A plan that is killed again and again, at random moments, ends complete and with the results
// of one that is not.
func TestEvalSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the command twenty times and more")
	}
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "set")
	counts := synthetic.Counts{Train: 12, Good: 6, Each: 2}
	if err := synthetic.WriteFolder(context.Background(), data, synthetic.Options{}, 1, counts); err != nil {
		t.Fatal(err)
	}
	args := func(out string) []string {
		return []string{"eval", "run", "folder", data, "--detector", "pca,meancolour", "--seeds", "40", "--jobs", "2", "-o", filepath.Join(dir, out)}
	}
	results := func() int {
		all, err := filepath.Glob(filepath.Join(dir, "killed", "results", "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	r := rng.New(17)
	kills := 0
	for ; kills < 20; kills++ {
		before := results()
		cmd := anomemCmd(t, "real", args("killed")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for results() == before && len(ended) == 0 { // each time it gets a little further
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(r.IntN(40_000)) * time.Microsecond)
		cmd.Process.Kill()
		if <-ended == nil {
			break // it was done
		}
	}
	if kills < 3 {
		t.Errorf("only %d kills came before the end", kills)
	}
	for _, out := range []string{"killed", "whole"} {
		if text, err := anomemCmd(t, "real", args(out)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	if n := results(); n != 80 {
		t.Errorf("%d results of 80 runs", n)
	}
	if err := sameFolders(filepath.Join(dir, "killed", "results"), filepath.Join(dir, "whole", "results")); err != nil {
		t.Error(err)
	}
}
