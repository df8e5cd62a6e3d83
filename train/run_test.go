package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// withDefects returns n normal pictures and some with a black square.
func withDefects(n, defects int) *drawing {
	d := uprights("normal", n)
	for i := range defects {
		img, mask := spotted(upright("defect", i, 16, 16), 2+i%8, 9-i%8, 5)
		d.add(img, false, mask)
	}
	return d
}

// smallRun returns a training with all features: defects, held-out images.
func smallRun(t testing.TB, d dataset.Source) *Run {
	t.Helper()
	return &Run{
		Config: smallConfig(), Options: smallOptions(), Data: d, Held: uprights("held", 10),
		Promise: anomem.Promise{Alpha: 0.1}, Digest: "these", Version: "v0",
	}
}

func fileOf(t testing.TB, m *anomem.Model) []byte {
	t.Helper()
	tensors, meta, err := m.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, meta); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestResume interrupts a training after each of its steps, and within stage 2, and resumes
// it in a new Run, on other threads. The model file is the same, byte for byte, decisions
// and notes included.
func TestResume(t *testing.T) {
	d := withDefects(12, 3)
	fresh := func() *Run { return smallRun(t, d) }
	whole := fresh()
	whole.Checkpoint = filepath.Join(t.TempDir(), "whole")
	m, err := whole.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := fileOf(t, m)
	notes := strings.Join(m.Provenance().Notes, "\n")
	if !strings.Contains(notes, "known anomaly 3 of 3, unseen") {
		t.Fatalf("no anomaly was left out: %v, notes\n%s", m.Config().Score, notes)
	}
	p := pool.New(2)
	defer p.Close()
	const steps = 6
	stops := []string{"stage 2: heads", "known anomaly 2 of 3"} // and after each step
	for at := range steps + 1 + len(stops) {
		dir := t.TempDir()
		first, second := fresh(), fresh()
		first.Checkpoint, second.Checkpoint = filepath.Join(dir, "c"), filepath.Join(dir, "c")
		ctx, cancel := context.WithCancel(context.Background())
		done := 0
		if at == 0 {
			cancel()
		}
		first.OnStep = func(p Progress) {
			if p.Step != done {
				t.Errorf("step %d is told of as %d", done, p.Step)
			}
			if done++; done == at {
				cancel()
			}
		}
		first.OnNote = func(text string) {
			if at > steps && strings.HasPrefix(text, stops[at-steps-1]) {
				cancel()
			}
		}
		if _, err := first.Train(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %d: %v", at, err)
		}
		cancel()
		state, err := ReadState(first.Checkpoint)
		if err != nil || state.Step != min(at, steps) {
			t.Fatalf("stopped at %d: %v, a checkpoint of step %d", at, err, state.Step)
		}
		// Interrupt the second run, too, where there is a step for that.
		second.Options = Options{Memory: int64(at%2) << 30} // memory has no part in what is learned
		again, cancel := context.WithCancel(context.Background())
		second.OnStep = func(Progress) { cancel() }
		got, err := second.Resume(again, p)
		if at < steps {
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped at %d and again: %v", at, err)
			}
			third := fresh()
			third.Checkpoint = second.Checkpoint
			got, err = third.Resume(context.Background(), p)
		}
		cancel()
		if err != nil {
			t.Fatalf("stopped at %d: %v", at, err)
		}
		if file := fileOf(t, got); !bytes.Equal(file, want) {
			t.Errorf("stopped at %d: another model: notes\n%s\nand not\n%s", at, strings.Join(got.Provenance().Notes, "\n"), notes)
		}
	}
}

// TestResumePaired checks that there are two heads a scale with known anomalies in stage 1.
func TestResumePaired(t *testing.T) {
	fresh := func(dir string) *Run {
		r := smallRun(t, withDefects(12, FewDefects))
		r.Checkpoint = filepath.Join(dir, "c")
		return r
	}
	m, err := fresh(t.TempDir()).Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Config().Head.Paired() || len(m.Parts().RotationHeads) == 0 {
		t.Fatalf("%+v, notes %q", m.Config().Head, m.Provenance().Notes)
	}
	for _, at := range []int{2, 5} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		first := fresh(dir)
		first.OnStep = func(p Progress) {
			if p.Step+1 == at {
				cancel()
			}
		}
		if _, err := first.Train(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		got, err := fresh(dir).Resume(context.Background(), nil)
		if err != nil {
			t.Fatalf("stopped at %d: %v", at, err)
		}
		if !bytes.Equal(fileOf(t, got), fileOf(t, m)) {
			t.Errorf("stopped at %d: another model", at)
		}
	}
}

// A checkpoint is the same whether the next step was dropped or not begun.
func TestCheckpointsKnowNoDroppedSteps(t *testing.T) {
	dir := t.TempDir()
	s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12))
	for range 2 {
		if _, err := s.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	save := func(name string) []byte {
		path := filepath.Join(dir, name)
		if err := s.Save(path, "these", []string{"a note"}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before := save("a")
	if _, err := s.Next(&endsAfter{context.Background(), 4}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if !bytes.Equal(before, save("b")) {
		t.Error("a dropped step is in the checkpoint")
	}
}

func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c")
	d := uprights("normal", 12)
	s := newStage(t, smallConfig(), smallOptions(), d)
	if err := s.Save(path, "these", nil); err != nil {
		t.Fatal(err)
	}
	run := func() *Run {
		return &Run{Data: d, Digest: "these", Checkpoint: path}
	}
	for want, change := range map[string]func(r *Run){
		`was written for other images: their digest is "these", not "those"`: func(r *Run) { r.Digest = "those" },
		"was written for 12 images or tiles, and here are 11":                func(r *Run) { r.Data = uprights("normal", 11) },
		"no such file":                      func(r *Run) { r.Checkpoint = filepath.Join(dir, "none") },
		`score "worst"`:                     func(r *Run) { r.Score = "worst" },
		"no normal image is held out":       func(r *Run) { r.Promise.Alpha = 0.1 },
		"cannot promise a false-alarm rate": func(r *Run) { r.Promise.Alpha, r.Held = 0.1, uprights("held", 8) },
		"is no checkpoint": func(r *Run) {
			r.Checkpoint = filepath.Join(dir, "model")
			if err := modelOf(t, smallConfig()).Save(r.Checkpoint); err != nil {
				t.Fatal(err)
			}
		},
	} {
		r := run()
		change(r)
		if m, err := r.Resume(context.Background(), nil); m != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	// The contents of the files are checked, too.
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	meta := f.Metadata()
	for want, change := range map[string]func(meta map[string]string){
		`"anomem.train"`: func(meta map[string]string) { meta[stateKey] = "{" },
		"step -1": func(meta map[string]string) {
			meta[stateKey] = regexp.MustCompile(`"step":0`).ReplaceAllString(meta[stateKey], `"step":-1`)
		},
		"step 7 of 6": func(meta map[string]string) {
			meta[stateKey] = regexp.MustCompile(`"step":0`).ReplaceAllString(meta[stateKey], `"step":7`)
		},
		"batch 0": func(meta map[string]string) {
			meta[stateKey] = regexp.MustCompile(`"batch":8,"chunk"`).ReplaceAllString(meta[stateKey], `"batch":0,"chunk"`)
		},
		"does not fit the model": func(meta map[string]string) {
			meta[stateKey] = regexp.MustCompile(`"patterns":12`).ReplaceAllString(meta[stateKey], `"patterns":13`)
		},
	} {
		changed := map[string]string{}
		for k, v := range meta {
			changed[k] = v
		}
		change(changed)
		r := run()
		r.Checkpoint = filepath.Join(dir, "changed")
		tensors := nn.State[float32](s.Parts, "")
		for _, v := range s.sgd.Velocities() {
			tensors = append(tensors, safetensors.FromSlice(velocityPrefix+v.Name, v.Value, len(v.Value)))
		}
		delete(changed, checksumKey) // which would tell first
		if err := safetensors.WriteFile(r.Checkpoint, tensors, changed); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Resume(context.Background(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestTrainRefusesBeforeItTrains(t *testing.T) {
	for want, change := range map[string]func(r *Run){
		"there is no anomaly to train them on": func(r *Run) { r.Score, r.Options.Shift = anomem.ScoreHeads, augment.None },
		`score "worst"`:                        func(r *Run) { r.Score = "worst" },
		"no normal image is held out":          func(r *Run) { r.Held = nil },
		"9 held-out normal images cannot":      func(r *Run) { r.Promise.Alpha, r.Held = 0.05, uprights("held", 9) },
		"input size":                           func(r *Run) { r.Config.Input.Size = 0 },
		"learning rate":                        func(r *Run) { r.Options.LR = -1 },
	} {
		r := smallRun(t, uprights("normal", 12))
		r.OnStep = func(Progress) { t.Errorf("%s: a step was made", want) }
		change(r)
		if m, err := r.Train(context.Background(), nil); m != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// TestFewDefects checks that stage 1 does not see a few known anomalies. Each is scored by
// heads that have not seen it, and its p-value is among the held-out images.
func TestFewDefects(t *testing.T) {
	blind := smallRun(t, uprights("normal", 12))
	few := smallRun(t, withDefects(12, 3))
	var said []string
	few.OnNote = func(text string) { said = append(said, text) }
	without, err := blind.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	with, err := few.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	learned := func(m *anomem.Model) []nn.Entry[float32] {
		return nn.Entries[float32](&anomem.Parts[float32]{Encoder: m.Parts().Encoder, Memories: m.Parts().Memories}, "")
	}
	for i, e := range learned(with) {
		if !slices.Equal(e.Tensor.Data(), learned(without)[i].Tensor.Data()) {
			t.Fatalf("%s depends on the anomalies", e.Name)
		}
	}
	line := regexp.MustCompile(`^known anomaly (\d) of 3, unseen: score -?\d+\.\d{4}, p-value (0\.\d{4}|1\.0000)$`)
	n := 0
	for _, text := range said {
		if m := line.FindStringSubmatch(text); m != nil {
			if n++; m[1] != string(rune('0'+n)) {
				t.Errorf("line %d: %s", n, text)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d anomalies are scored unseen: %q", n, said)
	}
	p := with.Provenance()
	if p.Known != 3 || p.Images != 15 || p.Seed != 3 || p.Data != "these" || p.Version != "v0" || len(p.Notes) != n+1 {
		t.Errorf("provenance %+v", p)
	}
	if with.Config().Score.Kind != anomem.ScoreHeads || with.Calibration() == nil || len(with.Calibration().Scores) != 10 || with.Replay() == nil {
		t.Errorf("a model with score %s, calibration %v", with.Config().Score.Kind, with.Calibration())
	}
	if r := smallRun(t, withDefects(12, FewDefects)); r.stage1Data() != r.Data {
		t.Error("stage 1 does not see many anomalies")
	}
}

// The score of an unseen anomaly is that of heads trained without any square of its image,
// computed as the model computes it.
func TestCrossValidationLeavesTheImageOut(t *testing.T) {
	ctx := context.Background()
	c := smallConfig()
	c.Score.Kind = anomem.ScoreHeads
	m, o := modelOf(t, c), smallOptions()
	d := withDefects(6, 2)
	cells, err := CellsOf(ctx, m, d, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := PlainCells(ctx, m, d, false)
	if err != nil {
		t.Fatal(err)
	}
	held, err := PlainCells(ctx, m, uprights("held", 5), false)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	s := &stage2{
		config: c, options: o, parts: &anomem.Parts[float32]{}, cells: cells, held: held,
		notes: &notes{tell: func(text string) { said = append(said, text) }},
	}
	if err := s.crossValidate(ctx, plain.Select(func(k int) bool { return !plain.Normal[k] })); err != nil {
		t.Fatal(err)
	}
	for n, image := range []int{6, 7} {
		others := withDefects(6, 2)
		var without drawing
		for i := range others.images {
			if i != image {
				without.add(others.images[i], others.normal[i], nil)
			}
		}
		// Select the same cells another way: those of the other images.
		rest := &Cells{Scales: make([][]float32, 2)}
		for k := range cells.Len() {
			if cells.Image[k] != image {
				rest.append(cells.Select(func(j int) bool { return j == k }))
			}
		}
		parts := &anomem.Parts[float32]{Encoder: m.Parts().Encoder, Memories: m.Parts().Memories}
		if err := TrainHeads(ctx, c, o.Heads, o.Seed, parts, rest, nil); err != nil {
			t.Fatal(err)
		}
		next, err := anomem.NewModel(c, parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		scores := scoresOf(next, uprights("held", 5))
		if err := next.Calibrate(scores, anomem.Promise{}); err != nil {
			t.Fatal(err)
		}
		got := next.Score(d.images[image])
		want := regexp.MustCompile(`score (\S+), p-value (\S+)$`).FindStringSubmatch(said[n])
		if want == nil || want[1] != format(got.Score) || want[2] != format(got.PValue) {
			t.Errorf("%q, and the model says %s, %s", said[n], format(got.Score), format(got.PValue))
		}
	}
	// One known anomaly alone, with no other anomaly.
	said = nil
	s.cells = cells.Select(func(k int) bool { return !cells.Self[k] && cells.Image[k] < 7 })
	if err := s.crossValidate(ctx, plain.Select(func(k int) bool { return plain.Image[k] == 6 })); err != nil || len(said) != 1 || !strings.Contains(said[0], "cannot be cross-validated") {
		t.Errorf("%v: %q", err, said)
	}
}

// Without a shift and known anomalies there is nothing to train heads on.
func TestOneClassAlone(t *testing.T) {
	r := smallRun(t, uprights("normal", 12))
	r.Options.Shift, r.Promise.Alpha, r.Held = augment.None, 0, nil
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Config().Score.Kind != anomem.ScoreCosine || m.Parts().Heads != nil || m.Replay() == nil || m.Calibration() != nil || len(m.Provenance().Notes) != 0 {
		t.Errorf("one class alone: score %s, notes %q", m.Config().Score.Kind, m.Provenance().Notes)
	}
}

// The model has the score that was asked for, with heads or without.
func TestScoreKinds(t *testing.T) {
	for _, k := range []anomem.ScoreKind{anomem.ScoreCosine, anomem.ScoreL2, anomem.ScoreHeads} {
		r := smallRun(t, withDefects(12, 1))
		r.Score, r.Options.Steps = k, 1
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		scores := scoresOf(m, r.Held.(*drawing))
		slices.Sort(scores)
		if m.Config().Score.Kind != k || !slices.Equal(scores, m.Calibration().Scores) {
			t.Errorf("asked for %s: %s, calibrated by %v, not %v", k, m.Config().Score.Kind, m.Calibration().Scores, scores)
		}
	}
}

// The score of the configuration, eq. 9, is kept without labels.
func TestConfigsScoreWithoutLabels(t *testing.T) {
	r := smallRun(t, uprights("normal", 12))
	r.Options.Shift, r.Options.Steps = augment.None, 1
	r.Config.Score.Kind = anomem.ScoreL2
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Config().Score.Kind; got != anomem.ScoreL2 {
		t.Errorf("score %s, want l2", got)
	}
}

func TestRunWritesCheckpoints(t *testing.T) {
	r := smallRun(t, uprights("normal", 12))
	r.Checkpoint, r.Every = filepath.Join(t.TempDir(), "c"), 1
	var steps []int
	r.OnStep = func(p Progress) {
		if state, err := ReadState(r.Checkpoint); err == nil {
			steps = append(steps, state.Step)
		}
	}
	if _, err := r.Train(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(steps, []int{1, 2, 3, 4, 5}) {
		t.Errorf("checkpoints of steps %v", steps)
	}
	if state, err := ReadState(r.Checkpoint); err != nil || state.Step != 6 || len(state.Notes) != 0 {
		t.Errorf("%v: the last checkpoint is %+v", err, state)
	}
	r.Checkpoint = filepath.Join(t.TempDir(), "no", "folder")
	if _, err := r.Train(context.Background(), nil); err == nil {
		t.Error("a checkpoint that cannot be written")
	}
}

// A model remembers whether images of one colour were normal, in training or held out.
func TestBlankImagesAreRemembered(t *testing.T) {
	for name, change := range map[string]func(r *Run){
		"none":     func(*Run) {},
		"training": func(r *Run) { r.Data.(*drawing).add(imageio.NewImage(16, 16), true, nil) },
		"held out": func(r *Run) { r.Held.(*drawing).add(imageio.NewImage(16, 16), true, nil) },
		"known":    func(r *Run) { r.Data.(*drawing).add(imageio.NewImage(16, 16), false, nil) },
	} {
		r := smallRun(t, uprights("a", 12))
		change(r)
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := m.Config().Input.Blank, name == "training" || name == "held out"; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// turnsRun returns a training that tells quarter turns apart, with so many known anomalies.
func turnsRun(t testing.TB, known int) *Run {
	t.Helper()
	r := smallRun(t, withDefects(evidenceFrom, known))
	r.Options.Turn, r.Options.Uncontrasted, r.Options.Steps = 1, true, 5
	return r
}

// A training that tells quarter turns apart gives the same file when it is interrupted and
// resumed, on any number of threads, without known anomalies, with few and with many.
func TestResumeTurns(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for _, known := range []int{0, 3, FewDefects} {
		m, err := turnsRun(t, known).Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c := m.Config()
		if c.Score.Kind != anomem.ScoreSum || len(c.Score.Terms) != 2 || c.Score.Beside > 0 != (known > 0) || len(m.Parts().Heads) > 0 != (known > 0) {
			t.Errorf("%d known anomalies: score %+v, %d heads", known, c.Score, len(m.Parts().Heads))
		}
		if n := m.Provenance().Images; n != evidenceFrom+known-evidenceFrom/evidenceShare {
			t.Errorf("trained on %d images", n)
		}
		first := turnsRun(t, known)
		first.Checkpoint = filepath.Join(t.TempDir(), "c")
		ctx, cancel := context.WithCancel(context.Background())
		first.OnStep = func(p Progress) {
			if p.Step == 2 {
				cancel()
			}
		}
		if _, err := first.Train(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		second := turnsRun(t, known)
		second.Checkpoint = first.Checkpoint
		got, err := second.Resume(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fileOf(t, got), fileOf(t, m)) {
			t.Errorf("%d known anomalies: another model after an interruption", known)
		}
	}
}

// The calibration of a model holds what it scores held-out images, after training and after
// a refit, and a refit gives the same whether the model knew anomalies or not.
func TestRefitTurns(t *testing.T) {
	for _, known := range []int{0, 3} {
		r := turnsRun(t, known)
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defects := &drawing{}
		for i := range 4 {
			img, mask := spotted(upright("more", i, 16, 16), 4+i, 4, 6)
			defects.add(img, false, mask)
		}
		next, err := Refit(context.Background(), m, defects, r.Options, func(string) {}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c := next.Config().Score; c.Kind != anomem.ScoreSum || c.Beside != rotationWeight(known+4) {
			t.Errorf("%d known anomalies and 4 more: %+v", known, c)
		}
		for i, m := range []*anomem.Model{m, next} {
			scores := scoresOf(m, r.Held.(*drawing))
			slices.Sort(scores)
			if !slices.Equal(scores, m.Calibration().Scores) {
				t.Errorf("%d known, refitted %d times: calibrated by %v, not %v", known, i, m.Calibration().Scores, scores)
			}
		}
	}
}

// With quarter turns, the score is the one asked for.
func TestScoreKindsOfTurns(t *testing.T) {
	for _, k := range []anomem.ScoreKind{anomem.ScoreTurns, anomem.ScoreDensity, anomem.ScoreSum, anomem.ScoreCosine, anomem.ScoreL2, anomem.ScoreHeads} {
		r := turnsRun(t, 3)
		r.Score, r.Options.Steps = k, 1
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		scores := scoresOf(m, r.Held.(*drawing))
		slices.Sort(scores)
		if m.Config().Score.Kind != k || !slices.Equal(scores, m.Calibration().Scores) {
			t.Errorf("asked for %s: %s, calibrated by %v, not %v", k, m.Config().Score.Kind, m.Calibration().Scores, scores)
		}
		if _, err := Refit(context.Background(), m, withDefects(0, 2), r.Options, func(string) {}, nil); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
}

// A Run gives its images back: trained again, it sets the same ones aside and makes the same
// model.
func TestRunTwice(t *testing.T) {
	r := turnsRun(t, 0)
	var files [2][]byte
	for i := range files {
		m, err := r.Train(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = fileOf(t, m)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the second training makes another model")
	}
}

// A model says how many rows its steps had, which are fewer than asked for if there are few
// images.
func TestRunSaysItsBatch(t *testing.T) {
	r := smallRun(t, uprights("normal", 6))
	r.Options.Batch = 64
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var o Options
	if err := json.Unmarshal(m.Provenance().Train, &o); err != nil || o.Batch != 12 || r.Options.Batch != 12 {
		t.Errorf("%v, a batch of %d, %d by the run; want 6 images and their copies", err, o.Batch, r.Options.Batch)
	}
	r.Options.Turn, r.Options.Uncontrasted, r.Options.Batch = 1, true, 7
	if _, err := r.Train(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "batch 7: want 8 to") {
		t.Errorf("fewer rows than two images have: %v", err)
	}
}

// What a configuration asks of rotated copies stays, or is refused before training.
func TestRotationsStayAsConfigured(t *testing.T) {
	r := smallRun(t, uprights("normal", 12))
	r.Options.Shift, r.Config.Score.Rotations = augment.Blemish, true
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Config().Score.Rotations {
		t.Error("images are not compared with their rotated copies, as the configuration says")
	}
	r = smallRun(t, withDefects(12, 3))
	r.Config.Score.Rotations, r.Config.Head.RotationWeight = true, 0.25
	if m, err = r.Train(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if w := m.Config().Head.RotationWeight; w != 0.25 {
		t.Errorf("heads for rotated copies weigh %v", w)
	}
	r.Data = uprights("normal", 12)
	r.OnStep = func(Progress) { t.Error("a step is made") }
	if _, err := r.Train(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "but there are none") {
		t.Errorf("heads beside those for known anomalies, of which there are none: %v", err)
	}
	r = turnsRun(t, 0)
	r.Options.Rotations, r.OnStep = false, func(Progress) { t.Error("a step is made") }
	if _, err := r.Train(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "are scored on rotated copies") {
		t.Errorf("quarter turns without rotated copies: %v", err)
	}
}
