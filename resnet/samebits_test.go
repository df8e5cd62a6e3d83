package resnet

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/simd"
	"anomem/simd/pool"
)

var update = flag.Bool("update", false, "write testdata/resnet/golden.json, from plain Go")

const goldenFile = "../testdata/resnet/golden.json"

// bitsCase is a network small enough for plain Go and for an emulated CPU.
type bitsCase struct {
	name   string
	config Config
	size   int
}

var bitsCases = []bitsCase{
	{"resnet18-small", Config{Depth: 18, Stem: Small, Width: 0.25, Classes: 5}, 8},
	{"resnet18-imagenet", Config{Depth: 18, Stem: ImageNet, Width: 0.25, Classes: 5}, 32},
	{"resnet50-small", Config{Depth: 50, Stem: Small, Width: 0.25, Classes: 5}, 8},
	{"resnet50-imagenet", Config{Depth: 50, Stem: ImageNet, Width: 0.25, Classes: 5}, 32},
}

// TestSameBits: a training step and inference give the bits that the golden file has,
// at every level with assembly that this machine runs, on 1, 2 and 4 threads, in the first
// run on a graph and in the second. Run with -tags purego, or for another architecture, it
// holds those to the same file. A change of what the networks compute needs -update.
func TestSameBits(t *testing.T) {
	golden := map[string]string{}
	if *update {
		defer useLevel(t, "purego")()
		for _, c := range bitsCases {
			golden[c.name] = c.run(t, nil)
		}
		b, err := json.MarshalIndent(golden, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, append(b, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	readJSON(t, "golden.json", &golden)
	if len(golden) != len(bitsCases) {
		t.Fatalf("%d networks in the golden file, want %d", len(golden), len(bitsCases))
	}
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			defer useBitsLevel(t, level)()
			for _, threads := range []int{1, 2, 4} {
				p := pool.New(threads)
				defer p.Close()
				for _, c := range bitsCases {
					if got := c.run(t, p); got != golden[c.name] {
						t.Errorf("%s on %d threads: digest %s, want %s", c.name, threads, got, golden[c.name])
					}
				}
			}
		})
	}
}

// useBitsLevel is useLevel, and skips the test where the CPU lacks a level, and for plain Go
// where there is assembly: it takes longer than all other levels, and builds with the tag
// purego have it alone.
func useBitsLevel(t *testing.T, level simd.LevelInfo) func() {
	t.Helper()
	if len(level.Missing) > 0 {
		t.Skipf("this CPU lacks %v", level.Missing)
	}
	if level.Name == "purego" && simd.Level() != "purego" {
		t.Skip("plain Go runs in builds with the tag purego")
	}
	return useLevel(t, level.Name)
}

// useLevel switches to a level and returns a function that switches back.
func useLevel(t *testing.T, name string) func() {
	t.Helper()
	was := simd.Level()
	if err := simd.Use(name); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}
}

// run infers and makes a training step, twice from the same start, on the same graph,
// and checks that both give the same bits; and that in inference each of eight images
// gives alone what it gives in the batch. It returns a digest of logits, loss, gradients
// and state.
func (c *bitsCase) run(t *testing.T, p *pool.Pool) string {
	t.Helper()
	net := newNet[float32](t, c.config)
	x := formulaInput[float32](8, c.size)
	image := x.Len() / 8
	tr := newTrainer(net, p, autograd.FromSlice(x.Data()[:3*image], 3, c.size, c.size, 3))
	fillByFormula(t, net)
	entries := nn.Entries(net, "")
	start := make([][]float32, len(entries))
	for k, e := range entries {
		start[k] = append(start[k], e.Tensor.Data()...)
	}
	var first string
	for i := range 2 {
		for k, e := range entries {
			copy(e.Tensor.Data(), start[k])
		}
		for _, v := range tr.velocity {
			clear(v)
		}
		h := uint64(14695981039346656037) // FNV-1a, a number at a time
		hash := func(v []float32) {
			for _, x := range v {
				h = (h ^ uint64(math.Float32bits(x))) * 1099511628211
			}
		}
		nn.SetTraining(net, false)
		tr.graph.NoGrad(func() { hash(c.infer(t, net, tr.graph, x)) })
		tr.graph.Reset()
		nn.SetTraining(net, true)
		hash([]float32{tr.step()})
		for _, e := range entries {
			hash(e.Tensor.Data())
		}
		for _, v := range tr.velocity { // of the first step: the gradients
			hash(v)
		}
		got := fmt.Sprintf("%016x", h)
		if i == 0 {
			first = got
		} else if got != first {
			t.Errorf("%s: the second run gives other bits, %s after %s", c.name, got, first)
		}
	}
	return first
}

// infer returns the logits of a batch of 8, after comparing them with those of each
// image alone.
func (c *bitsCase) infer(t *testing.T, net *ResNet[float32], g *autograd.Graph[float32], x *autograd.Tensor[float32]) []float32 {
	t.Helper()
	image, classes := x.Len()/8, c.config.Classes
	batch := net.Forward(g, x).Data()
	for k, y := range batch {
		// NaNs have different bits on different CPUs, and equal numbers show nothing.
		if !(math.Abs(float64(y)) < 1e6) || k >= classes && y == batch[k-classes] {
			t.Fatalf("%s: logits %v are no use for a comparison", c.name, batch)
		}
	}
	for i := range 8 {
		one := autograd.FromSlice(x.Data()[i*image:(i+1)*image], 1, c.size, c.size, 3)
		for k, y := range net.Forward(g, one).Data() {
			if want := batch[i*classes+k]; math.Float32bits(y) != math.Float32bits(want) {
				t.Errorf("%s: image %d has logit %d of %v alone, %v in a batch of 8", c.name, i, k, y, want)
			}
		}
	}
	return batch
}
