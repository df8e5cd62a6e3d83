package anomem

import (
	"encoding/json"
	"image"
	"math"
	"reflect"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/imageio"
	"anomem/resnet"
)

// tinyConfig is a model small enough for tests: 4 to 32 channels.
func tinyConfig() Config {
	c := DefaultConfig()
	c.Encoder.Width = 1.0 / 16
	c.Input.Size = 16
	c.Scales[0].Patterns, c.Scales[1].Patterns = 12, 10
	c.Head.Hidden = 8
	return c
}

func TestConfigValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		want   string // in the error; "": none
		change func(c *Config)
	}{
		{"", func(*Config) {}},
		{"", func(c *Config) { c.Input.Tile, c.Input.Stride = 16, 16 }},
		{"", func(c *Config) { c.Scales = c.Scales[:1] }},
		{"", func(c *Config) { c.Scales[0].Lambda = 0 }},
		{"", func(c *Config) { c.Memory.Updates = 0 }},
		{"", func(c *Config) { *c = levelled(*c, []float64{1, 0}) }},
		{"1 levels of images that are taken whole", func(c *Config) { c.Input.Levels = 1 }},
		{"4 levels beside the first", func(c *Config) { *c = tiled(*c); c.Input.Levels = 4 }},
		{"-1 levels beside the first", func(c *Config) { *c = tiled(*c); c.Input.Levels = -1 }},
		{"weights of 1 levels beside the first, and the input has 2", func(c *Config) { *c = levelled(*c, []float64{1, 0}); c.Input.Levels = 2 }},
		{"a level has 1 weights", func(c *Config) { *c = levelled(*c, []float64{1}) }},
		{"a level weighs NaN", func(c *Config) { *c = levelled(*c, []float64{1, nan}) }},
		{"input size 7", func(c *Config) { c.Input.Size = 7 }},
		{"input size 4097", func(c *Config) { c.Input.Size = 4097 }},
		{"range 5-5: want the lower value first", func(c *Config) { c.Input.Range = imageio.Range{Lo: 5, Hi: 5} }},
		{"range 6-5: want the lower value first", func(c *Config) { c.Input.Range = imageio.Range{Lo: 6, Hi: 5} }},
		{"input width 7", func(c *Config) { c.Input.Width = 7 }},
		{"input width 4097", func(c *Config) { c.Input.Width = 4097 }},
		{"tiles of 24 pixels as 32×16: tiles are squares", func(c *Config) { c.Input.Width, c.Input.Tile, c.Input.Stride = 32, 24, 12 }},
		{"seen as 32×16 has no rotated copies of that shape", func(c *Config) { c.Input.Width, c.Score.Rotations = 32, true }},
		{"tile -1", func(c *Config) { c.Input.Tile = -1 }},
		{"tile 8193", func(c *Config) { c.Input.Tile, c.Input.Stride = 8193, 1 }},
		{"stride 0 of tiles", func(c *Config) { c.Input.Tile = 16 }},
		{"stride 17 of tiles", func(c *Config) { c.Input.Tile, c.Input.Stride = 16, 17 }},
		{"mean [0.5 NaN 0.5]", func(c *Config) { c.Input.Mean[1] = float32(nan) }},
		{"std [0.25 0.25 0]", func(c *Config) { c.Input.Std[2] = 0 }},
		{"std [+Inf", func(c *Config) { c.Input.Std[0] = float32(inf) }},
		{"depth 19", func(c *Config) { c.Encoder.Depth = 19 }},
		{`stem ""`, func(c *Config) { c.Encoder.Stem = "" }},
		{"width 0: want above 0", func(c *Config) { c.Encoder.Width = 0 }},
		{"whole number", func(c *Config) { c.Encoder.Width = 0.1 }},
		{"width NaN", func(c *Config) { c.Encoder.Width = nan }},
		{"whole number", func(c *Config) { c.Encoder.Width = 1 << 20 }},
		{"0 scales", func(c *Config) { c.Scales = nil }},
		{"5 scales", func(c *Config) { c.Scales = make([]ScaleConfig, 5) }},
		{"stage 5 after 3", func(c *Config) { c.Scales[1].Stage = 5 }},
		{"stage 3 after 3", func(c *Config) { c.Scales[1].Stage = 3 }},
		{"stage 0 after 0", func(c *Config) { c.Scales[0].Stage = 0 }},
		{"0 patterns", func(c *Config) { c.Scales[0].Patterns = 0 }},
		{"patterns: want 1 to 1048576", func(c *Config) { c.Scales[0].Patterns = 1 << 40 }},
		{"ratio 0", func(c *Config) { c.Scales[0].Ratio = 0 }},
		{"ratio NaN", func(c *Config) { c.Scales[0].Ratio = nan }},
		{"ratio 1.5", func(c *Config) { c.Scales[1].Ratio = 1.5 }},
		{"λ -1", func(c *Config) { c.Scales[1].Lambda = -1 }},
		{"λ +Inf", func(c *Config) { c.Scales[1].Lambda = inf }},
		{"λ NaN", func(c *Config) { c.Scales[1].Lambda = nan }},
		{"all scales are 0", func(c *Config) { c.Scales[0].Lambda, c.Scales[1].Lambda = 0, 0 }},
		{`similarity "cos"`, func(c *Config) { c.Memory.Similarity = "cos" }},
		{"β 0", func(c *Config) { c.Memory.Beta = 0 }},
		{"β 1e+30", func(c *Config) { c.Memory.Beta = 1e30 }},
		{"-1 updates", func(c *Config) { c.Memory.Updates = -1 }},
		{"1001 updates", func(c *Config) { c.Memory.Updates = 1001 }},
		{"eps NaN", func(c *Config) { c.Memory.Eps = nan }},
		{"pool 0", func(c *Config) { c.Head.Pool = 0 }},
		{"pool 65", func(c *Config) { c.Head.Pool = 65 }},
		{"0 hidden", func(c *Config) { c.Head.Hidden = 0 }},
		{"hidden units", func(c *Config) { c.Head.Hidden = 1 << 17 }},
		{`score "sum"`, func(c *Config) { c.Score.Kind = "sum" }},
		{"", func(c *Config) { *c = placesConfig() }},
		{"places: size 7", func(c *Config) { c.Places = PlacesConfig{Size: 7, Stages: []int{1}} }},
		{"fine size 32", func(c *Config) { c.Places = PlacesConfig{32, []int{1}, 32} }},
		{"places: no stages", func(c *Config) { c.Places.Size = 32 }},
		{"stages [1] of no size", func(c *Config) { c.Places.Stages = []int{1} }},
		{"places: stage 2 after 3", func(c *Config) { c.Places = PlacesConfig{Size: 32, Stages: []int{3, 2}} }},
		{"a term of places, but there are none", func(c *Config) { *c = placesConfig(); c.Places = PlacesConfig{} }},
		{"", func(c *Config) { *c = textureConfig() }},
		{"texture: windows of -1 pixels", func(c *Config) { c.Texture.Window = -1 }},
		{"a term of texture, but it has no windows", func(c *Config) { *c = textureConfig(); c.Texture.Window = 0 }},
		{`score "places"`, func(c *Config) { *c = placesConfig(); c.Score.Kind, c.Score.Terms = ScorePlaces, nil }},
		{"top 0", func(c *Config) { c.Score.Top = 0 }},
		{"top NaN", func(c *Config) { c.Score.Top = nan }},
		{"top 1.1", func(c *Config) { c.Score.Top = 1.1 }},
	} {
		config := tinyConfig()
		c.change(&config)
		err := config.Validate()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", config, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
		if _, err := NewParts[float32](config, 1); c.want != "" && err == nil {
			t.Errorf("NewParts takes what has %q", c.want)
		}
	}
	two := tinyConfig()
	two.Input.Size, two.Score.Top = 1, 0
	if err := two.Validate(); err == nil || !strings.Contains(err.Error(), "size 1") || !strings.Contains(err.Error(), "top 0") {
		t.Errorf("two faults: %v", err)
	}
}

func TestConfigIsTheSameFromJSON(t *testing.T) {
	c := tinyConfig()
	c.Input.Mean, c.Memory.Beta = [3]float32{0.1, 1. / 3, 1e-30}, 0.1+0.2
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Config
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(c, back) {
		t.Errorf("%v: from %+v to %+v", err, c, back)
	}
}

// MapSizes and Channels agree with the maps of the encoder.
func TestMapSizesAreTheEncoders(t *testing.T) {
	for _, stem := range []string{"small", "imagenet"} {
		for _, size := range []image.Point{{8, 8}, {9, 9}, {15, 15}, {16, 16}, {33, 33}, {31, 8}, {8, 40}} {
			c := tinyConfig()
			c.Encoder.Stem, c.Encoder.Width, c.Input.Size, c.Input.Width = stem, 1.0/64, size.Y, size.X
			c.Scales = []ScaleConfig{{1, 1, 1, 1}, {2, 1, 1, 1}, {3, 1, 1, 1}, {4, 1, 1, 1}}
			parts, err := NewParts[float32](c, 1)
			if err != nil {
				t.Fatal(err)
			}
			g := autograd.NewGraph[float32](nil)
			maps := resnet.Freeze(parts.Encoder).Stages(g, g.NewTensor(1, size.Y, size.X, 3))
			for s, n := range c.MapSizes() {
				if got, want := maps[s].Shape(), autograd.MakeShape(1, n.Y, n.X, c.Channels()[s]); got != want {
					t.Errorf("%s stem, %v pixels, stage %d: map %v, and the configuration says %v", stem, size, s+1, got, want)
				}
			}
		}
	}
}

func TestMerge(t *testing.T) {
	c := tinyConfig()
	c.Scales[0].Lambda, c.Scales[1].Lambda = 1, 3
	if got := c.Scoring().Merge([]float64{8, 4}); got != 5 {
		t.Errorf("(1·8 + 3·4)/4 = %v, want 5", got)
	}
	// Eq. 13 on a graph has the same bits.
	c.Scales[0].Lambda, c.Scales[1].Lambda = 0.1, 0.7
	g := autograd.NewGraph[float64](nil)
	a, b := []float64{0.3, 1e-9, -5}, []float64{1. / 3, 7, 2e3}
	want := MergeScores(g, []*autograd.Tensor[float64]{autograd.FromSlice(a, 3), autograd.FromSlice(b, 3)}, []float64{0.1, 0.7})
	for i, w := range want.Data() {
		if got := c.Scoring().Merge([]float64{a[i], b[i]}); got != w {
			t.Errorf("%v, %v: %v, and eq. 13 on a graph is %v", a[i], b[i], got, w)
		}
	}
}
