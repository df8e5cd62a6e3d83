package dataset

import (
	"os"

	"anomem/imageio"
)

// spill holds the pixels of images in a temporary file. The file has no name any more: nobody
// else reads it, and it is gone when the process ends, however that happens.
type spill struct{ file *os.File }

// newSpill returns a spill in the system's folder for temporary files. Where a file cannot be
// removed while it is open, it is an error.
func newSpill() (*spill, error) {
	f, err := os.CreateTemp("", "anomem-*.pixels")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, err
	}
	return &spill{f}, nil
}

// put writes an image to a place in the file.
func (s *spill) put(img *imageio.Image, at int64) error {
	_, err := s.file.WriteAt(img.Pix, at)
	return err
}

// get reads a w×h image that put wrote.
func (s *spill) get(w, h int, at int64) (*imageio.Image, error) {
	img := imageio.NewImage(w, h)
	_, err := s.file.ReadAt(img.Pix, at)
	return img, err
}
