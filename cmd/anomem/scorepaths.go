package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"anomem/dataset"
	"anomem/imageio"
)

// stdinPath stands for standard input.
const stdinPath = "-"

// paths scores files, the images below folders and, for "-", one from standard input.
func (s *scorer) paths(ctx context.Context, paths []string) error {
	files, rois, err := s.list(paths)
	if err != nil {
		return err
	}
	s.bar.phase("scoring", len(files))
	for k, name := range files {
		img, err := s.decodeInput(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.unreadable(err)
			continue
		}
		region, err := s.regionFor(rois[k], img)
		if err != nil {
			return err
		}
		if err := s.add(name, img, region); err != nil {
			return err
		}
	}
	return s.ended()
}

// list returns the images at paths, and the paths of their regions of interest.
func (s *scorer) list(paths []string) (all, rois []string, err error) {
	for _, path := range paths {
		if path == stdinPath {
			of, err := stdinROI(s.roi)
			if err != nil {
				return nil, nil, err
			}
			all, rois = append(all, path), append(rois, of)
			continue
		}
		files, regions, passed, err := filesIn(path, s.roi)
		if err != nil {
			return nil, nil, err
		}
		if n := len(files) - len(slices.DeleteFunc(slices.Clone(regions), func(of string) bool { return of == "" })); n > 0 && s.roi != "" {
			have := "have"
			if n == 1 {
				have = "has"
			}
			s.bar.note(fmt.Sprintf("warning: %d of %s %s no region of interest in %s", n, plural(len(files), "image", "images"), have, s.roi))
		}
		if text := passed.String(); text != "" {
			s.bar.note(fmt.Sprintf("passed over in %s: %s", path, text))
		}
		all, rois = append(all, files...), append(rois, regions...)
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("no image in %s", strings.Join(paths, ", "))
	}
	return all, rois, nil
}

// filesIn returns the images at a path and the paths of their regions of interest, "" for
// those of the model.
func filesIn(path, roi string) (files, regions []string, passed dataset.Passed, err error) {
	if roi != "" {
		return dataset.FilesIn(path, roi)
	}
	files, passed, err = dataset.Files(path)
	return files, make([]string, len(files)), passed, err
}

// stdinROI returns the region of an image from standard input: --roi, which must be a file.
func stdinROI(roi string) (string, error) {
	if info, err := os.Stat(roi); roi != "" && (err != nil || info.IsDir()) {
		return "", usagef("--roi %s: for standard input give a mask", roi)
	}
	return roi, nil
}

// decodeInput decodes an image from a file, or for "-" from standard input. It waits for
// bytes, which a pipe may never give, no longer than ctx lasts.
func (s *scorer) decodeInput(ctx context.Context, path string) (*imageio.Image, error) {
	done := make(chan struct{})
	in := os.Stdin // which a caller that stopped waiting may change
	var got *imageio.Image
	var failed error
	go func() {
		defer close(done)
		if path != stdinPath {
			got, failed = s.decoder.DecodeFile(path)
		} else if got, failed = s.decoder.Decode(in); failed != nil {
			failed = fmt.Errorf("%s: %w", path, failed)
		}
	}()
	select {
	case <-done:
		return got, failed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
