package train

import (
	"context"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/train/augment"
)

// ofSizes returns blank images of these sizes.
func ofSizes(sizes ...[2]int) dataset.Samples {
	var all dataset.Samples
	for _, s := range sizes {
		all = append(all, dataset.Sample{Image: imageio.NewImage(s[0], s[1]), Normal: true})
	}
	return all
}

// Images whose common shape is far from square are seen in that shape, others as squares.
func TestFitShape(t *testing.T) {
	for _, c := range []struct {
		size, tile    int
		shift         augment.Shift
		images        dataset.Samples
		width, height int
	}{
		{96, 0, augment.Blemish, ofSizes([2]int{300, 200}), 96, 96}, // 1.5, no more
		{96, 0, augment.Blemish, ofSizes([2]int{302, 200}), 120, 80},
		{96, 0, augment.Blemish, ofSizes([2]int{200, 302}), 80, 120},
		{96, 0, augment.None, ofSizes([2]int{200, 300}), 96, 96},
		{96, 0, augment.Blemish, ofSizes([2]int{640, 100}), 240, 40},
		{96, 0, augment.Blemish, ofSizes([2]int{302, 200}, [2]int{330, 200}), 120, 80}, // shapes apart by 1.093
		{96, 0, augment.Blemish, ofSizes([2]int{302, 200}, [2]int{334, 200}), 96, 96},  // by 1.106
		{96, 0, augment.Blemish, ofSizes([2]int{302, 200}, [2]int{200, 302}), 96, 96},
		{64, 0, augment.Blemish, ofSizes([2]int{60, 24}), 64, 24},  // no more pixels than there are
		{64, 0, augment.Blemish, ofSizes([2]int{60, 3}), 64, 16},   // enough for four maps
		{96, 0, augment.Rotate, ofSizes([2]int{302, 200}), 96, 96}, // turned
		{96, 0, augment.Mixed, ofSizes([2]int{302, 200}), 96, 96},
		{96, 128, augment.Blemish, ofSizes([2]int{5000, 200}), 96, 96}, // tiles
	} {
		in := anomem.Input{Size: c.size, Tile: c.tile, Stride: c.tile}
		FitShape(&in, Options{Shift: c.shift}, c.images)
		if w, h := in.Shape(); w != c.width || h != c.height {
			t.Errorf("%v, %d images from %v: seen as %d×%d, want %d×%d", c.shift, len(c.images), c.images[0].Image.W, w, h, c.width, c.height)
		}
	}
}

// Narrow strips are cut into squares at their own resolution. Where they are narrower than
// the least tile, tiles reach beyond the edge, into their mirror image.
func TestTilesOfStrips(t *testing.T) {
	for _, c := range []struct{ w, h, tile, across, down int }{
		{5000, 200, 128, 52, 2}, {200, 5000, 128, 2, 52}, {5000, 100, 100, 67, 1}, {5000, 20, 32, 208, 1},
	} {
		config, _ := Settings(Small, augment.Texture, max(c.w, c.h), min(c.w, c.h))
		tiles := imageio.Tiles(c.w, c.h, config.Input.Tile, config.Input.Stride)
		if config.Input.Tile != c.tile || len(tiles) != c.across*c.down || !config.Input.Square() {
			t.Errorf("%d×%d: %d tiles of %d, want %d×%d of %d", c.w, c.h, len(tiles), config.Input.Tile, c.across, c.down, c.tile)
		}
		seen := imageio.NewMask(c.w, c.h)
		for _, r := range tiles {
			if r.Dx() != c.tile || r.Dy() != c.tile {
				t.Fatalf("%d×%d: tile %v", c.w, c.h, r)
			}
			for y := max(r.Min.Y, 0); y < min(r.Max.Y, c.h); y++ {
				for x := max(r.Min.X, 0); x < min(r.Max.X, c.w); x++ {
					seen.Pix[y*c.w+x] = true
				}
			}
		}
		if seen.Share() != 1 {
			t.Errorf("%d×%d: tiles cover %g", c.w, c.h, seen.Share())
		}
	}
}

// strips returns upright pictures of 40×20 pixels with a mark that is always at one end, and
// regions that leave the rows at the edges out if inside is set.
func strips(n int, inside bool) dataset.Samples {
	var all dataset.Samples
	for i := range n {
		s := dataset.Sample{Image: upright("strip", i, 40, 20), Normal: true}
		if inside {
			s.Region = imageio.NewMask(40, 20)
			for k := range s.Region.Pix {
				s.Region.Pix[k] = k/40 > 2 && k/40 < 17
			}
			s.Image.Blank(s.Region)
		}
		all = append(all, s)
	}
	return all
}

// A model of images that are no squares is trained, resumed, refitted, saved and asked as
// any other, with regions and without.
func TestTrainingOfStrips(t *testing.T) {
	for _, inside := range []bool{false, true} {
		c, o := smallConfig(), smallOptions()
		c.Input.Width, c.Head.Local, c.Head.Pool = 32, true, 4
		o.Shift, o.Rotations = augment.Blemish, false
		o.Augment = augment.ForKind(augment.Texture, 64) // turns and blur
		path := filepath.Join(t.TempDir(), "checkpoint")
		run := func(steps int) (*anomem.Model, error) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			r := &Run{Config: c, Options: o, Data: strips(12, inside), Held: strips(4, inside), Checkpoint: path}
			r.OnStep = func(p Progress) {
				if p.Step+1 == steps {
					stop()
				}
			}
			if steps < 0 {
				return r.Resume(ctx, nil)
			}
			return r.Train(ctx, nil)
		}
		m, err := run(0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run(2); err == nil {
			t.Fatal("not interrupted")
		}
		again, err := run(-1)
		if err != nil {
			t.Fatal(err)
		}
		test := strips(1, false)[0].Image
		x, y := m.Explain([]*imageio.Image{test})[0], again.Explain([]*imageio.Image{test})[0]
		if x.Heatmap.W != 40 || x.Heatmap.H != 20 || !reflect.DeepEqual(x.Scales, y.Scales) || !reflect.DeepEqual(x.Heatmap, y.Heatmap) {
			t.Errorf("inside %t: heatmap %d×%d, scores %v, resumed %v", inside, x.Heatmap.W, x.Heatmap.H, x.Scales, y.Scales)
		}
		defects := dataset.AllAnomalous(strips(2, inside))
		if m, err = Refit(t.Context(), m, defects, o, func(string) {}, nil); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(file); err != nil {
			t.Fatal(err)
		}
		loaded, err := anomem.Load(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := loaded.Score(test), m.Score(test); !reflect.DeepEqual(got, want) {
			t.Errorf("inside %t: loaded %v, saved %v", inside, got, want)
		}
	}
}

// Quarter turns are refused for images that are no squares.
func TestNoQuarterTurnsOfStrips(t *testing.T) {
	for _, shift := range []augment.Shift{augment.Rotate, augment.Mixed} {
		c, o := smallConfig(), smallOptions()
		c.Input.Width, o.Shift = 32, shift
		_, err := (&Run{Config: c, Options: o, Data: strips(12, false)}).Train(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "seen as 32×16 cannot be turned by a quarter") {
			t.Errorf("%v: %v", shift, err)
		}
	}
}
