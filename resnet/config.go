package resnet

import (
	"fmt"
	"math"
	"slices"
)

// Config describes the network that New returns.
type Config struct {
	Depth    int     // 18, 34, 50 or 101
	Stem     Stem    // ImageNet unless set
	Width    float64 // factor on the number of channels of every map; 0 counts as 1
	Channels int     // of the input; 0 counts as 3
	Classes  int     // 0: no fc layer, and Forward returns the mean over the last map

	// ZeroInit makes Init start the weight of each block's last norm at 0, so that each
	// block starts as the identity: torchvision's zero_init_residual.
	ZeroInit bool
}

// architecture is the kind and number of blocks of a depth.
type architecture struct {
	bottleneck bool
	blocks     [4]int // in each stage
}

var architectures = map[int]architecture{
	18:  {false, [4]int{2, 2, 2, 2}},
	34:  {false, [4]int{3, 4, 6, 3}},
	50:  {true, [4]int{3, 4, 6, 3}},
	101: {true, [4]int{3, 4, 23, 3}},
}

// expansion is the ratio of a bottleneck's channels to those of its inner maps.
const expansion = 4

// base is the number of channels of the stem's map at width 1.
const base = 64

// withDefaults returns c with its zero values replaced by their defaults.
func (c Config) withDefaults() Config {
	if c.Width == 0 {
		c.Width = 1
	}
	if c.Channels == 0 {
		c.Channels = 3
	}
	return c
}

// Validate returns an error that says what is wrong with c, or nil.
func (c Config) Validate() error {
	d := c.withDefaults()
	width := base * d.Width
	switch {
	case !slices.Contains([]int{18, 34, 50, 101}, d.Depth):
		return fmt.Errorf("resnet: depth %d: want 18, 34, 50 or 101", d.Depth)
	case d.Stem != ImageNet && d.Stem != Small:
		return fmt.Errorf("resnet: stem %d: want ImageNet or Small", d.Stem)
	case !(width >= 1 && width <= 1<<16) || width != math.Trunc(width):
		return fmt.Errorf("resnet: width %v: 64 times it must be a whole number from 1 to 65536, such as width 0.25, 0.5 or 2", c.Width)
	case d.Channels < 1:
		return fmt.Errorf("resnet: %d input channels: want 1 at least", c.Channels)
	case d.Classes < 0:
		return fmt.Errorf("resnet: %d classes: want 0 (no head) or more", c.Classes)
	}
	return nil
}

// StageChannels returns the number of channels of each stage's map. The configuration
// must be valid.
func (c Config) StageChannels() [4]int {
	c = c.withDefaults()
	var channels [4]int
	for s := range channels {
		channels[s] = c.planes(s)
		if architectures[c.Depth].bottleneck {
			channels[s] *= expansion
		}
	}
	return channels
}

// planes returns the number of channels of the inner maps of stage s, counted from 0.
func (c Config) planes(s int) int { return int(base*c.Width) << s }
