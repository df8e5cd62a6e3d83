package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"anomem"

	"anomem/dataset"
	"anomem/eval/report"
	"anomem/imageio"
)

// heatmaps is a folder of pictures that show where images deviate, each with the name of
// its image.
type heatmaps struct {
	dir     string
	colours *colours
	threads int             // that write pictures
	taken   map[string]bool // names in lower case, as some file systems see them
}

func newHeatmaps(dir string, c *colours, threads int) (*heatmaps, error) {
	return &heatmaps{dir, c, threads, map[string]bool{}}, os.MkdirAll(dir, 0o777)
}

// write adds pictures of images and their heatmaps to the folder. Compressing a picture takes
// several times as long as scoring it, so that threads share the pictures.
func (h *heatmaps) write(names []string, imgs []*imageio.Image, xs []anomem.Explanation) error {
	errs := make([]error, len(names))
	free := make(chan struct{}, h.threads)
	var wg sync.WaitGroup
	for i, name := range names {
		path := filepath.Join(h.dir, h.name(name)+".png")
		free <- struct{}{}
		wg.Go(func() {
			lo, hi := h.colours.of(xs[i].Heatmap)
			errs[i] = imageio.WritePNG(path, report.Strip(imgs[i], xs[i].Heatmap, lo, hi, nil))
			<-free
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
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
