package anomem

import (
	"path/filepath"
	"reflect"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// TestForScoring checks that a model loaded for scoring gives the bits of the whole one and
// cannot be saved in its place.
func TestForScoring(t *testing.T) {
	c := DefaultConfig()
	c.Encoder.Width = 0.125
	parts, err := NewParts[float32](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	replay := &Replay{Role: []Role{RoleNormal}, Image: []int32{0}, Quarters: []uint8{0}}
	for _, channels := range c.Channels() {
		replay.Scales = append(replay.Scales, make([]float32, c.Head.Pool*c.Head.Pool*channels))
	}
	if err := m.SetReplay(replay); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	light, err := Load(path, nil, ForScoring())
	if err != nil {
		t.Fatal(err)
	}
	img, r := imageio.NewImage(40, 32), rng.New(1, rng.Name("picture"))
	for i := range img.Pix {
		img.Pix[i] = byte(r.IntN(256))
	}
	for range 2 {
		want := m.Heatmap(img)
		if !reflect.DeepEqual(whole.Heatmap(img), want) || !reflect.DeepEqual(light.Heatmap(img), want) {
			t.Error("loaded models give other heatmaps")
		}
	}
	if whole.Replay() == nil || light.Replay() != nil {
		t.Errorf("replay of the whole model %v, of the one for scoring %v", whole.Replay(), light.Replay())
	}
	if err := light.Save(path); err == nil {
		t.Error("a part of a model is saved as a whole")
	}
}
