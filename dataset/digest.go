package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
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
	var files []string
	number := map[string]int{}
	need := func(file string) {
		if _, known := number[file]; file != "" && !known {
			number[file] = len(files)
			files = append(files, file)
		}
	}
	for _, i := range items {
		need(d.Items[i].file())
		for _, mask := range append(d.Items[i].masks(), d.Items[i].ROI) {
			need(mask)
		}
	}
	sums := make([]string, len(files))
	errs := make([]error, len(files))
	if err := each(ctx, workers, len(files), func(i int) {
		sums[i], errs[i] = sumFile(ctx, files[i])
	}); err != nil {
		return "", err
	}
	for _, err := range errs {
		if err != nil {
			return "", fmt.Errorf("dataset: %w", err)
		}
	}
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
			mask += sums[number[file]]
		}
		if it.ROI != "" {
			mask += " " + sums[number[it.ROI]]
		}
		fmt.Fprintf(h, "%q %d %q %q %q %s %s\n", it.rel, it.index, it.Class, it.Split, it.Group, sums[number[it.file()]], mask)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
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
