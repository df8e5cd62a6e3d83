package resnet

import (
	"bytes"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/nn/torchtest"
)

// formulaInput returns the input of testdata/resnet/generate.py, with the channels last.
func formulaInput[T nn.Float](n, size int) *autograd.Tensor[T] {
	u := torchtest.Formula[T]("input", n*3*size*size)
	x := autograd.New[T](n, size, size, 3)
	for i, v := range u {
		image, channel, position := i/(3*size*size), i/(size*size)%3, i%(size*size)
		x.Data()[(image*size*size+position)*3+channel] = v
	}
	return x
}

// fillByFormula gives m generate.py's weights.
func fillByFormula[T nn.Float](t testing.TB, m *ResNet[T]) {
	t.Helper()
	if err := torchtest.Fill(m, architectures[m.config.Depth].bottleneck); err != nil {
		t.Fatal(err)
	}
}

// fileOf returns tensors as an opened file.
func fileOf(t testing.TB, tensors ...safetensors.Tensor) *safetensors.File {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "formula.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return f
}
