// Package normals reads the normal images that detectors are fitted to.
package normals

import (
	"context"
	"fmt"

	"anomem/dataset"
	"anomem/imageio"
)

// Each calls f for the index of each normal image of src, in order. It returns the first
// error of f, or that of ctx once it is done, and fails if there are fewer than two normal
// images. Errors of its own begin with the detector's name.
func Each(ctx context.Context, name string, src dataset.Source, f func(i int) error) error {
	n := 0
	for i := range src.Len() {
		if !src.Normal(i) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(i); err != nil {
			return err
		}
		n++
	}
	if n < 2 {
		return fmt.Errorf("baseline: %s: %d normal images: want two at least", name, n)
	}
	return nil
}

// Image returns image i of src, or an error if it has no pixels.
func Image(name string, src dataset.Source, i int) (*imageio.Image, error) {
	img, err := src.Image(i)
	if err != nil {
		return nil, err
	}
	if img == nil || img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H {
		return nil, Empty(name)
	}
	return img, nil
}

// Empty returns the error for an image without pixels.
func Empty(name string) error { return fmt.Errorf("baseline: %s: an image without pixels", name) }
