package dataset

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"anomem"
)

// Fingerprints returns the fingerprint of each image: that of its file or, in an archive, of
// its pixels. It reads all files on the given number of goroutines, one a CPU if
// workers < 1, and ends with ctx's error when ctx is done.
func (im *Images) Fingerprints(ctx context.Context, workers int) ([]anomem.Fingerprint, error) {
	return im.fingerprints(ctx, nil, workers)
}

// fingerprints does not read files whose SHA-256 is in sums.
func (im *Images) fingerprints(ctx context.Context, sums map[string]string, workers int) ([]anomem.Fingerprint, error) {
	all, errs := make([]anomem.Fingerprint, im.Len()), make([]error, im.Len())
	if err := each(ctx, workers, im.Len(), func(k int) {
		all[k], errs[k] = im.d.fingerprint(ctx, im.Item(k), sums)
	}); err != nil {
		return nil, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return all, nil
}

func (d *Dataset) fingerprint(ctx context.Context, it *Item, sums map[string]string) (f anomem.Fingerprint, err error) {
	if it.archive != nil {
		img, err := d.decodeItem(it)
		if err != nil {
			return f, &BrokenError{Path: it.Path, Err: err}
		}
		return anomem.FingerprintOfImage(img), nil
	}
	sum, ok := sums[it.Path]
	if !ok {
		if sum, err = sumFile(ctx, it.Path); err != nil {
			return f, err
		}
	}
	_, err = hex.Decode(f[:], []byte(sum[:2*len(f)]))
	return f, err
}
