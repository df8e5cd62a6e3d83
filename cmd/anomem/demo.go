package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/simd/pool"
	"anomem/synthetic"
	"anomem/train"
	"anomem/train/augment"
)

func demoCommand() *command {
	return &command{
		name:    "demo",
		summary: "train and score on generated pictures, in two minutes",
		args:    "[flags]",
		text: `
Demo needs no data. It draws normal pictures of a part and trains on them. Then it draws
and scores others, half of them anomalous: another object, another style, a local
defect. It prints how well the scores separate these from normal pictures, and what two
trivial detectors reach. It writes the model, heatmaps, the log of the training, and a
page, report.html.`,
		examples: `anomem demo
anomem demo -o look --seed 7`,
		run: runDemo,
	}
}

// The number of pictures of the demo.
const (
	demoTrain   = 1000
	demoHeld    = 100
	demoNormals = 150 // of the test
	demoEach    = 50  // of the test, of each kind of anomaly
)

// demoScoring is about the time that scoring the pictures and writing the page take.
const demoScoring = 4 * time.Second

// demoPictures are the pictures that the demo draws.
type demoPictures struct {
	learn, held dataset.Samples // normal
	test        []synthetic.Sample
}

func runDemo(e *env, args []string) error {
	var out string
	var seed uint64
	var budget time.Duration
	var threads int
	g := e.group("Flags")
	option(g, &out, "o", "anomem-demo", "write to `FOLDER`").was("out")
	option(g, &budget, "budget", 112*time.Second, "take `TIME` in all")
	g.seed(&seed)
	g.threads(&threads)
	if done, err := e.parse(args); done {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	start := time.Now()
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	show, err := newProgress(e, false, filepath.Join(out, demoLog))
	if err != nil {
		return err
	}
	p := pool.New(threads)
	defer p.Close()
	fmt.Fprintf(e.stdout, "drawing %d normal pictures to learn from, and %d others, half of them anomalous\n", demoTrain+demoHeld, demoNormals+3*demoEach)
	pictures := drawDemo(seed)
	show.lasts(start, budget-demoScoring)
	m, err := demoModel(ctx, pictures, seed, budget-demoScoring, start, show, p)
	if closed := show.close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := m.Save(filepath.Join(out, "model.safetensors")); err != nil {
		return err
	}
	if err := demoReport(ctx, e, m, pictures, out, start); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "wrote %s, and the model beside it, in %v\n", filepath.Join(out, "report.html"), time.Since(start).Round(time.Second))
	return nil
}

// drawDemo draws the demo's pictures from a seed.
func drawDemo(seed uint64) demoPictures {
	o := synthetic.Options{Scene: synthetic.Part}
	var all demoPictures
	for i := range demoTrain {
		all.learn = append(all.learn, o.Normal(seed, i).Sample)
	}
	for i := range demoHeld {
		all.held = append(all.held, o.Normal(seed, demoTrain+i).Sample)
	}
	for i := range demoNormals {
		all.test = append(all.test, o.Normal(seed, demoTrain+demoHeld+i))
	}
	for _, kind := range o.Kinds() {
		for i := range demoEach {
			all.test = append(all.test, o.Anomaly(seed, i, kind))
		}
	}
	return all
}

// demoModel trains on the pictures within a budget, of which the time since start is spent.
func demoModel(ctx context.Context, pictures demoPictures, seed uint64, budget time.Duration, start time.Time, show *progress, p *pool.Pool) (*anomem.Model, error) {
	learn := pictures.learn
	c, o := train.Settings(train.Quick, augment.Part, learn[0].Image.W, learn[0].Image.H)
	o.Seed, o.Shift = seed, augment.Mixed // an object has an up and a down
	o.Rotations = false                   // a rotated copy shows a defect, too
	o.Joint = 30
	if err := show.begin(len(c.Scales), 0); err != nil {
		return nil, err
	}
	r := &train.Run{Config: c, Options: o, Data: learn, Held: show.counted("held-out images", pictures.held), Promise: anomem.Promise{Alpha: describe.UsualAlpha}, Version: buildVersion(), Budget: budget, Spent: time.Since(start), OnStep: show.step, OnNote: show.note, OnPart: show.reach}
	return r.Train(ctx, p)
}
