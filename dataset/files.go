package dataset

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of image files, in lower case.
var extensions = []string{"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"}

// IsImage reports whether name has the extension of an image file, in any case.
func IsImage(name string) bool {
	ext := filepath.Ext(name)
	return ext != "" && slices.Contains(extensions, strings.ToLower(ext[1:]))
}

// hidden reports whether name is a dot file, or the folder that macOS adds to archives.
func hidden(name string) bool { return name[0] == '.' || name == "__MACOSX" }

// stem returns a path without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// Files returns the image files at a path. A folder gives all images in it and in the
// folders below it, by the rules and in the order of Open; passed counts the rest.
// Anything else is returned as it is, whatever its name and kind.
//
// Files fails if there is nothing at the path, or if a folder cannot be read.
func Files(path string) (files []string, passed Passed, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, Passed{}, nil
	}
	names, err := new(walker).images(path, 0, &passed)
	if err != nil {
		return nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	for _, name := range names {
		files = append(files, filepath.Join(path, filepath.FromSlash(name)))
	}
	return files, passed, nil
}
