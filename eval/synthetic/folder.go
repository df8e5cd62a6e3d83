package synthetic

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// Counts say how many pictures a folder gets.
type Counts struct {
	Train int // normals to train on
	Good  int // normals to test on
	Each  int // anomalies to test on, of each kind
}

// WriteFolder writes pictures of a seed to dir, as PNG files in the layout of MVTec AD:
//
//	train/good/000.png
//	test/good/000.png
//	test/KIND/000.png
//	ground_truth/KIND/000_mask.png    white where the anomaly is
//
// Test normals are those of the seed that follow the training ones. WriteFolder makes
// dir, refuses one that holds any of train, test and ground_truth already, and reports
// counts below zero and what the file system does.
func WriteFolder(dir string, o Options, seed uint64, n Counts) error {
	if n.Train < 0 || n.Good < 0 || n.Each < 0 {
		return fmt.Errorf("synthetic: counts %+v: want none below 0", n)
	}
	for _, name := range []string{"train", "test", "ground_truth"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			if err == nil {
				err = fmt.Errorf("synthetic: %s is there already: name another folder, or remove it", filepath.Join(dir, name))
			}
			return err
		}
	}
	for i := range n.Train {
		if err := writePicture(o.Normal(seed, i), dir, "train", "good", i); err != nil {
			return err
		}
	}
	for i := range n.Good {
		if err := writePicture(o.Normal(seed, n.Train+i), dir, "test", "good", i); err != nil {
			return err
		}
	}
	for _, kind := range o.Kinds() {
		for i := range n.Each {
			if err := writePicture(o.Anomaly(seed, i, kind), dir, "test", string(kind), i); err != nil {
				return err
			}
		}
	}
	return nil
}

// writePicture writes the i-th picture of a split and class, and its mask if it has one.
func writePicture(s Sample, dir, split, class string, i int) error {
	w, h := s.Image.W, s.Image.H
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for p := range w * h {
		picture.Pix[4*p+3] = 0xff
		copy(picture.Pix[4*p:4*p+3], s.Image.Pix[3*p:])
	}
	if err := writePNG(picture, dir, split, class, fmt.Sprintf("%03d.png", i)); err != nil || s.Mask == nil {
		return err
	}
	mask := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Gray{0}, color.Gray{255}})
	copy(mask.Pix, s.Mask)
	return writePNG(mask, dir, "ground_truth", class, fmt.Sprintf("%03d_mask.png", i))
}

// writePNG writes a picture to the path, making its folders.
func writePNG(m image.Image, path ...string) (err error) {
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	// The noise of a photograph hardly compresses, however long one tries.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	return encoder.Encode(f, m)
}
