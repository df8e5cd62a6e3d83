// Package nn provides the layers of networks, their initialisation, and their state in
// files.
//
// A [Module] computes a result from an input, and shows a [Visitor] its parameters and
// buffers, each under the name it has in PyTorch, and its switch between training and
// evaluation. Everything that treats a network as a whole builds on that: [Init],
// [Parameters], [SetTraining], [State], [Load].
//
//	net := nn.NewSequential[float32](
//		nn.NewConv2D[float32](3, 16, 3, 3, autograd.Conv{PadH: 1, PadW: 1}, nn.WithoutBias),
//		nn.NewBatchNorm2D[float32](16),
//		nn.ReLU[float32]{},
//	)
//	nn.Init(net, seed)
//	y := net.Forward(g, x) // x [N H W 3], y [N H W 16]
//
// Layers are made without random numbers; Init gives them their first values, which
// depend on the seed and on each parameter's name alone.
package nn
