package resnet

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"anomem/nn"
)

// TestNames: the four networks have exactly the names, shapes and numbers of
// parameters of torchvision's.
func TestNames(t *testing.T) {
	var networks map[string]struct {
		Count  int
		Shapes map[string][]int
	}
	readJSON(t, "parameters.json", &networks)
	if len(networks) != 4 {
		t.Fatalf("%d networks, want 4", len(networks))
	}
	for depth, want := range networks {
		d, err := strconv.Atoi(depth)
		if err != nil {
			t.Fatal(err)
		}
		net := newNet[float32](t, Config{Depth: d, Classes: 1000})
		state := nn.State(net, "")
		for _, s := range state {
			if shape, ok := want.Shapes[s.Name]; !ok || !slices.Equal(shape, s.Shape) {
				t.Errorf("ResNet-%d: %s %v, torchvision has %v", d, s.Name, s.Shape, shape)
			}
		}
		if len(state) != len(want.Shapes) {
			t.Errorf("ResNet-%d: %d tensors, torchvision has %d", d, len(state), len(want.Shapes))
		}
		count := 0
		for _, p := range nn.Parameters(net) {
			count += p.Tensor.Len()
		}
		if count != want.Count {
			t.Errorf("ResNet-%d: %d parameters, torchvision has %d", d, count, want.Count)
		}
	}
}

// TestPrefix: a network inside another one has the other's name before its own.
func TestPrefix(t *testing.T) {
	net := newNet[float32](t, Config{Depth: 50, Width: 1.0 / 64})
	bare := nn.Entries(net, "")
	for i, e := range nn.Entries(net, "encoder") {
		if want := "encoder." + bare[i].Name; e.Name != want {
			t.Errorf("%s, want %s", e.Name, want)
		}
	}
}

// TestDecay: weight decay is for the weights of convolutions and fc alone.
func TestDecay(t *testing.T) {
	for _, e := range nn.Entries(newNet[float32](t, Config{Depth: 18, Width: 1.0 / 16, Classes: 2}), "") {
		if want := e.Tensor.Rank() > 1; e.Decay != want {
			t.Errorf("%s: decays %v, want %v", e.Name, e.Decay, want)
		}
	}
}

// TestModes: SetTraining reaches every norm.
func TestModes(t *testing.T) {
	net := newNet[float32](t, Config{Depth: 50, Width: 1.0 / 64, Stem: Small})
	norms := 0
	for _, want := range []bool{true, false, true} {
		nn.SetTraining(net, want)
		norms = 0
		net.Visit(modes(func(training bool) {
			norms++
			if training != want {
				t.Errorf("norm number %d is in mode %v, want %v", norms, training, want)
			}
		}), "")
	}
	if want := 53; norms != want { // 1 + 16 blocks of 3 + 4 shortcuts
		t.Errorf("%d norms, want %d", norms, want)
	}
}

type modes func(training bool)

func (modes) Entry(nn.Entry[float32]) {}
func (f modes) Mode(training *bool)   { f(*training) }

// TestLastNormStartsAtZero: ZeroInit affects only the last norm of each block, as in
// torchvision.
func TestLastNormStartsAtZero(t *testing.T) {
	for depth, last := range map[int]string{18: "bn2", 34: "bn2", 50: "bn3", 101: "bn3"} {
		plain := nn.Entries(newNet[float32](t, Config{Depth: depth, Width: 1.0 / 64, Classes: 2}), "")
		zero := nn.Entries(newNet[float32](t, Config{Depth: depth, Width: 1.0 / 64, Classes: 2, ZeroInit: true}), "")
		changed := map[string]bool{}
		for i, e := range zero {
			if e.First != plain[i].First {
				if e.First != nn.Zeros {
					t.Errorf("ResNet-%d: %s does not start at 0", depth, e.Name)
				}
				changed[e.Name] = true
			}
		}
		blocks := 0
		for s, n := range architectures[depth].blocks {
			for b := range n {
				blocks++
				if name := fmt.Sprintf("layer%d.%d.%s.weight", s+1, b, last); !changed[name] {
					t.Errorf("ResNet-%d: %s is as without ZeroInit", depth, name)
				}
			}
		}
		if len(changed) != blocks {
			t.Errorf("ResNet-%d: ZeroInit changes %v, want one a block", depth, changed)
		}
	}
}
