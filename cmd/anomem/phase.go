package main

import (
	"fmt"
	"time"

	"anomem/dataset"
	"anomem/imageio"
)

// phase is a part of the work that a terminal shows while it lasts.
type phase struct {
	name        string
	done, total int // of images; total 0: not known
	start       time.Time
	until       time.Time // when the plan ends; zero: there is none
}

// line returns the phase's name, how far it is, and the time left, or that taken where
// nothing tells how much is left.
func (p *phase) line(now time.Time) string {
	took := now.Sub(p.start)
	switch {
	case p.total > 0 && p.done == 0:
		return fmt.Sprintf("%s  0 of %d", p.name, p.total)
	case p.total > 0:
		left := time.Duration(float64(took) / float64(p.done) * float64(p.total-p.done))
		return fmt.Sprintf("%s  %d of %d  %v left", p.name, p.done, p.total, left.Round(time.Second))
	case p.until.After(now):
		return fmt.Sprintf("%s  %v, about %v left", p.name, took.Round(time.Second), p.until.Sub(now).Round(time.Second))
	}
	return fmt.Sprintf("%s  %v", p.name, took.Round(time.Second))
}

// phase begins a phase of total images, 0 for an unknown number. It lasts until the next one,
// a step, or the end.
func (p *progress) phase(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.enter(name, total)
}

func (p *progress) enter(name string, total int) {
	if p.columns == 0 {
		return
	}
	p.clear()
	p.current = &phase{name: name, total: total, start: time.Now(), until: p.until}
}

// wipe ends the phase.
func (p *progress) wipe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.current = nil
}

// decodingPhase is the phase in which the images of a dataset are decoded.
const decodingPhase = "decoding images"

func (p *progress) decoding(done, total int) { p.reach(decodingPhase, done, total) }

// reach says how much of a phase is done, and begins it where it is another one than before
// or begins anew. Programs are told once a second, and at the end. While steps of a training
// are left, a rehearsal of what follows says nothing.
func (p *progress) reach(name string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c := p.current; {
	case p.steady:
	case p.events != nil:
		if now := time.Now(); done == total || now.Sub(p.told) >= time.Second {
			p.told = now
			p.events.Encode(partEvent{"part", name, done, total})
		}
	case p.columns > 0:
		if c == nil || c.name != name || done <= c.done {
			p.enter(name, total)
		}
		p.current.done, p.current.total = done, total
	}
}

// advance counts an image of the phase.
func (p *progress) advance() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.current.done++
	}
}

// counted returns images of which each pass is a phase of that name, unless steps of a
// training are left, which may look at some images, too.
func (p *progress) counted(name string, images dataset.Source) dataset.Source {
	if p.columns == 0 {
		return images
	}
	return &countedImages{images, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.steady {
			return
		}
		if c := p.current; c == nil || c.name != name || c.done == c.total {
			p.enter(name, images.Len())
		}
		p.current.done++
	}}
}

// countedImages calls a function for each image that is read.
type countedImages struct {
	dataset.Source
	read func()
}

func (c *countedImages) Image(i int) (*imageio.Image, error) {
	c.read()
	return c.Source.Image(i)
}

// tick shows the phase now and then, until quit is closed.
func (p *progress) tick(quit <-chan struct{}) {
	t := time.NewTicker(300 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-quit:
			return
		case now := <-t.C:
			p.showPhase(now)
		}
	}
}

func (p *progress) showPhase(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.current; c != nil {
		p.draw(c.line(now), c.done, c.total)
	}
}
