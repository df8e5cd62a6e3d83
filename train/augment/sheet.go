package augment

import (
	"fmt"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

const (
	sheetGap   = 4   // pixels between pictures
	sheetGrey  = 128 // of the gaps
	sheetPixel = 96  // small pictures are enlarged to about this
	sheetViews = 8   // pictures in a line of a Preview
)

// Sheet lays out pictures of any sizes in lines of cols. It enlarges small ones by a whole
// factor, the same for all. It panics unless cols > 0.
func Sheet(cols int, pictures ...*imageio.Image) *imageio.Image {
	if cols < 1 {
		panic(fmt.Sprintf("augment: Sheet of %d columns", cols))
	}
	cols = min(cols, max(1, len(pictures)))
	side := 1
	for _, p := range pictures {
		side = max(side, p.W, p.H)
	}
	zoom := max(1, sheetPixel/side)
	step := side*zoom + sheetGap
	lines := (len(pictures) + cols - 1) / cols
	sheet := imageio.NewImage(cols*step+sheetGap, lines*step+sheetGap)
	for i := range sheet.Pix {
		sheet.Pix[i] = sheetGrey
	}
	for i, p := range pictures {
		left, top := sheetGap+i%cols*step, sheetGap+i/cols*step
		large := p.Enlarge(zoom)
		for y := range large.H {
			copy(sheet.Pix[3*((top+y)*sheet.W+left):], large.Pix[3*large.W*y:][:3*large.W])
		}
	}
	return sheet
}

// Preview shows what training makes of img: a line of the image and seven views, and for
// each shift a line of four shifted copies, each followed by a view of it. The views are
// those of b, drawn from r.
func (b *Batch) Preview(img *imageio.Image, shifts []Shift, r rng.Stream) *imageio.Image {
	var pictures []*imageio.Image
	w, h := b.Shape()
	view := make([]float32, 3*w*h)
	show := func(fill func(*pool.Pool, []float32, []Row), s Shift, shifting rng.Stream) {
		fill(nil, view, []Row{{Image: img, Shift: s, Shifting: shifting, View: rng.New(r.Uint64())}})
		pictures = append(pictures, b.Norm.Image(view, w, h))
	}
	show(b.Plain, None, r)
	for range sheetViews - 1 {
		show(b.Views, None, r)
	}
	for _, s := range shifts {
		for range sheetViews / 2 {
			shifting := rng.New(r.Uint64())
			show(b.Plain, s, shifting)
			show(b.Views, s, shifting)
		}
	}
	return Sheet(sheetViews, pictures...)
}
