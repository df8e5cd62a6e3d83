package baseline

import (
	"image"

	"anomem/imageio"
)

// Position is a position of a feature map of an image, which a detector compares with the patterns
// of its memory.
type Position struct {
	Image      int             // among those given
	Scale      int             // of the memory, from 0
	From       *imageio.Image  // the image as the detector sees it, such as aligned
	Cell       image.Rectangle // the part of From that the position stands for, which may reach beyond it
	Similarity []float32       // to each pattern
}
