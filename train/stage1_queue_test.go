package train

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// A training with queues that is interrupted after any step gives the same model file, with
// queues that fill up in a step and with queues that never do.
func TestResumeWithQueues(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for _, queue := range []int{7, 1000} {
		fresh := func(dir string) *Run {
			r := smallRun(t, withDefects(12, 2))
			r.Options.Queue, r.Checkpoint = queue, filepath.Join(dir, "c")
			return r
		}
		m, err := fresh(t.TempDir()).Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := fileOf(t, m)
		for at := range 7 {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			first := fresh(dir)
			first.OnStep = func(p Progress) {
				if p.Step+1 == at {
					cancel()
				}
			}
			if at == 0 {
				cancel()
			}
			if _, err := first.Train(ctx, nil); !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped at %d: %v", at, err)
			}
			cancel()
			if state, err := ReadState(first.Checkpoint); err != nil || state.Step != at || len(state.Queues) != 2 {
				t.Fatalf("stopped at %d: %v, a checkpoint of step %d with %d queues", at, err, state.Step, len(state.Queues))
			}
			got, err := fresh(dir).Resume(context.Background(), p)
			if err != nil {
				t.Fatalf("stopped at %d: %v", at, err)
			}
			if !bytes.Equal(fileOf(t, got), want) {
				t.Errorf("a queue of %d, stopped at %d: another model", queue, at)
			}
		}
	}
}

// Steps contrast with the queues, which hold unit features of normal rows. The patterns
// stay until they are drawn anew.
func TestQueuesTakeTheMemoriesPlace(t *testing.T) {
	ctx := context.Background()
	o := smallOptions()
	o.Joint = 0
	plain := newStage(t, smallConfig(), o, uprights("a", 12))
	o.Queue = 40
	s := newStage(t, smallConfig(), o, uprights("a", 12))
	for step := range 3 {
		want, err := plain.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got.Loss == want.Loss {
			t.Errorf("step %d: the loss %v is that of the memories", step, got.Loss)
		}
	}
	// A step has 4 normal rows, with 4·4·0.3 = 4 positions at scale 1 and 2·2 at scale 2.
	for i, q := range s.stepper.Queues {
		if rows, next := q.Ring(); q.Len() != 40 || next != 8 || len(rows) == 0 {
			t.Errorf("scale %d: %d features, the next at %d, want 40 and 8", i+1, q.Len(), next)
		}
	}
	start := newStage(t, smallConfig(), o, uprights("a", 12))
	if err := start.fillMemories(ctx); err != nil {
		t.Fatal(err)
	}
	patterns := func(s *Stage1) (all [][]float32) {
		for _, m := range s.Parts.Memories {
			all = append(all, slices.Clone(m.Patterns.Data()))
		}
		return all
	}
	trained, kept, first := patterns(plain), patterns(s), patterns(start)
	if err := s.fillAfter(ctx); err != nil {
		t.Fatal(err)
	}
	for i, anew := range patterns(s) {
		if !slices.Equal(kept[i], first[i]) || slices.Equal(trained[i], first[i]) {
			t.Errorf("scale %d: the patterns change with queues, or do not without", i+1)
		}
		if slices.Equal(anew, first[i]) {
			t.Errorf("scale %d: the patterns are those of the start", i+1)
		}
	}
}

// A dropped step pushes nothing.
func TestDroppedStepsLeaveTheQueues(t *testing.T) {
	o := smallOptions()
	o.Queue = 40
	s := newStage(t, smallConfig(), o, uprights("a", 12))
	if _, err := s.Next(context.Background()); err != nil {
		t.Fatal(err)
	}
	rows, next := s.stepper.Queues[1].Ring()
	before := slices.Clone(rows)
	if _, err := s.Next(&endsAfter{Context: context.Background(), left: 4}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if rows, at := s.stepper.Queues[1].Ring(); at != next || !slices.Equal(rows, before) {
		t.Error("the queue has changed")
	}
}

func TestLoadQueuesRefuses(t *testing.T) {
	o := smallOptions()
	o.Queue = 40
	s := newStage(t, smallConfig(), o, uprights("a", 12))
	path := filepath.Join(t.TempDir(), "c")
	if err := s.Save(path, "", nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for want, states := range map[string][]queueState{
		"1 queues, want 2":               {{}},
		"41 features in a queue of 40":   {{Len: 41}, {}},
		"-1 features in a queue of 40":   {{Len: -1}, {}},
		"train.queue.1":                  {{}, {Len: 3, Next: 3}},
		"0 values and position 2 for 40": {{}, {Len: 0, Next: 2}},
	} {
		if err := loadQueues(f, states, s.stepper.Queues, s.Options.Queue, s.Config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// A model's patterns are features of the trained encoder, although no step trained them.
func TestRunFillsMemoriesAfterQueues(t *testing.T) {
	r := smallRun(t, uprights("a", 12))
	r.Options.Joint, r.Options.Queue = 0, 40
	start := newStage(t, r.Config, r.Options, r.Data)
	if err := start.fillMemories(context.Background()); err != nil {
		t.Fatal(err)
	}
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, memory := range m.Parts().Memories {
		if slices.Equal(memory.Patterns.Data(), start.Parts.Memories[i].Patterns.Data()) {
			t.Errorf("scale %d: the patterns are those of the start", i+1)
		}
	}
}
