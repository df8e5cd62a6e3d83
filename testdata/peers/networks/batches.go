package main

import (
	"context"
	"fmt"
)

// batchRow compares the project's speed on a batch with that on the best smaller one.
type batchRow struct {
	Job      string  `json:"job"`
	Threads  int     `json:"threads"`
	quotient         // over the best smaller batch; all 1 for the first
	Best     int     `json:"best_smaller"`
	Images   float64 `json:"images_per_s"`
	Waited   float64 `json:"waited"`
}

// batches doubles the batch and compares with the best of the smaller ones, in turn.
func (r *report) batches(ctx context.Context, c config) error {
	r.printf("%-24s %7s %9s  %5s  %-11s  %s\n", "the project's batches", "threads", "images/s", "ratio", "of rounds", "to batch")
	for _, threads := range c.threads {
		for _, pass := range []string{"infer", "train"} {
			for _, network := range []string{"resnet50-224", "resnet50-32", "resnet18-224", "resnet18-32"} {
				name := pass + "/" + network
				if !c.only.MatchString(name) {
					continue
				}
				if err := r.batchesOf(ctx, c, name, threads); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *report) batchesOf(ctx context.Context, c config, name string, threads int) error {
	best := 0
	for batch := 1; batch <= 64; batch *= 2 {
		row := batchRow{Job: fmt.Sprintf("%s-b%d", name, batch), Threads: threads, Best: best, quotient: quotient{1, 1, 1}}
		var sides []*side
		for _, b := range []int{batch, best} {
			if b == 0 {
				continue
			}
			s, err := c.start(ctx, project, fmt.Sprintf("%s-b%d", name, b), threads)
			if err != nil {
				endAll(sides)
				return err
			}
			sides = append(sides, s)
		}
		images, waited, err := inTurn(sides, c.rounds)
		endAll(sides)
		if err != nil {
			return err
		}
		row.Images, row.Waited = median(images[0]), waited
		to := "-"
		if best > 0 {
			row.quotient = compare(images[0], images[1])
			to = fmt.Sprint(best)
		}
		r.Batches = append(r.Batches, row)
		r.printf("%-24s %7d %9.4g  %-18v  %s%s\n", row.Job, threads, row.Images, row.quotient, to, disturbed(waited))
		if row.Ratio >= 1 {
			best = batch
		}
	}
	return nil
}
