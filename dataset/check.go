package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"strings"
)

// BrokenError is an image that cannot be decoded.
type BrokenError struct {
	Index int    // of the item
	Path  string // the item's
	Err   error
}

// Error returns the path, and what is wrong if that does not name it already.
func (e *BrokenError) Error() string { return fmt.Sprintf("dataset: %s: %v", e.Path, bare(e.Err)) }

// Unwrap returns what decoding said.
func (e *BrokenError) Unwrap() error { return e.Err }

// bare takes the path out of an error that the line names already.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// mostFaults is how many faults an error lists.
const mostFaults = 10

// faults is a list of faults as one error, nil for none.
func faults(list []string) error {
	if len(list) == 0 {
		return nil
	}
	text := strings.Join(list[:min(len(list), mostFaults)], "\n")
	if n := len(list) - mostFaults; n > 0 {
		text += fmt.Sprintf("\nand %d more", n)
	}
	return errors.New(text)
}

// Check reads the headers of all image and mask files, on that many goroutines (as
// many as there are CPUs if workers < 1). It returns the images whose headers are
// broken, in order, for the caller to leave out or to fail on; and an error if a mask
// is broken or has another size than its image, which lists the first ten such
// faults, or if ctx is done. Only where a mask seems to lie on its side are both
// decoded, since one of them may be a photograph that is turned when it is decoded.
func (d *Dataset) Check(ctx context.Context, workers int) ([]*BrokenError, error) {
	broken := make([]*BrokenError, len(d.Items))
	masks := make([]string, len(d.Items))
	if err := each(ctx, workers, len(d.Items), func(i int) {
		it := &d.Items[i]
		if it.archive != nil {
			return // all sizes were checked when it was opened
		}
		size, err := sizeOf(it.Path)
		if err != nil {
			broken[i] = &BrokenError{i, it.Path, err}
		}
		if it.Mask == "" {
			return
		}
		mask, maskErr := sizeOf(it.Mask)
		if err == nil && maskErr == nil && mask != size && mask == image.Pt(size.Y, size.X) {
			size, err = d.decodedSize(it.Path)
			mask, maskErr = d.decodedSize(it.Mask)
		}
		switch {
		case maskErr != nil:
			masks[i] = fmt.Sprintf("dataset: mask %s: %v", it.Mask, bare(maskErr))
		case err == nil && mask != size:
			masks[i] = fmt.Sprintf("dataset: mask %s is %d×%d pixels, its image %s is %d×%d",
				it.Mask, mask.X, mask.Y, it.Path, size.X, size.Y)
		}
	}); err != nil {
		return nil, err
	}
	var images []*BrokenError
	var wrong []string
	for i := range d.Items {
		if broken[i] != nil {
			images = append(images, broken[i])
		}
		if masks[i] != "" {
			wrong = append(wrong, masks[i])
		}
	}
	return images, faults(wrong)
}

// sizeOf reads the width and height from a file's header.
func sizeOf(path string) (image.Point, error) {
	f, err := os.Open(path)
	if err != nil {
		return image.Point{}, err
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err == nil && (c.Width < 1 || c.Height < 1) {
		err = fmt.Errorf("%d×%d pixels", c.Width, c.Height)
	}
	return image.Pt(c.Width, c.Height), err
}

// decodedSize returns the width and height that an image has once it is decoded.
func (d *Dataset) decodedSize(path string) (image.Point, error) {
	img, err := d.read(&Item{Path: path})
	if err != nil {
		return image.Point{}, err
	}
	return image.Pt(img.W, img.H), nil
}
