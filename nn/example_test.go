package nn_test

import (
	"bytes"
	"fmt"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/simd"
)

// A network is made, trained for a step, written and read back.
func Example() {
	net := nn.NewMLP[float32](2, 8, 1)
	nn.Init(net, 1)

	g := autograd.NewGraph[float32](nil)
	x := autograd.FromSlice([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	target := autograd.FromSlice([]float32{0, 1, 1, 0}, 4, 1)
	params := nn.Parameters(net)
	g.Backward(g.Mean(g.Square(g.Sub(net.Forward(g, x), target)), false))
	for _, p := range params {
		velocity := make([]float32, p.Tensor.Len())
		simd.SGDNesterov(p.Tensor.Data(), p.Tensor.Grad(), velocity, 0.1, 0.9, 0)
	}

	var file bytes.Buffer
	if err := safetensors.Write(&file, nn.State(net, "encoder"), nil); err != nil {
		fmt.Println(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), "xor.safetensors")
	if err != nil {
		fmt.Println(err)
	}
	for _, t := range f.Tensors() {
		fmt.Println(t.Name, t.DType, t.Shape)
	}
	fmt.Println(nn.Load(nn.NewMLP[float32](2, 9, 1), f, "encoder"))
	// Output:
	// encoder.0.bias F32 [8]
	// encoder.0.weight F32 [8 2]
	// encoder.2.bias F32 [1]
	// encoder.2.weight F32 [1 8]
	// nn: xor.safetensors does not fit the model:
	// 3 of another shape or type:
	// 	encoder.0.weight: shape [8 2], want [9 2]
	// 	encoder.0.bias: shape [8], want [9]
	// 	encoder.2.weight: shape [1 8], want [1 9]
}
