package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"anomem/dataset"
	"anomem/eval/report"
	"anomem/imageio"
)

// heatmaps is a folder of pictures that show where images deviate, each with the name of
// its image.
type heatmaps struct {
	dir   string
	taken map[string]bool // names in lower case, as some file systems see them
}

func newHeatmaps(dir string) (*heatmaps, error) {
	return &heatmaps{dir, map[string]bool{}}, os.MkdirAll(dir, 0o777)
}

// write adds the picture of an image and its heatmap to the folder.
func (h *heatmaps) write(name string, img *imageio.Image, heat *imageio.Map) error {
	lo, hi := heat.Range()
	return imageio.WritePNG(filepath.Join(h.dir, h.name(name)+".png"), report.Strip(img, heat, lo, hi, nil))
}

// name returns the name of a file, without extension, for an image's path. No two calls
// return the same name.
func (h *heatmaps) name(path string) string {
	const longest = 200 // bytes; file systems end at 255
	base := path
	if dataset.IsImage(path) {
		base = strings.TrimSuffix(path, filepath.Ext(path))
	}
	base = strings.NewReplacer("/", "_", "\\", "_", ":", "_", "#", "_").Replace(base)
	base = strings.TrimLeft(base, "._")
	base = base[max(0, len(base)-longest):]
	name := base
	for n := 2; name == "" || h.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	h.taken[strings.ToLower(name)] = true
	return name
}
