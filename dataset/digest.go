package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// Digest names the data: the SHA-256, in hexadecimal, of one line an item,
//
//	"PATH" INDEX "CLASS" "SPLIT" "GROUP" IMAGE MASK\n
//
// with the path below the dataset's folder, strings quoted as Go does, the index
// within an archive (0 for a file), and the SHA-256 of the file of the image and of
// that of its mask, "-" for none. So it changes with any byte of any file, with any
// name and any label, and does not change where the folder is moved, or with what is
// normal or known. It reads all files, on that many goroutines (as many as there are
// CPUs if workers < 1), and ends with ctx's error when ctx is done.
func (d *Dataset) Digest(ctx context.Context, workers int) (string, error) {
	return d.DigestOf(ctx, d.all(), workers)
}

// DigestOf is Digest of some items, in that order. It reads no other file.
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
		need(d.Items[i].Mask)
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
		if it.Mask != "" {
			mask = sums[number[it.Mask]]
		}
		fmt.Fprintf(h, "%q %d %q %q %q %s %s\n", it.rel, it.index, it.Class, it.Split, it.Group, sums[number[it.file()]], mask)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

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
