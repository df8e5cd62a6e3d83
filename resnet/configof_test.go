package resnet

import (
	"bytes"
	"strings"
	"testing"

	"anomem/nn"
	"anomem/nn/safetensors"
)

func TestConfigOf(t *testing.T) {
	openSaved(t, func(t *testing.T, s savedState, want Config, file *safetensors.File) {
		want.Classes = 0
		got, prefix, err := ConfigOf(file)
		if err != nil || prefix != "" || got != want.withDefaults() {
			t.Errorf("%+v within %q, %v, want %+v", got, prefix, err, want.withDefaults())
		}
	})
	for _, c := range []Config{
		{Depth: 34, Stem: ImageNet, Width: 1. / 64, Channels: 3},
		{Depth: 101, Stem: Small, Width: 1. / 32, Channels: 3},
	} {
		r, err := New[float32](c)
		if err != nil {
			t.Fatal(err)
		}
		got, prefix, err := ConfigOf(opened(t, nn.State(r, "model.net")))
		if err != nil || prefix != "model.net" || got != c {
			t.Errorf("%+v within %q, %v, want %+v", got, prefix, err, c)
		}
	}
}

// TestConfigOfRefuses asks for the configuration of networks that are none of ours.
func TestConfigOfRefuses(t *testing.T) {
	r, err := New[float32](Config{Depth: 50, Width: 1. / 32})
	if err != nil {
		t.Fatal(err)
	}
	all := nn.State(r, "")
	shaped := func(name string, shape ...int) []safetensors.Tensor {
		var changed []safetensors.Tensor
		for _, t := range all {
			switch {
			case t.Name != name:
				changed = append(changed, t)
			case shape != nil:
				n := 1
				for _, side := range shape {
					n *= side
				}
				changed = append(changed, safetensors.FromSlice(name, make([]float32, n), shape...))
			}
		}
		return changed
	}
	const first, inner = "conv1.weight", "layer1.0.conv2.weight"
	for _, c := range []struct {
		tensors []safetensors.Tensor
		want    string
	}{
		{shaped("layer1.0.conv1.weight"), "holds no ResNet"},
		{append(nn.State(r, "a"), nn.State(r, "b")...), `within "a" and "b"`},
		{shaped(first), `there is no "conv1.weight"`},
		{shaped(first, 2, 3, 5, 5), "has the shape [2 3 5 5]"},
		{shaped(first, 2, 1, 7, 7), "has the shape [2 1 7 7]"},
		{shaped("layer3.2.conv1.weight"), "have [3 4 2 3] blocks"},
		{shaped(inner, 4, 4, 3, 3), "layer1.0.conv2.weight has the shape [4 4 3 3], not [2 2 3 3]"},
		{shaped(inner, 2, 1, 3, 3), "a ResNeXt"},
	} {
		if _, _, err := ConfigOf(opened(t, c.tensors)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// opened returns a file of tensors.
func opened(t *testing.T, tensors []safetensors.Tensor) *safetensors.File {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "bytes")
	if err != nil {
		t.Fatal(err)
	}
	return f
}
