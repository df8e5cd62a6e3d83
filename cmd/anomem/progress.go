package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"anomem"
	"anomem/describe"
	"anomem/train"
)

// progress shows how a training goes: as a bar on a terminal, as a line now and then
// elsewhere, or as JSON events. It also writes the log. On a terminal it shows the phases of
// this and other commands, too. Any number of goroutines may use it.
type progress struct {
	mu      sync.Mutex
	w       io.Writer // for people; nil: events are wanted
	events  *json.Encoder
	columns int  // of the terminal; 0: it is none
	bar     bool // a bar stands on the line
	log     *trainingLog

	seen        int       // steps, in this run
	done, steps int       // steps, in all runs, and how many there are to be
	average     float64   // of the loss
	start       time.Time // at the end of step first, the second one seen: those before size memory
	first       int
	shown       time.Time

	current *phase        // nil: none, or steps
	told    time.Time     // when programs were told of a phase last
	steady  bool          // steps of a training are left
	until   time.Time     // when a training within a budget ends; zero: there is none
	budget  time.Duration // of that training
	quit    chan struct{} // ends tick; nil where it does not run
}

// newProgress returns a progress that writes to stderr, or events to stdout, and a log to
// path unless that is "".
func newProgress(e *env, asJSON bool, path string) (*progress, error) {
	p := &progress{w: e.stderr}
	if asJSON {
		p.w, p.events = nil, json.NewEncoder(e.stdout)
	}
	if path != "" {
		var err error
		if p.log, err = openLog(path); err != nil {
			return nil, err
		}
	}
	if !asJSON {
		p.useTerminal(e.stderr)
	}
	return p, nil
}

// newPhases returns a progress for a command that has phases alone.
func newPhases(e *env) *progress {
	p := &progress{w: e.stderr}
	p.useTerminal(e.stderr)
	return p
}

// useTerminal shows bars on w if it is a terminal.
func (p *progress) useTerminal(w io.Writer) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return
	}
	p.columns = 80
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		p.columns = w
	}
	p.quit = make(chan struct{})
	go p.tick(p.quit)
}

// lasts says when a training within a budget began and how long it takes.
func (p *progress) lasts(start time.Time, budget time.Duration) {
	p.until, p.budget = start.Add(budget), budget
}

// begin starts the log of a training with memories at so many scales. steps is how many steps
// an earlier run has made.
func (p *progress) begin(scales, steps int) error {
	if p.log == nil {
		return nil
	}
	return p.log.begin(scales, steps)
}

// note shows a decision or a stage.
func (p *progress) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.events != nil {
		p.events.Encode(noteEvent{"note", text})
		return
	}
	p.clear()
	fmt.Fprintln(p.w, text)
	if p.current != nil && strings.HasPrefix(text, "stage 2") {
		p.enter(text, 0)
	}
}

// plan shows the plan of a training to programs.
func (p *progress) plan(e planEvent) {
	if p.events != nil {
		p.events.Encode(e)
	}
}

// failed shows to programs why a training ended.
func (p *progress) failed(err error) {
	if p.events != nil {
		p.events.Encode(errorEvent{"error", errorText(err)})
	}
}

// finished shows which model was written, and how long the training took.
func (p *progress) finished(path string, m *anomem.Model, took time.Duration) {
	if p.events == nil {
		p.note(fmt.Sprintf("wrote %s: %s, in %v", path, describe.Verdict(m), took.Round(time.Second)))
		if m.Replay() != nil {
			p.note(fmt.Sprintf("wrote %s, which refit alone needs", anomem.RefitPath(path)))
		}
		return
	}
	d := doneEvent{Event: "done", Model: path, Score: string(m.Config().Score.Kind), Seconds: took.Seconds()}
	if m.Replay() != nil {
		d.Refit = anomem.RefitPath(path)
	}
	if p := m.Promise(); p.Alpha > 0 {
		t, _ := m.Threshold()
		d.Threshold, d.FalseAlarm, d.Confidence = &t, p.Alpha, p.Confidence
	}
	p.events.Encode(d)
}

// step shows a step and logs it.
func (p *progress) step(s train.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.clear()
		p.current = nil
	}
	if p.seen == 0 {
		p.average = s.Loss
	}
	p.average += (s.Loss - p.average) / 20
	if p.seen++; p.seen <= 2 {
		p.start, p.first = time.Now(), s.Step
	}
	p.done, p.steps = s.Step+1, s.Steps
	p.steady = p.done != p.steps
	if p.log != nil {
		p.log.step(s)
	}
	if p.events != nil {
		e := stepEvent{"step", s.Step, s.Steps, s.Epoch, s.Epochs, s.Loss, s.LR, s.GradNorm, nil}
		for _, w := range s.Diagnostics {
			e.Scales = append(e.Scales, scaleEvent{w.EffectivePatterns, w.PeakWeight, w.FeatureSpread})
		}
		p.events.Encode(e)
		return
	}
	every := 10 * time.Second
	if p.columns > 0 {
		every = 200 * time.Millisecond
	}
	if now := time.Now(); !p.steady || now.Sub(p.shown) >= every {
		p.shown = now
		done, total := p.share(now)
		p.draw(p.line(s, now), done, total)
	}
	if !p.steady {
		p.clear()
		p.enter("stage 2", 0)
	}
}

// draw shows a line, and on a terminal a bar before it, if there is room for one and total is
// not 0.
func (p *progress) draw(line string, done, total int) {
	if p.columns == 0 {
		fmt.Fprintln(p.w, line)
		return
	}
	bar := ""
	if width := min(24, p.columns-len(line)-4); width >= 8 && total > 0 {
		full := width * min(done, total) / total
		bar = "[" + strings.Repeat("█", full) + strings.Repeat("·", width-full) + "] "
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s%s", bar, line[:min(len(line), p.columns-1)])
	p.bar = true
}

// share returns how much is done and how much there is in all, in steps or, within a budget,
// in time.
func (p *progress) share(now time.Time) (done, total int) {
	if p.budget == 0 {
		return p.done, p.steps
	}
	left := max(0, p.until.Sub(now))
	return int(max(0, p.budget-left) / time.Millisecond), int(p.budget / time.Millisecond)
}

// line returns the epoch and the loss and, from the third step seen, the speed and the time
// left.
func (p *progress) line(s train.Progress, now time.Time) string {
	line := fmt.Sprintf("epoch %d", s.Epoch+1)
	if p.budget == 0 {
		line += fmt.Sprintf(" of %d", s.Epochs)
	}
	line += fmt.Sprintf("  loss %.3f", p.average)
	timed := s.Step - p.first
	if p.seen <= 2 || timed < 1 {
		return line
	}
	each := now.Sub(p.start) / time.Duration(timed)
	left := time.Duration(p.steps-p.done) * each
	if p.budget > 0 {
		left = max(0, p.until.Sub(now))
	}
	return line + fmt.Sprintf("  %.0f images/s  %v left", float64(s.Units)/max(each.Seconds(), 1e-9), left.Round(time.Second))
}

// at returns how far the training is, for a message.
func (p *progress) at() string {
	if p.done == 0 {
		return "before the first step"
	}
	if p.budget > 0 {
		return fmt.Sprintf("after step %d", p.done)
	}
	return fmt.Sprintf("after step %d of %d", p.done, p.steps)
}

// clear ends the line of a bar. That of a phase is wiped out.
func (p *progress) clear() {
	switch {
	case !p.bar:
		return
	case p.current != nil:
		fmt.Fprint(p.w, "\r\x1b[K")
	default:
		fmt.Fprintln(p.w)
	}
	p.bar = false
}

// close ends the bar, the phase and the log.
func (p *progress) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quit != nil {
		close(p.quit)
		p.quit = nil
	}
	p.clear()
	p.current = nil
	if p.log == nil {
		return nil
	}
	return p.log.close()
}
