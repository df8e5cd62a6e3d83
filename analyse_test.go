package anomem

import (
	"fmt"
	"reflect"
	"testing"

	"anomem/autograd"
	"anomem/imageio"
)

// The score and the heatmap of an image do not depend on whether its rotated copies share
// memory.
func TestLargeImagesTurned(t *testing.T) {
	defer func(was int) { heldPixels = was }(heldPixels)
	for _, c := range []Config{tinyConfig(), tiled(tinyConfig())} {
		c.Score.Rotations = true
		m := tinyModel(t, c, nil)
		imgs := []*Image{noiseImage(1, 40, 30), noiseImage(2, 9, 9), noiseImage(4, 30, 41)}
		regions := []*imageio.Mask{ring(40, 30), nil, nil}
		heldPixels = 4 << 20
		want := m.ExplainIn(imgs, regions)
		heldPixels = 1000
		if got := m.ExplainIn(imgs, regions); !sameExplanations(got, want) {
			t.Errorf("tile %d: %v, want %v", c.Input.Tile, got[0].Result, want[0].Result)
		}
	}
}

// sameExplanations compares without p-values, which are NaN.
func sameExplanations(a, b []Explanation) bool {
	for i := range a {
		if !reflect.DeepEqual(a[i].Scales, b[i].Scales) || !reflect.DeepEqual(a[i].Heatmap, b[i].Heatmap) {
			return false
		}
	}
	return len(a) == len(b)
}

// Images are taken one by one. Of large ones no two wait together, and what comes out is the
// same as of all together.
func TestLargeImagesWaitAlone(t *testing.T) {
	for _, c := range []Config{tinyConfig(), tiled(tinyConfig())} {
		m := tinyModel(t, c, nil)
		imgs := []*Image{noiseImage(1, 40, 30), noiseImage(2, 9, 9), noiseImage(3, 9, 8), noiseImage(4, 41, 30)}
		run := func(limit int) (order []string, values []float32) {
			defer func(was int) { heldPixels = was }(heldPixels)
			heldPixels = limit
			m.eachSquare(len(imgs), func(i int) (*Image, *imageio.Mask) {
				order = append(order, fmt.Sprint("take ", i))
				return imgs[i], nil
			}, func(_ *autograd.Graph[float32], of []Square, scales []Analysis) {
				order = append(order, fmt.Sprint("see ", of[len(of)-1].Image))
				values = append(values, scales[0].Value.Data()...)
			})
			return order, values
		}
		order, values := run(1000)
		want := []string{"take 0", "see 0", "take 1", "take 2", "take 3", "see 3"}
		if !reflect.DeepEqual(order, want) {
			t.Errorf("tile %d: %v, want %v", c.Input.Tile, order, want)
		}
		if _, all := run(1 << 30); !reflect.DeepEqual(values, all) {
			t.Errorf("tile %d: other values than of all images together", c.Input.Tile)
		}
	}
}
