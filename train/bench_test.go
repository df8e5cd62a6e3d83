package train

import (
	"context"
	"testing"

	"anomem"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// BenchmarkStep measures a step of stage 1, on one thread and on two. A profile tells the
// share of the encoder:
//
//	go test ./train -run - -bench Step/full -benchtime 3x -cpuprofile cpu.out
//	go tool pprof -top -cum cpu.out
//
// Stages and convNormOp.Backward are the encoder; the rest of Next is not.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name    string
		preset  Preset
		width   float64
		threads int
	}{
		{"quick", Quick, 0, 1}, {"small", Small, 0, 1}, {"small/2threads", Small, 0, 2}, {"full", Small, 1, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			config, o := Settings(c.preset, augment.Object, 32, 32)
			if c.width > 0 {
				config.Encoder.Width = c.width
			}
			d := &drawing{}
			for i := range o.Batch {
				d.add(upright("bench", i, 32, 32), true, nil)
			}
			p := pool.New(c.threads)
			defer p.Close()
			parts, err := anomem.NewParts[float32](config, 1)
			if err != nil {
				b.Fatal(err)
			}
			s, err := NewStage1(config, o, parts, d, p)
			if err != nil {
				b.Fatal(err)
			}
			next := func() {
				if _, err := s.Next(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			for range 3 {
				next() // the first steps fill the memories and size the graphs
			}
			for b.Loop() {
				next()
			}
			b.ReportMetric(float64(2*s.Rows()*b.N)/b.Elapsed().Seconds(), "views/s")
		})
	}
}
