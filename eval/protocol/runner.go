package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"anomem/internal/atomicfile"
)

// logError begins the line of a log, after its time, that says why the run failed.
const logError = " error: "

// Runner makes the runs of a plan and keeps their results in a folder.
type Runner struct {
	Dir     string
	Jobs    int // runs at once, which share the threads; < 1: one
	Options Options
	OnRun   func(Progress) // is told of each run that is done or failed, one at a time; may be nil
}

// Progress is how far a plan is.
type Progress struct {
	Run    *Run
	Result *Result // nil: it failed
	Err    error   // why
	Took   time.Duration

	Done, Failed, Total int
	Left                time.Duration // an estimate
}

// Outcome is what became of a plan.
type Outcome struct {
	Done    int // runs made
	Found   int // runs whose results were there
	Failed  []Run
	Skipped []Run // not begun, because the context ended
}

// Run makes the runs of a plan that have no result yet. A run that fails stops no other: its
// error stands in its log. Run returns an error if the folder cannot be written or holds
// what is no result, and ctx's error once that is done, when the runs in progress are given
// up.
//
// The estimate of the time left takes each run for as long as others of its detector, or as
// its budget.
func (r *Runner) Run(ctx context.Context, plan []Run) (Outcome, error) {
	return r.run(ctx, plan, plan)
}

// RunOne is Run for run number index of a plan, from 0, as a task of a cluster makes it. Any
// number of processes may make runs of one plan in one folder at once.
func (r *Runner) RunOne(ctx context.Context, plan []Run, index int) (Outcome, error) {
	if index < 0 || index >= len(plan) {
		return Outcome{}, fmt.Errorf("protocol: there is no run %d: the plan has runs 0 to %d", index, len(plan)-1)
	}
	return r.run(ctx, plan, plan[index:index+1])
}

// run makes some runs of a plan.
func (r *Runner) run(ctx context.Context, plan, some []Run) (Outcome, error) {
	var out Outcome
	if err := AddPlan(r.Dir, plan); err != nil {
		return out, err
	}
	some = Distinct(some)
	var todo []Run
	for i := range some {
		switch found, err := readResult(r.Dir, &some[i]); {
		case err != nil:
			return out, err
		case found != nil:
			out.Found++
		default:
			todo = append(todo, some[i])
		}
	}
	s := &state{Runner: r, todo: todo, out: &out, total: len(some), took: map[string][]time.Duration{}}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	for range min(max(r.Jobs, 1), len(todo)) {
		all.Go(func() {
			for run := s.take(ctx); run != nil; run = s.take(ctx) {
				if err := s.make(ctx, run); err != nil {
					s.fail(err)
					stop()
				}
			}
		})
	}
	all.Wait()
	out.Skipped = s.todo
	if s.err != nil {
		return out, s.err
	}
	return out, ctx.Err()
}

// state is a plan while it is being run.
type state struct {
	*Runner
	mu    sync.Mutex
	todo  []Run // not begun
	out   *Outcome
	total int
	took  map[string][]time.Duration // by detector
	err   error                      // that ends all runs
}

// take returns the next run; nil: there is none, or ctx is done.
func (s *state) take(ctx context.Context) *Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.todo) == 0 || ctx.Err() != nil {
		return nil
	}
	run := s.todo[0]
	s.todo = s.todo[1:]
	return &run
}

// fail keeps the first error that ends all runs.
func (s *state) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && !errors.Is(err, context.Canceled) {
		s.err = err
	}
}

// make makes a run, writes its result and its log, and tells of it. An error ends all runs.
func (s *state) make(ctx context.Context, run *Run) error {
	start := time.Now()
	log, err := os.Create(LogPath(s.Dir, run))
	if err != nil {
		return err
	}
	defer log.Close()
	o := s.Options
	o.Threads = max(1, o.Threads/max(s.Jobs, 1))
	o.Keep /= int64(max(s.Jobs, 1))
	o.Note = func(text string) {
		logLine(log, start, " "+text)
		if s.Options.Note != nil {
			s.Options.Note(text)
		}
	}
	result, failed := Execute(ctx, run, o)
	if err := ctx.Err(); err != nil {
		logLine(log, start, " interrupted")
		return err
	}
	if failed != nil {
		logLine(log, start, logError+failed.Error())
	} else if result, err = s.keep(run, result); err != nil {
		return err
	} else {
		name, value := result.Figure()
		logLine(log, start, fmt.Sprintf(" done: %s %.2f %%", name, 100*value))
	}
	s.tell(run, result, failed, time.Since(start))
	return nil
}

// keep writes a result after its details, and returns it, or the one that another process has
// written in the meantime.
func (s *state) keep(run *Run, result *Result) (*Result, error) {
	text, err := result.Marshal()
	if err != nil {
		return nil, err
	}
	if result.Details != nil {
		more, err := json.Marshal(result.Details)
		if err != nil {
			return nil, err
		}
		if err := atomicfile.Write(DetailsPath(s.Dir, run), append(more, '\n')); err != nil {
			return nil, err
		}
	}
	err = atomicfile.WriteNew(ResultPath(s.Dir, run), text)
	if errors.Is(err, fs.ErrExist) {
		return readResult(s.Dir, run)
	}
	return result, err
}

// tell counts a run and tells OnRun of it.
func (s *state) tell(run *Run, result *Result, failed error, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed != nil {
		s.out.Failed = append(s.out.Failed, *run)
	} else {
		s.out.Done++
		s.took[run.Detector] = append(s.took[run.Detector], took)
	}
	if s.OnRun != nil {
		s.OnRun(Progress{run, result, failed, took, s.out.Done + s.out.Found, len(s.out.Failed), s.total, s.left()})
	}
}

// left estimates how long the runs take that are not begun.
func (s *state) left() time.Duration {
	var sum time.Duration
	for i := range s.todo {
		r := &s.todo[i]
		switch took := s.took[r.Detector]; {
		case len(took) > 0:
			sum += mean(took)
		case r.Budget > 0:
			sum += time.Duration(r.Budget)
		default:
			for _, others := range s.took {
				sum += mean(others) / time.Duration(len(s.took))
			}
		}
	}
	return sum / time.Duration(max(s.Jobs, 1))
}

func mean(all []time.Duration) (m time.Duration) {
	for _, d := range all {
		m += d / time.Duration(len(all))
	}
	return m
}

// logLine writes a line with the time since start.
func logLine(w io.Writer, start time.Time, text string) {
	fmt.Fprintf(w, "%v%s\n", time.Since(start).Round(100*time.Millisecond), text)
}
