package main

import (
	"anomem"
	"anomem/dataset"
	"anomem/train"
)

// The lines of train --json.

type noteEvent struct {
	Event string `json:"event"` // "note"
	Note  string `json:"note"`
}

type planEvent struct {
	Event       string  `json:"event"` // "plan"
	Normal      int     `json:"normal"`
	Known       int     `json:"known_anomalies"`
	Held        int     `json:"held_out"`
	Size        int     `json:"size"`
	Tile        int     `json:"tile"` // 0: images are seen whole
	Stride      int     `json:"stride"`
	Depth       int     `json:"depth"`
	Width       float64 `json:"width"`
	Patterns    []int   `json:"patterns"` // of each scale
	Epochs      int     `json:"epochs"`
	Steps       int     `json:"steps"` // 0: the epochs count
	Batch       int     `json:"batch"`
	Shift       string  `json:"shift"`
	Seed        uint64  `json:"seed"`
	StepSeconds float64 `json:"step_seconds,omitempty"` // where a budget planned the epochs
}

// planOf returns the plan of a training.
func planOf(c anomem.Config, o train.Options, all, held dataset.Source) planEvent {
	known := dataset.Anomalies(all)
	e := planEvent{
		Event: "plan", Normal: all.Len() - known, Known: known, Held: held.Len(),
		Size: c.Input.Size, Tile: c.Input.Tile, Stride: c.Input.Stride, Depth: c.Encoder.Depth, Width: c.Encoder.Width,
		Epochs: o.Epochs, Steps: o.Steps, Batch: o.Batch, Shift: o.Shift.String(), Seed: o.Seed,
	}
	for _, s := range c.Scales {
		e.Patterns = append(e.Patterns, s.Patterns)
	}
	return e
}

type stepEvent struct {
	Event        string       `json:"event"` // "step"
	Step         int          `json:"step"`  // from 0
	Steps        int          `json:"steps"`
	Epoch        int          `json:"epoch"` // from 0
	Epochs       int          `json:"epochs"`
	Loss         float64      `json:"loss"`
	LR           float64      `json:"learning_rate"`
	GradientNorm float64      `json:"gradient_norm"`
	Scales       []scaleEvent `json:"scales,omitempty"` // once an epoch
}

type scaleEvent struct {
	PatternsUsed float64 `json:"patterns_used"`
	Sharpness    float64 `json:"sharpness"`
	Spread       float64 `json:"spread"`
}

type doneEvent struct {
	Event      string   `json:"event"` // "done"
	Model      string   `json:"model"`
	Score      string   `json:"score"`
	Threshold  *float64 `json:"threshold"` // null: none
	FalseAlarm float64  `json:"false_alarm"`
	Seconds    float64  `json:"seconds"`
}

// errorEvent is the last line of a training that failed or was interrupted.
type errorEvent struct {
	Event string `json:"event"` // "error"
	Error string `json:"error"`
}
