package resnet

import "anomem/nn"

// newStage returns the blocks of stage s, counted from 0, for maps of in channels. The
// first block has the stride.
func newStage[T nn.Float](c Config, s, in int) nn.Sequential[T] {
	a, planes, stride := architectures[c.Depth], c.planes(s), 2
	if s == 0 {
		stride = 1
	}
	var blocks nn.Sequential[T]
	for range a.blocks[s] {
		if a.bottleneck {
			blocks = append(blocks, newBottleneck[T](in, planes, stride, c.ZeroInit))
		} else {
			blocks = append(blocks, newBasic[T](in, planes, stride, c.ZeroInit))
		}
		in, stride = c.StageChannels()[s], 1
	}
	return blocks
}
