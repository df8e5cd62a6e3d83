package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
)

// Digest returns the SHA-256, in hexadecimal, of one line for each item,
//
//	"PATH" INDEX "CLASS" "SPLIT" "GROUP" IMAGE MASK\n
//
// with the path below the dataset's folder, Go's quotes around strings, the index within
// an archive (0 for a file), and the SHA-256 of the image's file and of its mask's, "-"
// for none. Sums of several masks are joined by "+", and that of a region of interest
// follows after a space. It depends on every byte of every file, on all names and on all classes,
// splits and groups. It does not depend on the folder's place or on which images are
// normal or known. It reads all files on the given number of goroutines, one a CPU if
// workers < 1, and ends with ctx's error when ctx is done.
func (d *Dataset) Digest(ctx context.Context, workers int) (string, error) {
	return d.DigestOf(ctx, d.all(), workers)
}

// DigestOf returns the digest of some items, in the given order. It reads no other
// files.
func (d *Dataset) DigestOf(ctx context.Context, items []int, workers int) (string, error) {
	sums, err := d.sumFiles(ctx, items, workers)
	if err != nil {
		return "", err
	}
	return d.digest(items, sums), nil
}

// sumFiles returns the SHA-256, in hexadecimal, of each file of some items, by its path.
func (d *Dataset) sumFiles(ctx context.Context, items []int, workers int) (map[string]string, error) {
	var files []string
	for _, i := range items {
		files = append(files, d.Items[i].file(), d.Items[i].ROI)
		files = append(files, d.Items[i].masks()...)
	}
	files = slices.Compact(slices.Sorted(slices.Values(files)))
	sums := make([]string, len(files))
	errs := make([]error, len(files))
	if err := each(ctx, workers, len(files), func(i int) {
		if files[i] != "" {
			sums[i], errs[i] = sumFile(ctx, files[i])
		}
	}); err != nil {
		return nil, err
	}
	of := map[string]string{}
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("dataset: %w", err)
		}
		of[files[i]] = sums[i]
	}
	return of, nil
}

// digest returns the digest of some items from the sums of their files.
func (d *Dataset) digest(items []int, sums map[string]string) string {
	h := sha256.New()
	for _, i := range items {
		it := &d.Items[i]
		mask := "-"
		for k, file := range it.masks() {
			if k == 0 {
				mask = ""
			} else {
				mask += "+"
			}
			mask += sums[file]
		}
		if it.ROI != "" {
			mask += " " + sums[it.ROI]
		}
		fmt.Fprintf(h, "%q %d %q %q %q %s %s\n", it.rel, it.index, it.Class, it.Split, it.Group, sums[it.file()], mask)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sumFile returns the SHA-256 of a file, in hexadecimal.
func sumFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), ctx.Err()
}
