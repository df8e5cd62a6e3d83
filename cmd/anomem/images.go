package main

import (
	"fmt"

	"anomem/imageio"
)

// maskFor decodes the mask of an image, which must be of its size.
func maskFor(path, image string, w, h int) (*imageio.Mask, error) {
	m, err := imageio.DecodeMaskFile(path)
	if err != nil {
		return nil, err
	}
	if m.W != w || m.H != h {
		return nil, fmt.Errorf("%s: a mask of %d×%d pixels for an image of %d×%d, %s", path, m.W, m.H, w, h, image)
	}
	return m, nil
}
