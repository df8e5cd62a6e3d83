package main

import (
	"context"
	"fmt"
	"strings"
)

// jobs are the networks, passes and batches whose speed is compared.
var jobs = []string{
	"infer/resnet50-224-b1", "infer/resnet50-224-b16",
	"train/resnet50-224-b8", "train/resnet50-32-b32", "train/resnet18-32-b64",
}

// speedRow compares the project with one engine.
type speedRow struct {
	Job      string  `json:"job"`
	Threads  int     `json:"threads"`
	Peer     string  `json:"peer"`
	Layout   string  `json:"layout,omitempty"`
	Ours     float64 `json:"ours"` // images a second, the median
	Theirs   float64 `json:"theirs"`
	quotient         // ours over theirs
	Waited   float64 `json:"waited"` // the worst share of a run's time without a core
}

func (r *report) speed(ctx context.Context, c config) error {
	r.printf("%-24s %7s  %-19s %9s %9s  %5s  %s\n", "images/s, medians", "threads", "peer", "ours", "theirs", "ratio", "of rounds")
	for _, threads := range c.threads {
		for _, job := range jobs {
			if !c.only.MatchString(job) {
				continue
			}
			if err := r.speedOf(ctx, c, job, threads); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *report) speedOf(ctx context.Context, c config, job string, threads int) error {
	engines := []engine{project, torchNCHW, torchNHWC}
	if strings.HasPrefix(job, "infer/") {
		engines = append(engines, onnx)
	}
	sides, err := c.startAll(ctx, engines, job, threads)
	defer endAll(sides)
	if err != nil {
		return err
	}
	images, waited, err := inTurn(sides, c.rounds)
	if err != nil {
		return err
	}
	best := 1 // PyTorch's better layout
	if median(images[2]) > median(images[1]) {
		best = 2
	}
	for i := range engines {
		if i == 0 || i < 3 && i != best {
			continue
		}
		r.peer(sides[i].hello)
		row := speedRow{
			Job: job, Threads: threads, Peer: engines[i].name, Layout: engines[i].layout,
			Ours: median(images[0]), Theirs: median(images[i]), quotient: compare(images[0], images[i]), Waited: waited,
		}
		r.Speed = append(r.Speed, row)
		r.printf("%-24s %7d  %-19s %9.4g %9.4g  %v%s\n", job, threads,
			strings.TrimSpace(row.Peer+" "+row.Layout), row.Ours, row.Theirs, row.quotient, disturbed(waited))
	}
	return nil
}

// disturbed returns the table's note on rounds that had to wait for a core.
func disturbed(waited float64) string {
	if waited <= quiet {
		return ""
	}
	return fmt.Sprintf("  disturbed: waited for a core for %.0f %% of the time", 100*waited)
}

// startAll starts a side for each engine. It returns those that have started even if one
// does not.
func (c config) startAll(ctx context.Context, engines []engine, job string, threads int) (sides []*side, err error) {
	for _, e := range engines {
		s, err := c.start(ctx, e, job, threads)
		if err != nil {
			return sides, err
		}
		sides = append(sides, s)
	}
	return sides, nil
}

func endAll(sides []*side) {
	for _, s := range sides {
		s.end()
	}
}
