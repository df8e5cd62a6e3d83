package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"anomem/dataset"
	"anomem/imageio"
)

// stdinPath stands for standard input.
const stdinPath = "-"

// paths scores files, the images below folders and, for "-", one from standard input.
func (s *scorer) paths(ctx context.Context, paths []string) error {
	files, err := s.list(paths)
	if err != nil {
		return err
	}
	s.bar.phase("scoring", len(files))
	for _, name := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		img, err := s.decodeInput(name)
		if err != nil {
			s.unreadable(err)
			continue
		}
		if err := s.add(name, img); err != nil {
			return err
		}
	}
	return s.ended()
}

// list returns the images at paths.
func (s *scorer) list(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		if path == stdinPath {
			all = append(all, path)
			continue
		}
		files, passed, err := dataset.Files(path)
		if err != nil {
			return nil, err
		}
		if text := passed.String(); text != "" {
			s.bar.note(fmt.Sprintf("passed over in %s: %s", path, text))
		}
		all = append(all, files...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no image in %s", strings.Join(paths, ", "))
	}
	return all, nil
}

// decodeInput decodes an image from a file, or for "-" from standard input.
func (s *scorer) decodeInput(path string) (*imageio.Image, error) {
	if path != stdinPath {
		return s.decoder.DecodeFile(path)
	}
	img, err := s.decoder.Decode(os.Stdin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}
