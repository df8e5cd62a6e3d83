package resnet_test

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
	"anomem/resnet"
	"anomem/simd/pool"
)

// A network for small images is made and its maps are looked at.
func ExampleNew() {
	net, err := resnet.New[float32](resnet.Config{Depth: 18, Stem: resnet.Small, Width: 0.25, Classes: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	nn.Init(net, 1) // or resnet.Load(net, file, "")
	nn.SetTraining(net, false)

	images := autograd.New[float32](2, 32, 32, 3) // two black images
	g := autograd.NewGraph[float32](pool.New(0))  // all cores
	g.NoGrad(func() {
		maps := net.Stages(g, images)
		for s, m := range maps {
			fmt.Println("stage", s+1, m.Shape())
		}
		fmt.Println("logits", net.Head(g, maps[3]).Shape())
	})
	// Output:
	// stage 1 [2 32 32 16]
	// stage 2 [2 16 16 32]
	// stage 3 [2 8 8 64]
	// stage 4 [2 4 4 128]
	// logits [2 10]
}
