package main

import (
	"cmp"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/eval/report"
	"anomem/imageio"
)

// pictures is a folder of files that show something of images, each with the name of its
// image.
type pictures struct {
	dir, ext string
	write    func(path string, img *imageio.Image, heat *imageio.Map) error
	taken    map[string]bool // names in lower case, as some file systems see them
}

// newPictures makes the folder, with its marker. A folder that holds something else already
// gets none: its images may be those to score.
func newPictures(dir, ext string, write func(path string, img *imageio.Image, heat *imageio.Map) error) (*pictures, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	held, err := os.ReadDir(dir)
	if err == nil && len(held) == 0 {
		err = os.WriteFile(filepath.Join(dir, dataset.OutputMarker), nil, 0o666)
	}
	return &pictures{dir, ext, write, map[string]bool{}}, err
}

// newHeatmaps returns a folder of images with their heatmaps beside them.
func newHeatmaps(dir string, c *describe.Colours) (*pictures, error) {
	return newPictures(dir, ".png", func(path string, img *imageio.Image, heat *imageio.Map) error {
		lo, hi := c.Of(heat)
		// The default level takes some ten times as long, for files a seventh smaller.
		return imageio.WritePNGLevel(path, report.Strip(img, heat, lo, hi, nil), png.BestSpeed)
	})
}

// newMasks returns a folder of black pictures, white where heatmaps are above the threshold.
func newMasks(dir string, c *describe.Colours) (*pictures, error) {
	return newPictures(dir, ".png", func(path string, _ *imageio.Image, heat *imageio.Map) error {
		return imageio.WritePNG(path, heat.Above(c.Threshold).ToImage())
	})
}

// writePictures adds files for images and their heatmaps to the folders. Compressing a picture
// takes several times as long as scoring it, so that threads share the pictures.
func writePictures(folders []*pictures, threads int, names []string, imgs []*imageio.Image, xs []anomem.Explanation) error {
	errs := make([]error, len(folders)*len(names))
	free := make(chan struct{}, threads)
	var wg sync.WaitGroup
	for k, f := range folders {
		for i, name := range names {
			path := filepath.Join(f.dir, f.name(name)+f.ext)
			free <- struct{}{}
			wg.Go(func() {
				errs[k*len(names)+i] = f.write(path, imgs[i], xs[i].Heatmap)
				<-free
			})
		}
	}
	wg.Wait()
	return cmp.Or(errs...)
}

// name returns the name of a file, without extension, for an image's path. No two calls
// return the same name.
func (f *pictures) name(path string) string {
	const longest = 200 // bytes; file systems end at 255
	base := path
	if path == stdinPath {
		base = "stdin"
	}
	if dataset.IsImage(path) {
		base = strings.TrimSuffix(path, filepath.Ext(path))
	}
	base = strings.NewReplacer("/", "_", "\\", "_", ":", "_", "#", "_").Replace(base)
	base = strings.TrimLeft(base, "._")
	base = base[max(0, len(base)-longest):]
	name := base
	for n := 2; name == "" || f.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	f.taken[strings.ToLower(name)] = true
	return name
}
