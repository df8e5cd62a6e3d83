package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"anomem/dataset"
	"anomem/train"
)

func TestPhaseLine(t *testing.T) {
	start := time.Now()
	for _, tt := range []struct {
		p    phase
		took time.Duration
		want string
	}{
		{phase{name: "scoring", total: 8}, time.Minute, "scoring  0 of 8"},
		{phase{name: "scoring", total: 8, done: 2}, time.Minute, "scoring  2 of 8  3m0s left"},
		{phase{name: "scoring", total: 8, done: 8}, time.Minute, "scoring  8 of 8  0s left"},
		{phase{name: "stage 2"}, 90 * time.Second, "stage 2  1m30s"},
		{phase{name: "stage 2", until: start.Add(2 * time.Minute)}, 90 * time.Second, "stage 2  1m30s, about 30s left"},
		{phase{name: "stage 2", until: start.Add(time.Minute)}, 90 * time.Second, "stage 2  1m30s"},
	} {
		tt.p.start = start
		if got := tt.p.line(start.Add(tt.took)); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// A phase that is told how far it is shows it, and begins anew where it goes back. Programs
// are told of the end. Neither hears of a rehearsal.
func TestReach(t *testing.T) {
	var out, events bytes.Buffer
	p := &progress{w: &out, columns: 80}
	told := &progress{events: json.NewEncoder(&events)}
	for _, s := range []struct {
		name        string
		done, total int
		shown       string
	}{
		{"decoding images", 1, 4, "decoding images  1 of 4"},
		{"decoding images", 3, 4, "decoding images  3 of 4"},
		{"decoding images", 4, 4, "decoding images  4 of 4"},
		{"decoding images", 1, 4, "decoding images  1 of 4"},
		{"heads", 2, 2, "heads  2 of 2"},
	} {
		before := p.current
		p.reach(s.name, s.done, s.total)
		told.reach(s.name, s.done, s.total)
		out.Reset()
		p.showPhase(time.Now())
		if !strings.Contains(out.String(), s.shown) {
			t.Errorf("%q, want %q", &out, s.shown)
		}
		if again := before == nil || s.done < before.done || s.name != before.name; again != (p.current != before) {
			t.Errorf("%s %d of %d: another phase: %t", s.name, s.done, s.total, !again)
		}
	}
	p.steady, told.steady = true, true
	p.reach("views for heads", 1, 1)
	told.reach("views for heads", 1, 1)
	if p.current.name != "heads" {
		t.Errorf("%+v", p.current)
	}
	const want = `{"event":"part","part":"decoding images","done":1,"total":4}
{"event":"part","part":"decoding images","done":4,"total":4}
{"event":"part","part":"heads","done":2,"total":2}
`
	if events.String() != want {
		t.Errorf("events %s", &events)
	}
}

// The phases go on after the last step, by the notes and by the images that are read.
func TestPhasesOfTraining(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, columns: 80}
	held := p.counted("held-out images", dataset.Samples{{}, {}})
	shown := func(want string) {
		t.Helper()
		out.Reset()
		p.showPhase(time.Now())
		if got := out.String(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("it shows %q, want %q", got, want)
		}
	}
	shown("")
	p.phase("decoding images", 0)
	shown("\r\x1b[Kdecoding images  0s")
	p.step(train.Progress{Step: 0, Steps: 2, Epochs: 1})
	out.Reset()
	p.step(train.Progress{Step: 1, Steps: 2, Epochs: 1})
	if !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("the last step shows %q", out.String())
	}
	shown("stage 2  0s")
	held.Image(0)
	shown("held-out images  1 of 2")
	held.Image(1)
	out.Reset()
	p.note("stage 2: heads")
	if got := out.String(); got != "\r\x1b[Kstage 2: heads\n" {
		t.Errorf("the note is %q", got)
	}
	shown("stage 2: heads  0s")
	held.Image(0)
	held.Image(1)
	held.Image(0) // a pass after the other
	shown("held-out images  1 of 2")
	p.close()
	shown("")
}

// What is no terminal shows no phase.
func TestPhasesWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out}
	images := dataset.Samples{{}}
	p.phase("scoring", 3)
	p.advance()
	p.counted("calibration", images).Image(0)
	p.showPhase(time.Now())
	p.wipe()
	p.close()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}
