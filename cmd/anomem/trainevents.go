package main

import (
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/train"
)

// The lines of train --json.

type noteEvent struct {
	Event string `json:"event"` // "note"
	Note  string `json:"note"`
}

type planEvent struct {
	Event    string  `json:"event"` // "plan"
	Normal   int     `json:"normal"`
	Known    int     `json:"known_anomalies"`
	Held     int     `json:"held_out"`
	Size     int     `json:"size"`
	Across   int     `json:"input_width,omitempty"` // of the input, where it is no square
	Tile     int     `json:"tile"`                  // 0: images are seen whole
	Stride   int     `json:"stride"`
	Range    string  `json:"range,omitempty"` // of 16-bit values
	Depth    int     `json:"depth"`
	Width    float64 `json:"width"`
	Patterns []int   `json:"patterns"` // of each scale
	Epochs   int     `json:"epochs"`   // 0: a budget decides
	Steps    int     `json:"steps"`    // 0: the epochs count, or a budget decides
	Batch    int     `json:"batch"`
	Kind     string  `json:"kind"`
	KindWhy  string  `json:"kind_why,omitempty"`  // unless --kind says it
	Aligned  bool    `json:"aligned,omitempty"`   // images are cut as their part lies
	AlignWhy string  `json:"align_why,omitempty"` // unless --align says it
	Shift    string  `json:"shift"`
	Seed     uint64  `json:"seed"`
	Budget   float64 `json:"budget_seconds,omitempty"`
	Freeze   bool    `json:"freeze,omitempty"` // the encoder stays as it is
}

// planOf returns the plan of a training, within a budget unless that is 0.
func planOf(c anomem.Config, o train.Options, kind kindFlag, budget time.Duration, set *trainingImages) planEvent {
	all, held := set.All, set.Held
	known := dataset.Anomalies(all)
	e := planEvent{
		Event: "plan", Normal: all.Len() - known, Known: known, Held: held.Len(),
		Size: c.Input.Size, Across: c.Input.Width, Tile: c.Input.Tile, Stride: c.Input.Stride, Depth: c.Encoder.Depth, Width: c.Encoder.Width,
		Epochs: o.Epochs, Steps: o.Steps, Batch: o.Batch, Kind: kind.is.String(), KindWhy: kind.why, Aligned: set.template != nil, AlignWhy: set.why, Shift: o.Shift.String(), Seed: o.Seed, Budget: budget.Seconds(), Freeze: o.Freeze,
	}
	if budget > 0 {
		e.Epochs, e.Steps = 0, 0
	} else if end, ok := o.Schedule.End(); ok {
		e.Steps = end
	}
	if c.Input.Range != (imageio.Range{}) {
		e.Range = c.Input.Range.String()
	}
	for _, s := range c.Scales {
		e.Patterns = append(e.Patterns, s.Patterns)
	}
	return e
}

// partEvent says how far decoding or a part of stage 2 is.
type partEvent struct {
	Event string `json:"event"` // "part"
	Part  string `json:"part"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

type stepEvent struct {
	Event        string       `json:"event"`  // "step"
	Step         int          `json:"step"`   // from 0
	Steps        int          `json:"steps"`  // 0: a budget has not decided yet
	Epoch        int          `json:"epoch"`  // from 0
	Epochs       int          `json:"epochs"` // likewise
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
	Refit      string   `json:"refit,omitempty"` // the file that refit needs beside the model
	Score      string   `json:"score"`
	Threshold  *float64 `json:"threshold"` // null: none
	FalseAlarm float64  `json:"false_alarm"`
	Confidence float64  `json:"confidence,omitzero"` // 0: the rate holds in the mean over calibrations
	Seconds    float64  `json:"seconds"`
}

// errorEvent is the last line of a training that failed or was interrupted.
type errorEvent struct {
	Event string `json:"event"` // "error"
	Error string `json:"error"`
}
