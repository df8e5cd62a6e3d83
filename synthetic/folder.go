package synthetic

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"anomem/imageio"
)

// Counts is the numbers of pictures in a folder.
type Counts struct {
	Train int // normals to train on
	Good  int // normals to test on
	Each  int // anomalies to test on, of each kind
	Known int // anomalies to train on, of all kinds in turn
}

// WriteFolder writes pictures of a seed to dir, as PNG files in the layout of MVTec AD:
//
//	train/good/000.png
//	test/good/000.png
//	test/KIND/000.png
//	ground_truth/KIND/000_mask.png    white where the anomaly is
//	known/defects/000.png             anomalies that are in no test
//	known/masks/000_mask.png          likewise
//
// The test's normal pictures follow the training ones in the seed's order, and the known
// anomalies follow the test's. WriteFolder makes dir. It fails if dir holds any of train,
// test, ground_truth and known, if a count is below zero, and once ctx is done.
func WriteFolder(ctx context.Context, dir string, o Options, seed uint64, n Counts) error {
	if n.Train < 0 || n.Good < 0 || n.Each < 0 || n.Known < 0 {
		return fmt.Errorf("synthetic: counts %+v: want none below 0", n)
	}
	for _, name := range []string{"train", "test", "ground_truth", "known"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			if err == nil {
				err = fmt.Errorf("synthetic: %s is there already: name another folder, or remove it", filepath.Join(dir, name))
			}
			return err
		}
	}
	write := func(s Sample, pictures, masks string, i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := fmt.Sprintf("%03d", i)
		return writePicture(s, filepath.Join(dir, pictures, name+".png"), filepath.Join(dir, masks, name+"_mask.png"))
	}
	for i := range n.Train {
		if err := write(o.Normal(seed, i), "train/good", "", i); err != nil {
			return err
		}
	}
	for i := range n.Good {
		if err := write(o.Normal(seed, n.Train+i), "test/good", "", i); err != nil {
			return err
		}
	}
	kinds := o.Kinds()
	for _, kind := range kinds {
		for i := range n.Each {
			if err := write(o.Anomaly(seed, i, kind), "test/"+string(kind), "ground_truth/"+string(kind), i); err != nil {
				return err
			}
		}
	}
	for i := range n.Known {
		if err := write(o.Anomaly(seed, n.Each+i/len(kinds), kinds[i%len(kinds)]), "known/defects", "known/masks", i); err != nil {
			return err
		}
	}
	return nil
}

// writePicture writes a picture to path and its mask, if it has one, to maskPath.
func writePicture(s Sample, path, maskPath string) error {
	if err := writePNG(path, s.Image.ToImage()); err != nil || s.Mask == nil {
		return err
	}
	return writePNG(maskPath, s.Mask.ToImage())
}

// writePNG writes a picture to a path, making its folders.
func writePNG(path string, img image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	// The noise of a photograph hardly compresses, however long one tries.
	return imageio.WritePNGLevel(path, img, png.BestSpeed)
}
