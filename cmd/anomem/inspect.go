package main

import (
	"encoding/json"
	"fmt"
	"io"

	"anomem/describe"
	"anomem/imageio"
	"anomem/internal/setting"
	"anomem/train"

	"anomem"
)

func inspectCommand() *command {
	return &command{
		name:    "inspect",
		summary: "print what a model is and where it comes from",
		args:    "MODEL [flags]",
		text: `
Inspect prints a model's size and configuration, how it was trained and on what, how it is
calibrated, the decisions that training took, and where it departs from the paper.`,
		examples: `anomem inspect model.safetensors
anomem inspect model.safetensors --json | jq .config.scales
anomem inspect model.safetensors --config | grep ^train.loss`,
		run: runInspect,
	}
}

func runInspect(e *env, args []string) error {
	var asJSON, config bool
	g := e.group("Flags")
	g.json(&asJSON, "one JSON object")
	option(g, &config, "config", false, "print configuration and training options, one NAME=VALUE a line, as train --set takes them")
	paths, done, err := e.parsePaths(args, 1, 1)
	switch {
	case done:
		return err
	case asJSON && config:
		return usagef("--json and --config: give one")
	}
	m, err := anomem.Load(paths[0], nil)
	switch {
	case err != nil:
		return err
	case config:
		return printConfig(e.stdout, m)
	}
	d := describe.Of(m)
	if d.Files, err = describe.FilesOf(paths[0], m); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(d)
	}
	printModel(e.stdout, d, describe.Verdict(m), trainingOptions(m))
	return nil
}

// printConfig prints a model's settings, a line each.
func printConfig(w *output, m *anomem.Model) error {
	c := m.Config()
	s := settings{Config: &c}
	if o, ok := describe.Training(m); ok {
		s.Train = &o
	}
	for _, entry := range setting.List(&s) {
		fmt.Fprintln(w, entry)
	}
	return w.err
}

// trainingOptions returns the options that m was trained by, as --set takes them.
func trainingOptions(m *anomem.Model) []setting.Entry {
	o, ok := describe.Training(m)
	if !ok {
		return nil
	}
	return setting.List(&struct {
		Train *train.Options `json:"train"`
	}{&o})
}

// printModel prints what a model is for people. options are those of its training.
func printModel(w io.Writer, d describe.Model, verdict string, options []setting.Entry) {
	c, v := d.Config, d.Provenance
	fmt.Fprintf(w, "file         %s\n", d.Files)
	fmt.Fprintf(w, "encoder      ResNet-%d, %s stem, width %g\n", c.Encoder.Depth, c.Encoder.Stem, c.Encoder.Width)
	if v.Encoder != nil {
		fmt.Fprintf(w, "begun with   %s\n", originText(*v.Encoder))
	}
	if v.Kind != "" {
		fmt.Fprintf(w, "kind         %s\n", kindBefore(v.Kind, v.KindWhy).line())
	}
	if d.Aligned != nil {
		fmt.Fprintf(w, "aligned      %s\n", d.Aligned)
	}
	width, height := c.Input.Shape()
	if c.Input.Tile > 0 {
		fmt.Fprintf(w, "input        %s\n", tilesText(c.Input))
	} else {
		fmt.Fprintf(w, "input        whole images as %d×%d\n", width, height)
	}
	if c.Input.Range != (imageio.Range{}) {
		fmt.Fprintf(w, "range        %s\n", rangeText(c.Input.Range))
	}
	switch {
	case d.Region != nil:
		fmt.Fprintf(w, "region       %v\n", d.Region)
	case c.Input.Regions:
		fmt.Fprintln(w, "region       each image has its own")
	}
	for i, s := range c.Scales {
		fmt.Fprintf(w, "scale %d      stage %d, %d patterns, sampling %g, λ %g\n", i+1, s.Stage, s.Patterns, s.Ratio, s.Lambda)
	}
	fmt.Fprintf(w, "memory       β %g, %d updates, similarity %s\n", c.Memory.Beta, c.Memory.Updates, c.Memory.Similarity)
	fmt.Fprintf(w, "score        %s\n", c.Score.Kind)
	fmt.Fprintf(w, "calibrated   %s\n", verdict)
	fmt.Fprintf(w, "trained      on %s, %d of them known anomalies, seed %d, by version %s\n", plural(v.Images, "image", "images"), v.Known, v.Seed, v.Version)
	fmt.Fprintf(w, "data         %s\n", v.Data)
	for _, line := range options {
		fmt.Fprintf(w, "option       %s\n", line)
	}
	for _, n := range v.Notes {
		fmt.Fprintf(w, "note         %s\n", n)
	}
	for _, departure := range d.Departures {
		fmt.Fprintf(w, "not as the paper  %s\n", departure)
	}
}
