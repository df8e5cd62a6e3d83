package dataset

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of image files, in lower case: jpe and jfif are JPEG, dib is BMP.
var extensions = []string{"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "jpe", "jfif", "dib", "ppm", "pgm", "pbm", "pnm"}

// foreign are extensions of images that no decoder here reads.
var foreign = []string{
	"avif", "heic", "heif", "hif", "jp2", "j2k", "jpf", "jpx", "jxl", "jxr", "jls", "pam", "pfm",
	"tga", "psd", "exr", "hdr", "ico", "svg", "pcx", "dng", "cr2", "cr3", "nef", "arw", "raf", "orf", "rw2", "raw", "dcm", "fits",
}

// IsImage reports whether name has the extension of an image file, in any case.
func IsImage(name string) bool { return hasExtension(name, extensions) }

// looksLikeImage reports whether name has the extension of an image that cannot be read.
func looksLikeImage(name string) bool { return hasExtension(name, foreign) }

func hasExtension(name string, of []string) bool {
	ext := filepath.Ext(name)
	return ext != "" && slices.Contains(of, strings.ToLower(ext[1:]))
}

// IsHidden reports whether name is a dot file, or a folder that macOS adds to archives or a
// file server to folders of pictures.
func IsHidden(name string) bool { return name[0] == '.' || name == "__MACOSX" || name == "@eaDir" }

// stem returns a path without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// Files returns the image files at a path. A folder gives all images in it and in the
// folders below it, without their masks, by the rules and in the order of Open; passed
// counts the rest. Anything else is returned as it is, whatever its name and kind.
//
// Files fails if there is nothing at the path, if a folder cannot be read, or if the path
// is a folder of heatmaps (OutputMarker).
func Files(path string) (files []string, passed Passed, err error) { return filesWithout(path, nil) }

// filesWithout is Files without some folders and images.
func filesWithout(path string, skip []os.FileInfo) (files []string, passed Passed, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, Passed{}, nil
	}
	w := walker{skip: skip}
	names, err := w.images(path, "", &passed)
	if err != nil {
		return nil, Passed{}, fmt.Errorf("dataset: %w", err)
	}
	p := newPairing(names, nil)
	p.pairWithin(names, nil)
	for _, name := range names {
		switch {
		case !p.masks[name]:
			files = append(files, filepath.Join(path, filepath.FromSlash(name)))
		case p.used[name]:
			passed.Beside.add(name)
		default:
			passed.Masks.add(name)
		}
	}
	return files, passed, nil
}
