package resnet

import (
	"fmt"
	"slices"
	"strings"

	"anomem/nn"
	"anomem/nn/safetensors"
)

// firstBlock is a tensor that every ResNet of torchvision and timm has.
const firstBlock = "layer1.0.conv1.weight"

// ConfigOf returns the configuration of the network in f, without its classifier, and the
// prefix of its tensors' names, such as "" or "model". Depth, stem and width follow from
// names and shapes. It is an error if f holds no ResNet, several, or one of other blocks.
func ConfigOf(f *safetensors.File) (c Config, prefix string, err error) {
	if prefix, err = prefixOf(f); err != nil {
		return c, "", err
	}
	shape := func(name string) []int {
		t, _ := f.Lookup(nn.Join(prefix, name))
		return t.Shape
	}
	fail := func(format string, args ...any) (Config, string, error) {
		return Config{}, "", fmt.Errorf("resnet: %s: "+format, append([]any{f.Name()}, args...)...)
	}
	switch s := shape("conv1.weight"); {
	case len(s) == 4 && s[1] == 3 && s[2] == 7 && s[3] == 7:
		c.Stem = ImageNet
	case len(s) == 4 && s[1] == 3 && s[2] == 3 && s[3] == 3:
		c.Stem = Small
	case s == nil:
		return fail("there is no %q: its stem is no single convolution", nn.Join(prefix, "conv1.weight"))
	default:
		return fail("the first convolution has the shape %v: want [C 3 7 7] (a stem for large images) or [C 3 3 3] (one for small images)", s)
	}
	planes := shape("conv1.weight")[0]
	c.Width, c.Channels = float64(planes)/base, 3
	var a architecture
	a.bottleneck = shape("layer1.0.conv3.weight") != nil
	for s := range a.blocks {
		for shape(fmt.Sprintf("layer%d.%d.conv1.weight", s+1, a.blocks[s])) != nil {
			a.blocks[s]++
		}
	}
	for depth, known := range architectures {
		if known == a {
			c.Depth = depth
		}
	}
	if c.Depth == 0 {
		return fail("its stages have %v blocks, as no ResNet-18, -34, -50 or -101 has", a.blocks)
	}
	inner := "layer1.0.conv1.weight"
	if a.bottleneck {
		inner = "layer1.0.conv2.weight"
	}
	if s, want := shape(inner), []int{planes, planes, 3, 3}; !slices.Equal(s, want) {
		return fail("%s has the shape %v, not %v: it is a wide ResNet, a ResNeXt or another network of other blocks", inner, s, want)
	}
	return c, prefix, c.Validate()
}

// prefixOf returns the prefix of the names of the ResNet in f.
func prefixOf(f *safetensors.File) (string, error) {
	var found []string
	for _, t := range f.Tensors() {
		if t.Name == firstBlock {
			found = append(found, "")
		} else if prefix, ok := strings.CutSuffix(t.Name, "."+firstBlock); ok {
			found = append(found, prefix)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("resnet: %s: it holds no ResNet: there is no %q, as torchvision and timm name it", f.Name(), firstBlock)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("resnet: %s: it holds %d ResNets, within %q and %q: want one", f.Name(), len(found), found[0], found[1])
}
