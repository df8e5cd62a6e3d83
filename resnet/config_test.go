package resnet

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn"
)

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "depth 0"},
		{Config{Depth: 152}, "depth 152: want 18, 34, 50 or 101"},
		{Config{Depth: 18, Stem: 2}, "stem 2"},
		{Config{Depth: 18, Width: -1}, "width -1"},
		{Config{Depth: 18, Width: 0.01}, "width 0.01"},
		{Config{Depth: 18, Width: 1.01}, "width 1.01"},
		{Config{Depth: 18, Width: 1e9}, "width 1e+09"},
		{Config{Depth: 18, Width: math.NaN()}, "width NaN"},
		{Config{Depth: 18, Width: math.Inf(1)}, "width +Inf"},
		{Config{Depth: 18, Channels: -3}, "-3 input channels"},
		{Config{Depth: 18, Classes: -1}, "-1 classes"},
	} {
		_, err := New[float32](c.config)
		if err == nil || !strings.HasPrefix(err.Error(), "resnet: "+c.want) {
			t.Errorf("%+v: error %v, want %q", c.config, err, c.want)
		}
	}
	for _, c := range []Config{
		{Depth: 18}, {Depth: 34, Stem: Small}, {Depth: 50, Width: 1.0 / 64}, {Depth: 101, Width: 0.25, Channels: 1, Classes: 1},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestConfigDefaults(t *testing.T) {
	want := Config{Depth: 18, Width: 1, Channels: 3}
	if got := newNet[float32](t, Config{Depth: 18}).Config(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestShapes runs images of odd sizes through each stem, and the configuration says
// the numbers of channels.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		config Config
		h, w   int
		want   string
	}{
		{Config{Depth: 18, Width: 1.0 / 16, Channels: 1}, 65, 31, "[2 17 8 4] [2 9 4 8] [2 5 2 16] [2 3 1 32] [2 32]"},
		{Config{Depth: 34, Width: 1.0 / 32, Stem: Small, Classes: 3}, 9, 16, "[2 9 16 2] [2 5 8 4] [2 3 4 8] [2 2 2 16] [2 3]"},
		{Config{Depth: 50, Width: 1.0 / 32}, 33, 64, "[2 9 16 8] [2 5 8 16] [2 3 4 32] [2 2 2 64] [2 64]"},
		{Config{Depth: 101, Width: 1.0 / 64, Stem: Small, Classes: 7}, 1, 4, "[2 1 4 4] [2 1 2 8] [2 1 1 16] [2 1 1 32] [2 7]"},
	} {
		net := newNet[float32](t, c.config)
		nn.Init(net, 1)
		nn.SetTraining(net, false)
		x := autograd.New[float32](2, c.h, c.w, net.Config().Channels)
		g := autograd.NewGraph[float32](nil)
		maps := net.Stages(g, x)
		got := ""
		for s, m := range maps {
			got += m.Shape().String() + " "
			if m.Dim(3) != c.config.StageChannels()[s] {
				t.Errorf("%+v: stage %d has %d channels, StageChannels %v", c.config, s+1, m.Dim(3), c.config.StageChannels())
			}
		}
		y := net.Forward(g, x)
		if got += y.Shape().String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.config, got, c.want)
		}
		for i, v := range net.Head(g, maps[3]).Data() {
			if v != y.Data()[i] {
				t.Errorf("%+v: Head gives %v, Forward %v", c.config, v, y.Data()[i])
			}
		}
	}
}

func TestWrongInput(t *testing.T) {
	net := newNet[float32](t, Config{Depth: 18, Width: 1.0 / 16})
	for _, dims := range [][]int{{2, 32, 32, 1}, {32, 32, 3}, {3, 32, 32, 4, 3}} {
		func() {
			defer func() {
				x := autograd.MakeShape(dims...)
				if got := fmt.Sprint(recover()); got != fmt.Sprintf("resnet: Stages: x %v: want [N H W 3]", x) {
					t.Errorf("%v: panic %q", dims, got)
				}
			}()
			net.Forward(autograd.NewGraph[float32](nil), autograd.New[float32](dims...))
		}()
	}
}

func TestStemString(t *testing.T) {
	if got := fmt.Sprint(ImageNet, Small, Stem(7)); got != "imagenet small Stem(7)" {
		t.Error(got)
	}
}
