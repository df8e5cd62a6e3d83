package main

import (
	"fmt"

	"anomem/imageio"
)

// rangeText says what a range does.
func rangeText(g imageio.Range) string {
	return fmt.Sprintf("16-bit values from %d to %d become 0 to 255", g.Lo, g.Hi)
}

// otherDepth says how many of the images that d has decoded for a model have other bits
// than those that the model was trained on; "" for none.
func otherDepth(d *imageio.Decoder) string {
	shallow, deep := d.Depths()
	switch {
	case d.Range != imageio.Range{} && shallow > 0:
		return fmt.Sprintf("warning: %s of 8 bits a channel, while the model was trained on 16-bit values from %d to %d: the range does not map them, and their scores may mean nothing", plural(shallow, "image", "images"), d.Range.Lo, d.Range.Hi)
	case d.Range == imageio.Range{} && deep > 0:
		return fmt.Sprintf("warning: %s of 16 bits a channel, while the model was trained on none: their values are divided by 257, which leaves few grey levels of a camera's 10 to 14 bits", plural(deep, "image", "images"))
	}
	return ""
}
