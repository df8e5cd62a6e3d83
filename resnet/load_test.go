package resnet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/nn/torchtest"
)

// savedState is an entry of testdata/resnet/state.json: what torchvision computes with
// the weights of a file.
type savedState struct {
	Depth   int
	Stem    string
	Width   float64
	Classes int
	Size    int
	Logits  []float64 // of two images, in evaluation mode
}

// openSaved calls f with each state file of torchvision.
func openSaved(t *testing.T, f func(t *testing.T, s savedState, c Config, file *safetensors.File)) {
	var states map[string]savedState
	readJSON(t, "state.json", &states)
	if len(states) != 2 {
		t.Fatalf("%d files, want 2", len(states))
	}
	for name, s := range states {
		t.Run(name, func(t *testing.T) {
			file, err := safetensors.Open("../testdata/resnet/" + name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			c := Config{Depth: s.Depth, Width: s.Width, Classes: s.Classes}
			if s.Stem == Small.String() {
				c.Stem = Small
			}
			f(t, s, c, file)
		})
	}
}

// TestTorchvisionState loads what torchvision saved, counters included, and gets its
// logits: in float64 to 1e-12, in float32 to 1e-5 of their root mean square, some ten
// times the error observed.
func TestTorchvisionState(t *testing.T) {
	openSaved(t, func(t *testing.T, s savedState, c Config, file *safetensors.File) {
		if !slices.ContainsFunc(file.Tensors(), func(i safetensors.Info) bool { return strings.HasSuffix(i.Name, "num_batches_tracked") }) {
			t.Error("the file has no counters")
		}
		savedLogits[float64](t, s, c, file, 1e-12)
		savedLogits[float32](t, s, c, file, 1e-5)
	})
}

func savedLogits[T nn.Float](t *testing.T, s savedState, c Config, file *safetensors.File, tolerance float64) {
	t.Helper()
	net := newNet[T](t, c)
	if err := Load(net, file, ""); err != nil {
		t.Fatal(err)
	}
	nn.SetTraining(net, false)
	y := net.Forward(autograd.NewGraph[T](nil), formulaInput[T](2, s.Size))
	e := torchtest.Error(torchtest.Widen(y.Data()), s.Logits, 0)
	if !(e <= tolerance) {
		t.Errorf("%T: logits off by %g, tolerated %g: %v, want %v", y.Data(), e, tolerance, y.Data(), s.Logits)
	}
	t.Logf("%T: logits off by %.2g", y.Data(), e)
}

// TestLoadWithoutHead: an encoder passes over the file's fc, also within a prefix, and
// its result is what fc is given.
func TestLoadWithoutHead(t *testing.T) {
	openSaved(t, func(t *testing.T, s savedState, c Config, file *safetensors.File) {
		whole, encoder := newNet[float32](t, c), c
		encoder.Classes = 0
		if err := Load(whole, file, ""); err != nil {
			t.Fatal(err)
		}
		for _, prefix := range []string{"", "encoder"} {
			f := fileOf(t, nn.State(whole, prefix)...)
			net := newNet[float32](t, encoder)
			if err := Load(net, f, prefix); err != nil {
				t.Fatal(err)
			}
			nn.SetTraining(net, false)
			nn.SetTraining(whole, false)
			g := autograd.NewGraph[float32](nil)
			x := formulaInput[float32](2, s.Size)
			got, want := whole.fc.Forward(g, net.Forward(g, x)), whole.Forward(g, x)
			for i, v := range want.Data() {
				if got.Data()[i] != v {
					t.Errorf("prefix %q: logit %d is %v, want %v", prefix, i, got.Data()[i], v)
				}
			}
		}
	})
}

// TestRoundTrip: what nn.State gives is loaded again to the bit.
func TestRoundTrip(t *testing.T) {
	c := Config{Depth: 50, Width: 1.0 / 32, Classes: 4, Stem: Small, Channels: 2}
	a, b := newNet[float32](t, c), newNet[float32](t, c)
	nn.Init(a, 8)
	if err := Load(b, fileOf(t, nn.State(a, "m")...), "m"); err != nil {
		t.Fatal(err)
	}
	loaded := nn.Entries(b, "")
	for i, e := range nn.Entries(a, "") {
		if !slices.EqualFunc(e.Tensor.Data(), loaded[i].Tensor.Data(), func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) {
			t.Errorf("%s differs", e.Name)
		}
	}
}

// TestLoadErrors: files that do not fit are refused with the names of all that is
// wrong, and nothing changes.
func TestLoadErrors(t *testing.T) {
	c := Config{Depth: 18, Width: 1.0 / 32, Classes: 3}
	donor := newNet[float32](t, c)
	nn.Init(donor, 1)
	state := nn.State(donor, "")
	with := func(extra ...safetensors.Tensor) []safetensors.Tensor { return append(slices.Clone(state), extra...) }
	without := func(names ...string) []safetensors.Tensor {
		return slices.DeleteFunc(slices.Clone(state), func(s safetensors.Tensor) bool { return slices.Contains(names, s.Name) })
	}
	small := c
	small.Stem = Small
	deeper := c
	deeper.Depth = 34
	more := c
	more.Classes = 4
	headless := c
	headless.Classes = 0
	extra := safetensors.FromSlice("layer5.0.conv1.weight", []float32{1}, 1)
	counter := safetensors.FromSlice("fc.num_batches_tracked", []float32{1}, 1)

	for _, c := range []struct {
		name                       string
		config                     Config
		tensors                    []safetensors.Tensor
		missing, unexpected, wrong []string
	}{
		{"missing", c, without("conv1.weight", "layer3.0.downsample.1.running_var", "fc.bias"), []string{"conv1.weight", "layer3.0.downsample.1.running_var", "fc.bias"}, nil, nil},
		{"unexpected", c, with(extra, counter), nil, []string{counter.Name, extra.Name}, nil},
		{"unexpected without head", headless, with(extra), nil, []string{extra.Name}, nil},
		{"missing without head", headless, without("fc.bias", "bn1.bias"), []string{"bn1.bias"}, nil, nil},
		{"classes", more, state, nil, nil, []string{"fc.weight: shape [3 16], want [4 16]", "fc.bias: shape [3], want [4]"}},
		{"stem", small, state, nil, nil, []string{"conv1.weight: shape [2 3 7 7], want [2 3 3 3]"}},
		{"everything", small, append(without("bn1.weight"), extra), []string{"bn1.weight"}, []string{extra.Name}, []string{"conv1.weight: shape [2 3 7 7], want [2 3 3 3]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := newNet[float32](t, c.config)
			nn.Init(net, 2)
			before := digests(net)
			err := Load(net, fileOf(t, c.tensors...), "")
			var e *nn.StateError
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if !slices.Equal(e.Missing, c.missing) || !slices.Equal(e.Unexpected, c.unexpected) || !slices.Equal(e.Wrong, c.wrong) {
				t.Errorf("missing %q, unexpected %q, wrong %q\nwant %q, %q, %q", e.Missing, e.Unexpected, e.Wrong, c.missing, c.unexpected, c.wrong)
			}
			for _, name := range slices.Concat(c.missing, c.unexpected, c.wrong) {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("the error does not name %q: %v", name, err)
				}
			}
			if digests(net) != before {
				t.Error("the network has changed")
			}
		})
	}

	var e *nn.StateError
	if err := Load(newNet[float32](t, deeper), fileOf(t, state...), ""); !errors.As(err, &e) || len(e.Missing) != 80 || e.Unexpected != nil {
		t.Errorf("a deeper network: %v", err) // 8 blocks of 2 convolutions and 2 norms
	}
}

// digests returns a text that differs between any two states.
func digests[T nn.Float](m *ResNet[T]) string {
	var b strings.Builder
	for _, e := range nn.Entries(m, "") {
		fmt.Fprintln(&b, e.Name, torchtest.Digest(e.Tensor.Data()))
	}
	return b.String()
}
