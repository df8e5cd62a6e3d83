package learn

import (
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Norm maps bytes to values of about zero mean and unit deviation, the same for all images.
var Norm = imageio.Norm{Mean: [3]float32{0.5, 0.5, 0.5}, Std: [3]float32{0.25, 0.25, 0.25}}

// Unit maps bytes to 0 to 1: what autoencoders rebuild.
var Unit = imageio.Norm{Std: [3]float32{1, 1, 1}}

// Views makes what steps see of images: augmented views, the same for any number of threads.
type Views struct {
	batch augment.Batch
	seed  uint64
	rows  []augment.Row
}

// NewViews returns views of side×side pixels.
func NewViews(seed uint64, side int, o augment.Options, norm imageio.Norm) *Views {
	return &Views{batch: augment.Batch{Options: o, Size: side, Norm: norm}, seed: seed}
}

// Fill writes a view of each image to dst [len(images) side side 3]. Views of the same step
// that are to differ have another number.
func (v *Views) Fill(p *pool.Pool, dst []float32, images []*imageio.Image, step, number int) {
	v.rows = v.rows[:0]
	for i, img := range images {
		r := rng.New(v.seed, rng.Name("learn: view"), uint64(step), uint64(number), uint64(i))
		v.rows = append(v.rows, augment.Row{Image: img, View: r})
	}
	v.batch.Views(p, dst, v.rows)
}

// Mild returns views that show what an image shows: mirrored half of the time, and moved by
// up to some pixels.
func Mild() augment.Options {
	return augment.Options{Flip: 0.5, CropArea: [2]float64{0.75, 1}, CropRatio: [2]float64{0.9, 1 / 0.9}}
}

// Strong returns SimCLR's published changes for small images.
func Strong(side int) augment.Options {
	a := augment.ForKind(augment.Object, side)
	a.Hue, a.Grey = 0.1, 0.2
	return a
}
