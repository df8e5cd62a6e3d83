package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"anomem"
	"anomem/nn/rng"
	"anomem/train"
	"anomem/train/augment"
)

// dumpAugmented writes what training makes of the first images to dir, a picture each.
func dumpAugmented(dir string, c anomem.Config, o train.Options, d train.Data) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	b := augment.Batch{Options: o.Augment, Size: c.Input.Size, Norm: augment.Norm{Mean: c.Input.Mean, Std: c.Input.Std}}
	for i := range min(8, d.Len()) {
		img, err := d.Image(i)
		if err != nil {
			return err
		}
		if t := c.Input.Tile; t > 0 {
			img = img.CropReflect((img.W-t)/2, (img.H-t)/2, t, t)
		}
		sheet := b.Preview(img, []augment.Shift{augment.Rotate, augment.CutPaste}, rng.New(o.Seed, rng.Name("preview"), uint64(i)))
		if err := writePNG(filepath.Join(dir, fmt.Sprintf("%d.png", i)), sheet.ToImage()); err != nil {
			return err
		}
	}
	return nil
}

// writePNG writes a picture to path.
func writePNG(path string, pic image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, pic); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
