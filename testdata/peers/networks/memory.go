package main

import (
	"context"
	"fmt"
	"strings"
)

// memoryNetworks are compared at a batch and at twice the batch.
var memoryNetworks = []struct {
	name  string
	batch int
}{
	{"train/resnet50-224", 8}, {"train/resnet50-32", 32}, {"train/resnet18-224", 16}, {"train/resnet18-32", 64},
	{"infer/resnet50-224", 16}, {"infer/resnet50-32", 64}, {"infer/resnet18-224", 16}, {"infer/resnet18-32", 64},
}

// memoryRow is the peak resident memory of a process that does only this job, and what
// each further image adds to it.
type memoryRow struct {
	Job     string  `json:"job"`
	Engine  string  `json:"engine"`
	Layout  string  `json:"layout,omitempty"`
	Peak    int64   `json:"peak_bytes"`
	Idle    int64   `json:"idle_bytes"` // resident before the network was made; 0: unknown
	Image   float64 `json:"bytes_per_image"`
	Threads int     `json:"threads"`
}

func (r *report) memory(ctx context.Context, c config) error {
	r.printf("%-24s %-11s %12s %16s %18s\n", "peak resident memory", "engine", "MiB, process", "before the model", "MiB, further image")
	for _, n := range memoryNetworks {
		if !c.only.MatchString(n.name) {
			continue
		}
		engines := []engine{project, torchNCHW, torchNHWC}
		if strings.HasPrefix(n.name, "infer/") {
			engines = append(engines, onnx)
		}
		for _, e := range engines {
			row, err := r.memoryOf(ctx, c, e, n.name, n.batch)
			if err != nil {
				return err
			}
			r.Memory = append(r.Memory, row)
			idle := "-"
			if row.Idle > 0 {
				idle = fmt.Sprintf("%.0f", mib(row.Idle))
			}
			r.printf("%-24s %-11s %12.0f %16s %18.1f\n", row.Job, strings.TrimSpace(e.name+" "+e.layout),
				mib(row.Peak), idle, row.Image/(1<<20))
		}
	}
	return nil
}

// memoryOf measures at batch and at twice the batch; the difference of the peaks is
// what batch further images take.
func (r *report) memoryOf(ctx context.Context, c config, e engine, name string, batch int) (memoryRow, error) {
	row := memoryRow{Engine: e.name, Layout: e.layout, Threads: c.threads[0]}
	var peaks [2]int64
	for i := range peaks {
		job := fmt.Sprintf("%s-b%d", name, batch<<i)
		s, err := c.start(ctx, e, job, row.Threads)
		if err != nil {
			return row, err
		}
		_, err = s.run()
		if err == nil {
			peaks[i], err = s.peak()
		}
		s.end()
		if err != nil {
			return row, err
		}
		if i == 0 {
			row.Job, row.Idle = job, s.hello.Idle
			r.peer(s.hello)
		}
	}
	row.Peak, row.Image = peaks[0], float64(peaks[1]-peaks[0])/float64(batch)
	return row, nil
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
