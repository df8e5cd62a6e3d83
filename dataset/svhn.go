package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"anomem/imageio"
)

// The files of the cropped digits of SVHN (Netzer et al. 2011).
var svhnFiles = []struct{ name, split string }{
	{"train_32x32.mat", Train}, {"test_32x32.mat", Test},
}

const svhnSide = 32

func hasSVHN(f *folder) bool {
	return f.has(svhnFiles[0].name) || f.has(svhnFiles[1].name)
}

// readSVHN reads arrays X of images, [32 32 3 N], and y of labels, [N 1]: 1 to 9, and 10 for
// the digit 0.
func readSVHN(r *reader) error {
	for digit := range 10 {
		r.Classes = append(r.Classes, fmt.Sprint(digit))
	}
	for _, file := range svhnFiles {
		if !r.dir.has(file.name) {
			continue
		}
		s := &svhnFile{file: filepath.Join(r.Root, file.name)}
		labels, err := s.read()
		if err != nil {
			return fmt.Errorf("%s: %w", s.file, err)
		}
		for i, label := range labels {
			r.Items = append(r.Items, Item{
				Path: fmt.Sprintf("%s#%d", s.file, i), Class: r.Classes[label%10], Split: file.split,
				rel: file.name, archive: s, index: i,
			})
		}
	}
	return nil
}

// svhnFile is an archive of images, held in memory: it is compressed as a whole.
type svhnFile struct {
	file   string
	pixels []byte
}

func (s *svhnFile) path() string    { return s.file }
func (s *svhnFile) resident() int64 { return int64(len(s.pixels)) }

// read reads the images, and returns their labels.
func (s *svhnFile) read() ([]byte, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arrays, err := readMat(f, maxUnpacked)
	if err != nil {
		return nil, err
	}
	x, y := arrays["X"], arrays["y"]
	if x.axes == nil || y.axes == nil {
		return nil, errors.New("it has not the arrays X and y of unsigned bytes")
	}
	labels := y.value
	one := len(labels) == 1 && len(x.axes) == 3 // MATLAB drops a last axis of length 1
	if !one && (len(x.axes) != 4 || x.axes[3] != len(labels)) || x.axes[0] != svhnSide || x.axes[1] != svhnSide || x.axes[2] != 3 {
		return nil, fmt.Errorf("images with axes %d and %d labels: want [32 32 3] and the number of labels", x.axes, len(labels))
	}
	for i, label := range labels {
		if label < 1 || label > 10 {
			return nil, fmt.Errorf("image %d has label %d: want 1 to 10", i, label)
		}
	}
	s.pixels = x.value
	return labels, nil
}

func (s *svhnFile) image(index int) (*imageio.Image, error) {
	img := imageio.NewImage(svhnSide, svhnSide)
	const plane = svhnSide * svhnSide
	from := s.pixels[index*3*plane : (index+1)*3*plane]
	for y := range svhnSide {
		for x := range svhnSide {
			for c := range 3 {
				img.Pix[3*(y*svhnSide+x)+c] = from[c*plane+x*svhnSide+y]
			}
		}
	}
	return img, nil
}
