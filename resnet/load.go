package resnet

import (
	"strings"

	"anomem/nn"
	"anomem/nn/safetensors"
)

// Load fills r from the tensors within prefix of f (all, if prefix is empty), such as a
// file of torchvision's or timm's, or one written from nn.State. It is nn.Load, except
// that a network without a head ignores the file's fc layer. An error lists everything
// that is missing, unexpected or of another shape, and leaves r unchanged.
func Load[T nn.Float](r *ResNet[T], f *safetensors.File, prefix string) error {
	if r.fc != nil {
		return nn.Load(r, f, prefix)
	}
	head := nn.Join(prefix, "fc") + "."
	return nn.Load(r, f, prefix, nn.Ignoring(func(name string) bool { return strings.HasPrefix(name, head) }))
}
