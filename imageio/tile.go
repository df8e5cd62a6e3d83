package imageio

import (
	"fmt"
	"image"
)

// Tiles returns the fewest squares of tile×tile pixels, stride apart, that cover an image
// of w×h, row by row. The last of each row and column is moved back to end at the edge.
// Along an axis shorter than a tile there is one, from 0 to beyond the edge, for
// CropReflect to fill.
//
// Tiles panics unless w, h and stride are at least 1 and stride is at most tile: a larger
// stride would leave pixels between the tiles.
func Tiles(w, h, tile, stride int) []image.Rectangle {
	if w < 1 || h < 1 || stride < 1 || stride > tile {
		panic(fmt.Sprintf("imageio: Tiles: tiles of %d pixels, %d apart, for an image of %d×%d", tile, stride, w, h))
	}
	xs, ys := tileStarts(w, tile, stride), tileStarts(h, tile, stride)
	tiles := make([]image.Rectangle, 0, len(xs)*len(ys))
	for _, y := range ys {
		for _, x := range xs {
			tiles = append(tiles, image.Rect(x, y, x+tile, y+tile))
		}
	}
	return tiles
}

// tileStarts returns the starts of the tiles along an axis of n pixels.
func tileStarts(n, tile, stride int) []int {
	var starts []int
	at := 0
	for ; at+tile < n; at += stride {
		starts = append(starts, at)
	}
	return append(starts, max(0, min(at, n-tile)))
}
