package setting

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/loss"
	"anomem/train"
	"anomem/train/augment"
)

// roots are the settings of a training, as the command names them.
type roots struct {
	*anomem.Config
	Train *train.Options `json:"train"`
}

func newRoots() roots {
	c, o := train.Settings(train.Small, augment.Object, 32, 32)
	return roots{&c, &o}
}

func TestSet(t *testing.T) {
	r := newRoots()
	for _, assignment := range []string{
		"memory.beta=3.5", "Scales.0.Patterns=7", "scales.1.lambda=0", "input.mean=[0.1, 0.2,0.3]", "input.std.2=0.125",
		"encoder.stem=imagenet", "head.local=true", "train.batch=64", "train.loss.lambdav=0.25", "train.heads.lr=1e-3",
		"train.shift=cutpaste", "train.seed=18446744073709551615", "train.augment.BlurSigma=[1,2]", "train.loss.spread.perrow=true", "train.loss.contrast.pair=vicreg",
	} {
		if err := Set(&r, assignment); err != nil {
			t.Errorf("%s: %v", assignment, err)
		}
	}
	want := newRoots()
	want.Memory.Beta, want.Scales[0].Patterns, want.Scales[1].Lambda = 3.5, 7, 0
	want.Input.Mean, want.Input.Std[2] = [3]float32{0.1, 0.2, 0.3}, 0.125
	want.Encoder.Stem, want.Head.Local = "imagenet", true
	want.Train.Batch, want.Train.Loss.LambdaV, want.Train.Heads.LR = 64, 0.25, 1e-3
	want.Train.Shift, want.Train.Seed = augment.CutPaste, math.MaxUint64
	want.Train.Loss.Contrast.Pair = loss.PairVICReg
	want.Train.Augment.BlurSigma, want.Train.Loss.Spread.PerRow = [2]float64{1, 2}, true
	if !reflect.DeepEqual(r, want) {
		t.Errorf("set %+v %+v, want %+v %+v", *r.Config, *r.Train, *want.Config, *want.Train)
	}
	if err := Set(&r, `scales=[{"stage":4,"patterns":9,"ratio":1,"lambda":1}]`); err != nil || len(r.Scales) != 1 || r.Scales[0].Patterns != 9 {
		t.Errorf("scales %+v: %v", r.Scales, err)
	}
}

func TestSetErrors(t *testing.T) {
	for assignment, want := range map[string]string{
		"memory.beta":                `"memory.beta": want NAME=VALUE`,
		"memory.bta=1":               `no setting "memory.bta"; nearest: memory.beta; memory has beta, updates, eps, similarity`,
		"beta=1":                     `no setting "beta"; nearest: memory.beta; there are input, encoder, scales, memory, head, score, places, texture, train`,
		"lr=1":                       `nearest: train.lr, train.heads.lr;`,
		"train.loss.tau=1":           `nearest: train.loss.Contrast.Tau; train.loss has Contrast, Spread, LambdaV, Pooled`,
		"zzzzzz=1":                   `no setting "zzzzzz"; there are input,`,
		"=1":                         `no setting ""; there are input,`,
		"memory=1":                   "setting memory: it is a group: name one of its fields, beta, updates, eps, similarity",
		"memory.beta.x=1":            "memory.beta has no parts",
		"memory.beta=many":           `setting memory.beta: "many": want a finite number`,
		"memory.beta=NaN":            "want a finite number",
		"memory.beta=1e999":          "want a finite number",
		"memory.updates=1.5":         `setting memory.updates: "1.5": want a whole number`,
		"train.seed=-1":              `"-1": want a whole number from 0`,
		"head.local=perhaps":         "want true or false",
		"train.loss.contrast.pair=x": `setting train.loss.Contrast.Pair: loss: pair loss "x" is none of [ntxent barlow vicreg]`,
		"train.shift=left":           `"left"`,
		"scales.2.lambda=1":          "scales has 2 elements: want an index from 0",
		"scales.-1.lambda=1":         "scales has 2 elements",
		"scales.x=1":                 "scales has 2 elements",
		"input.mean=[1,2]":           `setting input.mean: "[1,2]": want a JSON array of 3 elements, such as [0.5,0.5,0.5]`,
		"input.mean=1":               "want a JSON array of 3 elements",
		"input.mean=null":            "want a JSON array of 3 elements",
		"input.mean=[1,2,\"\"]":      `element 2, "": want what [0.5,0.5,0.5] holds`,
		"input.mean=[1,null,2]":      "element 1, null: want",
		`scales=[{"stag":1}]`:        `element 0, {"stag":1}: want what [{"stage":3`,
		"train.memory=1":             `no setting "train.memory"`,
	} {
		r, before := newRoots(), newRoots()
		err := Set(&r, assignment)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", assignment, err, want)
		}
		if !reflect.DeepEqual(r, before) {
			t.Errorf("%s: refused, and set", assignment)
		}
	}
}

func TestList(t *testing.T) {
	r := newRoots()
	all := List(&r)
	var lines []string
	for _, e := range all {
		lines = append(lines, e.String())
	}
	for _, want := range []string{"input.size=32", "input.mean=[0.5,0.5,0.5]", "scales.1.patterns=256", "memory.similarity=unit", "train.shift=rotate", "train.loss.Contrast.Tau=0.1"} {
		if !slices.Contains(lines, want) {
			t.Errorf("%s is not listed in %q", want, lines)
		}
	}
	if lines[0] != "input.size=32" || !strings.HasPrefix(lines[len(lines)-1], "train.shares.") {
		t.Errorf("listed from %s to %s", lines[0], lines[len(lines)-1])
	}

	// Each line can be set again, also on other values.
	c, o := train.Settings(train.Paper, augment.Texture, 1024, 1024)
	o.Memory = r.Train.Memory // it has no name
	other := roots{&c, &o}
	for _, line := range lines {
		if err := Set(&other, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if !reflect.DeepEqual(other, r) {
		t.Errorf("set again: %v", Diff(&other, &r))
	}
	r.Train.Loss.Contrast.Pair = 7 // without a name
	if e, err := Get(&r, "train.loss.contrast.pair"); err != nil || e.Value != "7" || Set(&r, e.String()) != nil {
		t.Errorf("a loss without a name: %v, %v", e, err)
	}
	if got := List(roots{}); got != nil {
		t.Errorf("no pointer: %v", got)
	}
}

func TestGet(t *testing.T) {
	r := newRoots()
	for name, want := range map[string]string{"MEMORY.BETA": "memory.beta=2", "input.std": "input.std=[0.25,0.25,0.25]", "scales.00.stage": "scales.0.stage=3"} {
		if e, err := Get(&r, name); err != nil || e.String() != want {
			t.Errorf("%s: %v, %v, want %s", name, e, err, want)
		}
	}
	for _, name := range []string{"memory", "nothing", "scales.0"} {
		if e, err := Get(&r, name); err == nil {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestDiff(t *testing.T) {
	a, b := newRoots(), newRoots()
	if d := Diff(&a, &b); d != nil {
		t.Errorf("of equals: %v", d)
	}
	b.Memory.Beta, b.Scales, b.Train.Batch = 1, b.Scales[:1], 8
	want := []Difference{
		{"scales.1.stage", "4", "none"}, {"scales.1.patterns", "256", "none"}, {"scales.1.ratio", "1", "none"}, {"scales.1.lambda", "2", "none"},
		{"memory.beta", "2", "1"}, {"train.batch", "128", "8"},
	}
	if d := Diff(&a, &b); !slices.Equal(d, want) {
		t.Errorf("%v, want %v", d, want)
	}
	if d := Diff(&b, &a); len(d) != len(want) || d[len(d)-1] != (Difference{"scales.1.lambda", "none", "2"}) {
		t.Errorf("the other way round: %v", d)
	}
}

// odd has what configurations lack today.
type odd struct {
	inner
	*Outer
	Name    string `json:",omitempty"`
	Small   int8
	Wide    uint16
	Flags   []bool
	Bytes   []byte
	Matrix  [2][2]int
	Empty   []struct{ A int }
	Pointer *float32
	Nil     *int
	Map     map[string]int
	Any     any
	Func    func()
	Funcs   []func()
	Left    int `json:"-"`
	hidden  int
	Self    *odd
}

type inner struct{ A, Small int }

type Outer struct{ B string }

func newOdd() *odd {
	o := &odd{Outer: &Outer{"b"}, Name: "n", Pointer: new(float32), Bytes: []byte{1, 2}}
	o.Self = o
	return o
}

func TestOdd(t *testing.T) {
	o := newOdd()
	for _, assignment := range []string{"a=3", "B=two words", "name=x=y", "small=-128", "wide=65535", "flags=[true,false]", "bytes=[7]", "matrix.1.0=5", "empty=[{\"A\":1}]", "pointer=0.1", "self.self.name=z"} {
		if err := Set(o, assignment); err != nil {
			t.Errorf("%s: %v", assignment, err)
		}
	}
	if o.A != 3 || o.hidden != 0 || o.B != "two words" || o.Name != "z" || o.Small != -128 || o.inner.Small != 0 || o.Wide != 65535 || len(o.Flags) != 2 || o.Bytes[0] != 7 || o.Matrix[1][0] != 5 || o.Empty[0].A != 1 || *o.Pointer != 0.1 {
		t.Errorf("set %+v", o)
	}
	for _, assignment := range []string{"small=128", "nil=1", "map=1", "any=1", "func=1", "funcs=[]", "left=1", "hidden=1", "map.x=1", "matrix=[[1],[2],[3]]", "self=1"} {
		if err := Set(o, assignment); err == nil {
			t.Errorf("%s is taken", assignment)
		}
	}
	for _, target := range []any{nil, odd{}, (*odd)(nil), new(int), 3, "x", func() {}} {
		if err := Set(target, "a=1"); err == nil {
			t.Errorf("target %T is taken", target)
		}
	}
	if n := len(List(o)); n == 0 || n > 1000 {
		t.Errorf("%d settings of a value that contains itself", n)
	}
}

// FuzzSet sets anything: it must not panic, and what it has set must be listed and set again.
func FuzzSet(f *testing.F) {
	r := newRoots()
	for _, e := range List(&r) {
		f.Add(e.String())
	}
	for _, s := range []string{"", "=", ".=", "a..b=1", "scales.=1", "scales=[]", "scales=[null]", "input.mean=[1e99,0,0]", "bytes=[1,2]", "self.self.a=9", "matrix=[[1,2],[3,4]]", "empty.0.a=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, assignment string) {
		Set(newOdd(), assignment)
		r, before := newRoots(), newRoots()
		if Set(&r, assignment) != nil {
			return
		}
		for _, d := range Diff(&r, &before) {
			if d.A == "none" {
				continue
			}
			e := Entry{d.Name, d.A}
			if err := Set(&r, e.String()); err != nil {
				t.Fatalf("%q, then %s: %v", assignment, e, err)
			}
			if again, err := Get(&r, e.Name); err != nil || again != e {
				t.Fatalf("%q: %v became %v: %v", assignment, e, again, err)
			}
		}
	})
}
