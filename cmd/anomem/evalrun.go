package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"anomem/eval/protocol"
)

func evalRunCommand() *command {
	return &command{
		name:    "eval run",
		summary: "make the runs of a protocol or a plan",
		args:    "PROTOCOL DATA [OTHER...] -o DIR | --plan FILE -o DIR [flags]",
		text: `
Run makes the runs of a protocol, or those of a plan of eval plan, and writes to DIR the plan,
a file for each result, one for what a page shows beside it, and a log of each run. Started
again, it makes the runs that have no result yet; other runs may be added to DIR by another
protocol or plan. A run that fails stops no other.

With --index it makes one run of the plan, the first being 0, as a task of a cluster does.
Without it, the number in SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX counts, if one of them
is set and there is a plan. All tasks may write to one DIR, or each to its own, which eval
merge then puts together.` + protocolText,
		examples: `anomem eval run one-vs-all cifar10 --detector pca,anomem --normal bird,ship --gamma 0,0.05 --seeds 2 --budget 5m -o out
anomem eval run folder mvtec --detector pca,anomem --budget 5m -o mvtec-out
anomem eval run ood cifar10 --normal airplane,bird,cat --detector pca -o ood-out
anomem eval run sweep cifar10 --detector anomem --vary scales.1.patterns=64,128,256,512 --budget 5m -o sweep-out
anomem eval run --plan plan.json --index 3 -o out`,
		run: runEvalRun,
	}
}

// evalRunFlags are the options of eval run.
type evalRunFlags struct {
	gridFlags
	out, plan   string
	index, jobs int
	threads     int
	cache       float64
	asJSON      bool
}

func runEvalRun(e *env, args []string) error {
	var f evalRunFlags
	g := e.group("Where")
	option(g, &f.out, "o", "", "write results to `DIR`")
	option(g, &f.plan, "plan", "", "make the runs of the plan in `FILE`")
	option(g, &f.index, "index", 0, "make run `N` of the plan alone, from 0", notNegative[int]()).byDefault("SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, or all runs")
	option(g, &f.jobs, "jobs", 1, "make `N` runs at once, which share the threads", above(0))
	g.threads(&f.threads)
	option(g, &f.cache, "cache", 2, "`GIB` of decoded images to keep in memory", notNegative[float64]())
	g.json(&f.asJSON, "events as JSON lines")
	f.declare(e)
	paths, done, err := e.parsePaths(args, 0, -1)
	if done {
		return err
	}
	plan, index, err := f.read(paths, e.given())
	if err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	show, err := newProgress(e, f.asJSON, "")
	if err != nil {
		return err
	}
	err = f.run(ctx, show, plan, index)
	if closed := show.close(); err == nil {
		err = closed
	}
	if err != nil {
		show.failed(err)
	}
	return err
}

// read returns the plan, and the number of the run to make; -1: all.
func (f *evalRunFlags) read(paths []string, given map[string]bool) (plan []protocol.Run, index int, err error) {
	switch {
	case f.out == "":
		return nil, 0, usagef("say where the results go: -o DIR")
	case f.plan == "" && len(paths) == 0:
		return nil, 0, usagef("say what to run: a protocol and data, or --plan FILE")
	case f.plan != "" && len(paths) > 0:
		return nil, 0, usagef("a plan says what to run: leave %s away", paths[0])
	case f.plan == "" && given["index"]:
		return nil, 0, usagef("--index is the number of a run of --plan, which is not given")
	case f.plan == "":
		plan, err = f.gridFlags.plan(paths)
		return plan, -1, err
	}
	for _, name := range []string{"detector", "normal", "gamma", "gamma-class", "draws", "seeds", "budget", "kind", "set", "vary", "layout", "columns", "object", "fine", "grey", "side", "train", "test"} {
		if given[name] {
			return nil, 0, usagef("a plan says what to run: leave --%s away", name)
		}
	}
	text, err := os.ReadFile(f.plan)
	if err != nil {
		return nil, 0, fmt.Errorf("--plan: %w", err)
	}
	if plan, err = protocol.ParsePlan(text); err != nil {
		return nil, 0, fmt.Errorf("--plan: %s: %w", f.plan, err)
	}
	if index, err = f.which(given["index"]); err != nil {
		return nil, 0, err
	}
	if index >= len(plan) {
		return nil, 0, usagef("--index: there is no run %d: %s has %s, from 0", index, f.plan, plural(len(plan), "run", "runs"))
	}
	return plan, index, nil
}

// which returns the number of the run to make, by the option or the environment; -1: all.
func (f *evalRunFlags) which(given bool) (int, error) {
	if given {
		return f.index, nil
	}
	for _, name := range []string{"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"} {
		text := os.Getenv(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, usagef("%s=%s is not the number of a run: unset it, or give --index", name, text)
		}
		return n, nil
	}
	return -1, nil
}

// run makes the runs and says what became of them.
func (f *evalRunFlags) run(ctx context.Context, show *progress, plan []protocol.Run, index int) error {
	r := &protocol.Runner{
		Dir: f.out, Jobs: f.jobs,
		Options: protocol.Options{Threads: f.threads, Keep: bytesOf(f.cache), Version: buildVersion()},
		OnRun:   func(p protocol.Progress) { show.run(f.out, p) },
	}
	show.phase("run 1", 0)
	var o protocol.Outcome
	var err error
	if index >= 0 {
		o, err = r.RunOne(ctx, plan, index)
	} else {
		o, err = r.Run(ctx, plan)
	}
	end := runsEvent{Event: "done", Folder: f.out, Done: o.Done, Found: o.Found, Failed: len(o.Failed), Left: len(o.Skipped)}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted after %s; the same command goes on with the others", plural(o.Done+o.Found, "run", "runs"))
	case err != nil:
		return err
	}
	show.runs(end)
	if n := len(o.Failed); n > 0 {
		return fmt.Errorf("%s of %d failed, as %s says; the same command makes them again", plural(n, "run", "runs"), n+o.Done+o.Found, protocol.LogPath(f.out, &o.Failed[0]))
	}
	return nil
}

// runEvent is the line of eval run --json for a run.
type runEvent struct {
	Event    string        `json:"event"` // run
	Name     string        `json:"name"`
	Run      *protocol.Run `json:"run"`
	AUROC    *float64      `json:"auroc,omitempty"`
	Accuracy *float64      `json:"accuracy,omitempty"` // of linear
	Error    string        `json:"error,omitempty"`
	Log      string        `json:"log"`
	Seconds  float64       `json:"seconds"`
	Done     int           `json:"done"`
	Failed   int           `json:"failed"`
	Total    int           `json:"total"`
	Left     float64       `json:"left_seconds"`
}

// runsEvent is the last line of eval run --json, and that of eval merge --json.
type runsEvent struct {
	Event  string `json:"event"` // done
	Folder string `json:"folder"`
	Done   int    `json:"done"`
	Found  int    `json:"found"` // results that were there before
	Failed int    `json:"failed"`
	Left   int    `json:"left"` // runs without a result that did not fail
}

// run shows a run that is done or failed.
func (p *progress) run(dir string, r protocol.Progress) {
	log := protocol.LogPath(dir, r.Run)
	if p.events != nil {
		e := runEvent{Event: "run", Name: r.Run.Name(), Run: r.Run, Log: log, Seconds: r.Took.Seconds(), Done: r.Done, Failed: r.Failed, Total: r.Total, Left: r.Left.Seconds()}
		if r.Err != nil {
			e.Error = errorText(r.Err)
		} else if l := r.Result.Linear; l != nil {
			e.Accuracy = &l.Accuracy
		} else {
			e.AUROC = &r.Result.Metrics.AUROC
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.events.Encode(e)
		return
	}
	how := ""
	if r.Err != nil {
		how = fmt.Sprintf("failed: %s; its log is %s", firstLine(errorText(r.Err)), log)
	} else {
		name, value := r.Result.Figure()
		how = fmt.Sprintf("%s %.2f %%", name, 100*value)
	}
	ended := r.Done + r.Failed
	line := fmt.Sprintf("%d of %d  %s: %s, in %v", ended, r.Total, runText(r.Run), how, r.Took.Round(100*time.Millisecond))
	if ended < r.Total {
		line += fmt.Sprintf("; about %v left", r.Left.Round(time.Second))
	}
	p.note(line)
	if ended < r.Total {
		p.lasts(time.Now(), r.Left)
		p.phase(fmt.Sprintf("run %d of %d", ended+1, r.Total), 0)
	}
}

// runs shows what became of a plan.
func (p *progress) runs(e runsEvent) {
	if p.events != nil {
		p.events.Encode(e)
		return
	}
	before := ""
	if e.Found > 0 {
		before = fmt.Sprintf(", %d more were there", e.Found)
	}
	p.note(fmt.Sprintf("wrote %s to %s%s; eval report %s shows them", plural(e.Done, "result", "results"), e.Folder, before, e.Folder))
}

// runText says in a line which run it is.
func runText(r *protocol.Run) string {
	text := r.Detector + " " + r.Task
	if r.Vary != "" {
		text += " " + r.Vary + "=" + r.Value
	}
	if r.Gamma > 0 {
		text += fmt.Sprintf(" γ %v draw %d", r.Gamma, r.Draw)
	}
	return text + fmt.Sprintf(" seed %d", r.Seed)
}
