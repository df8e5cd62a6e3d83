package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/resnet"
	"anomem/train/augment"
)

// smallEncoder returns the encoder of a model of smallConfig.
func smallEncoder(t *testing.T) *Encoder {
	t.Helper()
	path := filepath.Join(t.TempDir(), "begin.safetensors")
	if err := modelOf(t, smallConfig()).Save(path); err != nil {
		t.Fatal(err)
	}
	e, err := ReadEncoder(path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestReadEncoder reads torchvision's files and a model.
func TestReadEncoder(t *testing.T) {
	for file, want := range map[string]anomem.Encoder{
		"resnet18-small.safetensors":    {Depth: 18, Stem: "small", Width: 1. / 32},
		"resnet50-imagenet.safetensors": {Depth: 50, Stem: "imagenet", Width: 1. / 32},
	} {
		path := "../testdata/resnet/" + file
		e, err := ReadEncoder(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		origin := anomem.Origin{File: file, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(b))}
		if e.Config != want || e.Mean != imageNetMean || e.Std != imageNetStd || e.Size != 0 || e.Origin != origin {
			t.Errorf("%s: %+v, want %+v of %+v", file, e, want, origin)
		}
		c := smallConfig()
		c.Encoder = want
		parts, err := anomem.NewParts[float32](c, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.fill(parts, c); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := resnet.New[float32](resnet.Config{Depth: want.Depth, Stem: e.net.Config().Stem, Width: want.Width})
		if err == nil {
			err = resnet.Load(r, f, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		if !sameEntries(parts.Encoder, r) {
			t.Errorf("%s: the encoder is another", file)
		}
	}
	e, c := smallEncoder(t), smallConfig()
	if e.Config != c.Encoder || e.Mean != c.Input.Mean || e.Std != c.Input.Std || e.Size != c.Input.Size {
		t.Errorf("of a model: %+v, want that of %+v", e, c)
	}
}

// sameEntries reports whether two networks have the same bits.
func sameEntries(a, b *resnet.ResNet[float32]) bool {
	of := nn.Entries(b, "")
	for i, e := range nn.Entries(a, "") {
		for j, v := range e.Tensor.Data() {
			if math.Float32bits(v) != math.Float32bits(of[i].Tensor.Data()[j]) {
				return false
			}
		}
	}
	return true
}

func TestReadEncoderRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	state := func(name string, change func(r *resnet.ResNet[float32], tensors []safetensors.Tensor) []safetensors.Tensor) string {
		r, err := resnet.New[float32](resnet.Config{Depth: 18, Width: 1. / 64})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := safetensors.WriteFile(path, change(r, nn.State(r, "")), nil); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const convert = "weights_only=True"
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "nothing"), "no such file"},
		{file("zip.pth", []byte("PK\x03\x04 and so on")), convert},
		{file("old.pth", []byte("\x80\x02\x8a\nl\xfc\x9cF")), convert},
		{file("short", []byte("PK")), "too few"},
		{file("text", []byte("weights of a network")), "safetensors: "},
		{state("other", func(_ *resnet.ResNet[float32], _ []safetensors.Tensor) []safetensors.Tensor { return nil }), "holds no ResNet"},
		{state("less", func(_ *resnet.ResNet[float32], all []safetensors.Tensor) []safetensors.Tensor {
			return slices.DeleteFunc(all, func(t safetensors.Tensor) bool { return t.Name == "layer4.1.bn2.running_var" })
		}), `"layer4.1.bn2.running_var"`},
		{state("more", func(_ *resnet.ResNet[float32], all []safetensors.Tensor) []safetensors.Tensor {
			return append(all, safetensors.FromSlice("layer1.0.se.fc1.weight", []float32{1}, 1))
		}), `"layer1.0.se.fc1.weight"`},
		{state("nan", func(r *resnet.ResNet[float32], all []safetensors.Tensor) []safetensors.Tensor {
			nn.Entries(r, "")[0].Tensor.Data()[0] = float32(math.NaN())
			return all
		}), "is NaN"},
	} {
		if _, err := ReadEncoder(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", filepath.Base(c.path), err, c.want)
		}
	}
}

// TestUse takes the settings of a preset to an encoder.
func TestUse(t *testing.T) {
	large := &Encoder{Config: anomem.Encoder{Depth: 50, Stem: "imagenet", Width: 1}, Mean: imageNetMean, Std: imageNetStd}
	small := &Encoder{Config: anomem.Encoder{Depth: 18, Stem: "small", Width: 1}, Mean: imageNetMean, Std: imageNetStd}
	ours := &Encoder{Config: anomem.Encoder{Depth: 18, Stem: "small", Width: 0.25}, Mean: imageNetStd, Std: imageNetMean, Size: 48}
	for _, c := range []struct {
		e          *Encoder
		kind       augment.Kind
		sides      int
		freeze     bool
		size, tile int
		shift      augment.Shift
	}{
		{large, augment.Object, 32, false, 96, 0, augment.Rotate},
		{large, augment.Object, 32, true, 96, 0, augment.None},
		{large, augment.Object, 224, true, 224, 0, augment.None},
		{large, augment.Object, 223, true, 128, 0, augment.None},
		{large, augment.Part, 500, false, 96, 0, augment.Blemish},
		{large, augment.Part, 500, true, 224, 0, augment.Blemish},
		{large, augment.Texture, 500, true, 128, 128, augment.Blemish},
		{small, augment.Texture, 500, true, 64, 128, augment.Blemish},
		{small, augment.Object, 32, true, 32, 0, augment.None},
		{ours, augment.Object, 32, false, 48, 0, augment.Rotate},
		{ours, augment.Texture, 500, false, 64, 128, augment.Blemish},
	} {
		config, o := Settings(Small, c.kind, c.sides, c.sides)
		lr := o.LR
		c.e.Use(&config, &o, c.kind, c.sides, c.freeze)
		if err := errors.Join(config.Validate(), o.Validate()); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if config.Input.Size != c.size || config.Input.Tile != c.tile || o.Shift != c.shift {
			t.Errorf("%+v: size %d, tile %d, shift %v", c, config.Input.Size, config.Input.Tile, o.Shift)
		}
		if config.Encoder != c.e.Config || config.Input.Mean != c.e.Mean || o.Freeze != c.freeze || (o.LR < lr) == c.freeze || o.FirstScale != 0 {
			t.Errorf("%+v: %+v, %+v", c, config, o)
		}
	}
}

// frozenRun returns a training on an encoder that stays as it is.
func frozenRun(t *testing.T, e *Encoder, kind augment.Kind, known int) *Run {
	t.Helper()
	r := smallRun(t, withDefects(24, known))
	if kind == augment.Object {
		r.Options.Turn, r.Options.Uncontrasted = 1, true
	} else {
		r.Config.Head.Local, r.Config.Head.Pool, r.Options.Shift = true, 4, augment.Blemish
	}
	e.Use(&r.Config, &r.Options, kind, 16, true)
	r.Encoder = e
	return r
}

// TestFreeze trains on an encoder that stays as it is, interrupted and resumed, and refits
// the model. The encoder keeps its bits, and the score is that of densities and heads.
func TestFreeze(t *testing.T) {
	e := smallEncoder(t)
	for _, c := range []struct {
		kind  augment.Kind
		known int
		heads bool
	}{{augment.Object, 0, false}, {augment.Object, 3, true}, {augment.Part, 0, true}, {augment.Part, FewDefects, true}} {
		t.Run(fmt.Sprintf("%v with %d", c.kind, c.known), func(t *testing.T) {
			r := frozenRun(t, e, c.kind, c.known)
			m, err := r.Train(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !sameEntries(m.Parts().Encoder, e.net) {
				t.Error("the encoder has changed")
			}
			s := m.Config().Score
			if s.Kind != anomem.ScoreSum || len(s.Terms) != 1 || s.Terms[0].Kind != anomem.ScoreDensity || s.Rotations || s.Beside > 0 != c.heads || len(m.Parts().Heads) > 0 != c.heads || m.Parts().Turns != nil {
				t.Errorf("score %+v, %d heads, %d classifiers of turns", s, len(m.Parts().Heads), len(m.Parts().Turns))
			}
			if o := m.Provenance().Encoder; o == nil || *o != e.Origin {
				t.Errorf("begun with %+v, want %+v", o, e.Origin)
			}
			scores := scoresOf(m, r.Held.(*drawing))
			slices.Sort(scores)
			if !slices.Equal(scores, m.Calibration().Scores) {
				t.Errorf("calibrated by %v, not %v", m.Calibration().Scores, scores)
			}
			if got := resumedFrozen(t, frozenRun(t, e, c.kind, c.known)); !bytes.Equal(fileOf(t, got), fileOf(t, m)) {
				t.Error("another model after an interruption")
			}
			next, err := Refit(context.Background(), m, onlyDefects("more", 3), r.Options, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if s := next.Config().Score; s.Kind != anomem.ScoreSum || s.Beside != rotationWeight(c.known+3) {
				t.Errorf("refitted: score %+v", s)
			}
		})
	}
}

// resumedFrozen interrupts r at its first note and returns what comes of it without the
// encoder's file.
func resumedFrozen(t *testing.T, r *Run) *anomem.Model {
	t.Helper()
	r.Checkpoint = filepath.Join(t.TempDir(), "c")
	ctx, cancel := context.WithCancel(context.Background())
	r.OnNote = func(string) { cancel() }
	if _, err := r.Train(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	again := *r
	again.Data, again.OnNote, again.Encoder = withDefects(24, len(r.Data.(*drawing).images)-24), nil, nil
	m, err := again.Resume(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Fine-tuning begins at the weights of the encoder.
func TestFineTune(t *testing.T) {
	e := smallEncoder(t)
	r := smallRun(t, uprights("normal", 16))
	e.Use(&r.Config, &r.Options, augment.Object, 16, false)
	r.Encoder, r.Options.LR, r.Options.Steps = e, 1e-9, 1
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	from := nn.Parameters(e.net)
	for i, to := range nn.Parameters(m.Parts().Encoder) {
		for j, v := range to.Tensor.Data() {
			if math.Abs(float64(v-from[i].Tensor.Data()[j])) > 1e-5 {
				t.Fatalf("%s: %v after a tiny step from %v", to.Name, v, from[i].Tensor.Data()[j])
			}
		}
	}
	if o := m.Provenance().Encoder; o == nil || *o != e.Origin {
		t.Errorf("begun with %+v, want %+v", o, e.Origin)
	}
}

func TestFreezeRefuses(t *testing.T) {
	e := smallEncoder(t)
	for want, change := range map[string]func(r *Run){
		"none was given":               func(r *Run) { r.Encoder = nil },
		"the configuration asks for":   func(r *Run) { r.Config.Encoder.Depth = 34 },
		"learns no quarter turns":      func(r *Run) { r.Options.Turn, r.Options.Shift = 1, augment.Rotate },
		"tells no quarter turns":       func(r *Run) { r.Score = anomem.ScoreTurns },
		"tells no quarter turns apart": func(r *Run) { r.Score, r.Options.Shift = anomem.ScoreDensity, augment.Rotate },
	} {
		r := frozenRun(t, e, augment.Object, 0)
		change(r)
		if _, err := r.Train(context.Background(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, k := range []anomem.ScoreKind{anomem.ScoreDensity, anomem.ScoreCosine} {
		r := frozenRun(t, e, augment.Object, 0)
		r.Score = k
		if m, err := r.Train(context.Background(), nil); err != nil || m.Config().Score.Kind != k {
			t.Errorf("asked for %s: %v", k, err)
		}
	}
}
