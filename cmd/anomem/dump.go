package main

import (
	"fmt"
	"os"
	"path/filepath"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/train"
	"anomem/train/augment"
)

// dumpAugmented writes a sheet of augmented copies for each of the first images to dir, and
// returns the number of sheets.
func dumpAugmented(dir string, c anomem.Config, o train.Options, d dataset.Source) (int, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return 0, err
	}
	b := augment.Batch{Options: o.Augment, Size: c.Input.Size, Width: c.Input.Width, Norm: imageio.Norm{Mean: c.Input.Mean, Std: c.Input.Std}}
	n := min(8, d.Len())
	for i := range n {
		img, err := d.Image(i)
		if err != nil {
			return i, err
		}
		if t := c.Input.Tile; t > 0 {
			img = img.CropReflect((img.W-t)/2, (img.H-t)/2, t, t)
		}
		sheet := b.Preview(img, []augment.Shift{augment.Rotate, augment.Blemish}, rng.New(o.Seed, rng.Name("preview"), uint64(i)))
		if err := imageio.WritePNG(filepath.Join(dir, fmt.Sprintf("%d.png", i)), sheet.ToImage()); err != nil {
			return i, err
		}
	}
	return n, nil
}
