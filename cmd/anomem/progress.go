package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"anomem/train"
)

// progress shows a training as it goes: a bar on a terminal, a line now and then
// elsewhere, or events as JSON; and keeps a log as CSV.
type progress struct {
	w        io.Writer // people's; nil: events are wanted
	events   *json.Encoder
	terminal bool
	bar      bool // a bar stands on the line

	log     *csv.Writer
	logFile *os.File
	rows    int // of a step
	start   time.Time
	first   int // step at start
	shown   time.Time
	average float64 // of the loss
}

// event is a line of train --json.
type event struct {
	Event string          `json:"event"` // "note", "step" or "done"
	Note  string          `json:"note,omitempty"`
	Step  *train.Progress `json:"step,omitempty"`
	Model string          `json:"model,omitempty"`
}

// newProgress writes to stderr, or events to stdout, and a log to path unless it is "".
func newProgress(e *env, asJSON bool, path string) (*progress, error) {
	p := &progress{w: e.stderr, start: time.Now(), first: -1}
	if asJSON {
		p.w, p.events = nil, json.NewEncoder(e.stdout)
	} else if f, ok := e.stderr.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	if path != "" {
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		p.logFile, p.log = f, csv.NewWriter(f)
		p.log.Write([]string{"step", "epoch", "loss", "learning_rate", "gradient_norm", "patterns_used_1", "patterns_used_2", "spread_1", "spread_2"})
	}
	return p, nil
}

// note tells of a decision or a stage.
func (p *progress) note(text string) {
	if p.events != nil {
		p.events.Encode(event{Event: "note", Note: text})
		return
	}
	p.clear()
	fmt.Fprintln(p.w, text)
}

// step tells of a step.
func (p *progress) step(s train.Progress) {
	if p.first < 0 {
		p.first, p.start, p.average = s.Step, time.Now(), s.Loss
	}
	p.average += (s.Loss - p.average) / 20
	p.write(s)
	last := s.Step+1 == s.Steps
	if p.events != nil {
		p.events.Encode(event{Event: "step", Step: &s})
		return
	}
	every := 10 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if !last && time.Since(p.shown) < every {
		return
	}
	p.shown = time.Now()
	line := p.line(s)
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	const width = 24
	full := width * (s.Step + 1) / s.Steps
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %s", strings.Repeat("█", full), strings.Repeat("·", width-full), line)
	p.bar = true
	if last {
		p.clear()
	}
}

func (p *progress) line(s train.Progress) string {
	done := s.Step + 1 - p.first
	each := time.Since(p.start) / time.Duration(max(1, done))
	if done == 1 {
		return fmt.Sprintf("epoch %d of %d  loss %.3f", s.Epoch+1, s.Epochs, p.average)
	}
	left := time.Duration(s.Steps-s.Step-1) * each
	return fmt.Sprintf("epoch %d of %d  loss %.3f  %.0f images/s  %v left", s.Epoch+1, s.Epochs, p.average,
		float64(p.rows)/each.Seconds(), left.Round(time.Second))
}

// clear ends the line of a bar.
func (p *progress) clear() {
	if p.bar {
		fmt.Fprintln(p.w)
		p.bar = false
	}
}

// write adds a line to the log.
func (p *progress) write(s train.Progress) {
	if p.log == nil {
		return
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
	row := []string{strconv.Itoa(s.Step), strconv.Itoa(s.Epoch), number(s.Loss), number(s.LR), number(s.GradNorm), "", "", "", ""}
	for i, w := range s.Watch {
		if i < 2 {
			row[5+i], row[7+i] = number(w.Used), number(w.Spread)
		}
	}
	p.log.Write(row)
}

// close ends the log.
func (p *progress) close() error {
	if p.events == nil {
		p.clear()
	}
	if p.log == nil {
		return nil
	}
	p.log.Flush()
	if err := p.log.Error(); err != nil {
		p.logFile.Close()
		return err
	}
	return p.logFile.Close()
}
