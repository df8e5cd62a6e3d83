package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anomem/eval/report"
	"anomem/train"
)

// TestProgressLine wants no speed while nothing is known of it, and then that of the
// steps that were timed.
func TestProgressLine(t *testing.T) {
	p := &progress{w: &bytes.Buffer{}}
	now := time.Now()
	at := func(step int) train.Progress {
		return train.Progress{Step: step, Steps: 110, Epoch: step / 11, Epochs: 10, Units: 50, Loss: 2}
	}
	for i, want := range []string{
		"epoch 1 of 10  loss 2.000",
		"epoch 1 of 10  loss 2.000",
		"epoch 1 of 10  loss 2.000  25 images/s  3m34s left", // 107 steps of 2 s
		"epoch 1 of 10  loss 2.000  25 images/s  3m32s left",
	} {
		p.step(at(i))
		p.start = now // when the second step ended
		if got := p.line(at(i), now.Add(2*time.Second*time.Duration(i-1))); got != want {
			t.Errorf("step %d: %q, want %q", i, got, want)
		}
	}
	if got, want := p.at(), "after step 4 of 110"; got != want {
		t.Errorf("it is %q, want %q", got, want)
	}
	// Within a budget, the time tells how much is left, and steps are not known.
	within := &progress{w: &bytes.Buffer{}}
	within.lasts(now, time.Minute)
	for i, want := range []string{"epoch 1  loss 2.000", "epoch 1  loss 2.000", "epoch 1  loss 2.000  25 images/s  58s left"} {
		s := at(i)
		s.Steps, s.Epochs = 0, 0
		within.step(s)
		within.start = now
		if got := within.line(s, now.Add(2*time.Second*time.Duration(i-1))); got != want {
			t.Errorf("step %d within a budget: %q, want %q", i, got, want)
		}
	}
	if done, total := within.share(now.Add(15 * time.Second)); 4*done != total {
		t.Errorf("after 15 s of a minute, %d of %d are done", done, total)
	}
	if got := within.line(at(3), now.Add(time.Hour)); !strings.HasSuffix(got, "  0s left") {
		t.Errorf("after the budget: %q", got)
	}
	if got, want := within.at(), "after step 3"; got != want {
		t.Errorf("it is %q, want %q", got, want)
	}
	// The average follows the loss slowly.
	s := at(4)
	s.Loss = 4
	if p.step(s); p.average != 2.1 {
		t.Errorf("average %v after four losses of 2 and one of 4, want 2.1", p.average)
	}
}

// TestProgressBar wants every line to fit the terminal, and the last to end.
func TestProgressBar(t *testing.T) {
	for _, columns := range []int{20, 60, 80, 200} {
		var out bytes.Buffer
		p := &progress{w: &out, columns: columns}
		for i := range 4 {
			p.shown = time.Time{} // as if much time had passed
			p.step(train.Progress{Step: i, Steps: 4, Epochs: 1, Units: 8, Loss: 1})
			if i == 1 {
				p.note("a note")
			}
		}
		for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\r\x1b[K")[1:] {
			line, _, _ = strings.Cut(line, "\n")
			if n := len([]rune(line)); n >= columns {
				t.Errorf("%d columns: %q takes %d", columns, line, n)
			}
		}
		if !strings.HasSuffix(out.String(), "\n") || !strings.Contains(out.String(), "\na note\n") {
			t.Errorf("%d columns: %q", columns, out.String())
		}
		if full := strings.Repeat("█", 24); columns >= 80 && !strings.Contains(out.String(), full) {
			t.Errorf("%d columns: no full bar in %q", columns, out.String())
		}
	}
}

// TestTrainingLog writes logs of one scale and of three, resumes them after a step that
// was lost with a crash, and reads them as the report does.
func TestTrainingLog(t *testing.T) {
	for _, scales := range []int{1, 3} {
		path := filepath.Join(t.TempDir(), "log.csv")
		run := func(from, to int) {
			l, err := openLog(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.begin(scales, from); err != nil {
				t.Fatal(err)
			}
			for i := from; i < to; i++ {
				s := train.Progress{Step: i, Loss: float64(100*to + i)}
				if i == 0 {
					s.Diagnostics = make([]train.Diagnostics, scales)
				}
				l.step(s)
			}
			if err := l.close(); err != nil {
				t.Fatal(err)
			}
		}
		run(0, 5)
		run(3, 6) // steps 3 and 4 are made again
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		log, err := report.ReadLog(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		p, err := log.Plot("", "step", "loss", fmt.Sprintf("spread_%d", scales))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(p.Lines[0].Y), "[500 501 502 603 604 605]"; got != want {
			t.Errorf("%d scales: losses %s, want %s", scales, got, want)
		}
		if got, want := fmt.Sprint(p.Lines[1].Y), "[0 NaN NaN NaN NaN NaN]"; got != want {
			t.Errorf("%d scales: spreads %s, want %s", scales, got, want)
		}
		run(0, 1)
		if b, err := os.ReadFile(path); err != nil || bytes.Count(b, []byte("\n")) != 2 {
			t.Errorf("%d scales: begun anew, the log is %q, %v", scales, b, err)
		}
	}
}

// TestHeatmapNames wants names that no two images share, not even where a file system
// does not tell capitals, and that every file system takes.
func TestHeatmapNames(t *testing.T) {
	h := &pictures{taken: map[string]bool{}}
	taken := map[string]string{}
	for _, path := range []string{
		"a/b.png", "a_b.png", "A/B.png", "a/b.jpg", "a_b-2.png", "./a/b.png", "../a/b.png", "data.bin#1", "data.bin#2",
		".png", "/.png", strings.Repeat("long/", 100) + "1.png", strings.Repeat("long/", 100) + "2.png", `c:\d.png`,
	} {
		name := h.name(path)
		if other, ok := taken[strings.ToLower(name)]; ok {
			t.Errorf("%s and %s are both called %s", other, path, name)
		}
		taken[strings.ToLower(name)] = path
		if strings.ContainsAny(name, `/\:#`) || len(name) > 240 || name == "" || name[0] == '.' {
			t.Errorf("%s is called %q", path, name)
		}
	}
	if got := h.name("x/data.bin#3"); got != "x_data.bin_3" {
		t.Errorf("x/data.bin#3 is called %s", got)
	}
}
