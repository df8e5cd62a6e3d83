package imageio

import (
	"fmt"
	"image"
	"slices"
	"testing"
)

func TestTiles(t *testing.T) {
	for _, c := range []struct {
		w, h, tile, stride int
		want               []image.Rectangle
	}{
		{4, 4, 4, 3, []image.Rectangle{image.Rect(0, 0, 4, 4)}},
		{2, 1, 4, 4, []image.Rectangle{image.Rect(0, 0, 4, 4)}},
		{9, 3, 4, 3, []image.Rectangle{image.Rect(0, 0, 4, 4), image.Rect(3, 0, 7, 4), image.Rect(5, 0, 9, 4)}},
		{5, 7, 4, 3, []image.Rectangle{image.Rect(0, 0, 4, 4), image.Rect(1, 0, 5, 4), image.Rect(0, 3, 4, 7), image.Rect(1, 3, 5, 7)}},
	} {
		if got := Tiles(c.w, c.h, c.tile, c.stride); !slices.Equal(got, c.want) {
			t.Errorf("%d×%d, tiles of %d every %d: %v, want %v", c.w, c.h, c.tile, c.stride, got, c.want)
		}
	}
	if got := len(Tiles(1024, 1024, 256, 192)); got != 25 {
		t.Errorf("%d tiles of 256 every 192 in 1024², want 25", got)
	}
}

// For all small sizes: tiles of the right size, in order, each pixel under one, none
// outside where the image is large enough, none more than stride from the one before,
// and none to spare.
func TestTilesCover(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for tile := 1; tile <= 12; tile++ {
			for stride := 1; stride <= tile; stride++ {
				starts := tileStarts(n, tile, stride)
				covered := 0
				for i, s := range starts {
					if i > 0 && (s <= starts[i-1] || s-starts[i-1] > stride) || s > covered || s < 0 {
						t.Fatalf("n=%d tile=%d stride=%d: %v", n, tile, stride, starts)
					}
					covered = s + tile
				}
				// One tile fewer at this stride ends before the edge.
				spare := len(starts) > 1 && (len(starts)-2)*stride+tile >= n
				if covered != max(n, tile) || starts[0] != 0 || spare {
					t.Fatalf("n=%d tile=%d stride=%d: %v", n, tile, stride, starts)
				}
			}
		}
	}
	for w := 1; w <= 20; w++ {
		for h := 1; h <= 20; h++ {
			xs, ys := tileStarts(w, 7, 5), tileStarts(h, 7, 5)
			tiles := Tiles(w, h, 7, 5)
			if len(tiles) != len(xs)*len(ys) {
				t.Fatalf("%d×%d: %v", w, h, tiles)
			}
			for i, r := range tiles {
				x, y := xs[i%len(xs)], ys[i/len(xs)]
				if r != image.Rect(x, y, x+7, y+7) {
					t.Fatalf("%d×%d: %v", w, h, tiles)
				}
			}
		}
	}
}

func TestTilesPanics(t *testing.T) {
	for _, c := range [][4]int{{0, 5, 2, 2}, {5, 0, 2, 2}, {5, 5, 2, 0}, {5, 5, 2, 3}, {5, 5, 0, 0}, {5, 5, -1, -2}} {
		wantPanic(t, fmt.Sprintf("imageio: Tiles: tiles of %d pixels, %d apart, for an image of %d×%d", c[2], c[3], c[0], c[1]),
			func() { Tiles(c[0], c[1], c[2], c[3]) })
	}
}
