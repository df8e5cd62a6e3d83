package eval

import (
	"fmt"
	"iter"
	"math"

	"anomem/imageio"
)

// Comparator is a trivial detector, fitted to normal pictures, that a result is
// printed beside. Its scores are higher for what deviates more.
type Comparator interface {
	// Name says what it is, for a table.
	Name() string

	// Fit learns from normal pictures, of which it keeps none. It returns the first
	// error among them, or its own if there are fewer than two or an empty one.
	Fit(normals iter.Seq2[*imageio.Image, error]) error

	// Score returns the score of a picture. It may be called from many goroutines
	// once Fit has returned, and panics if that was never called.
	Score(img *imageio.Image) float64
}

// Comparators returns one of each kind, with its defaults.
func Comparators() []Comparator {
	return []Comparator{new(ImageSize), new(MeanColour), &PCA{Side: 32, Components: 64}}
}

// Each yields pictures that are in memory.
func Each(images ...*imageio.Image) iter.Seq2[*imageio.Image, error] {
	return func(yield func(*imageio.Image, error) bool) {
		for _, img := range images {
			if !yield(img, nil) {
				return
			}
		}
	}
}

// ImageSize scores how far width and height lie from those of the normals, in standard
// deviations. What it reaches says that a data set tells anomalies by how it was cut.
type ImageSize struct{ gauge }

func (*ImageSize) Name() string { return "image size" }

func (c *ImageSize) Fit(normals iter.Seq2[*imageio.Image, error]) error {
	return c.fit(c.Name(), normals, size)
}

func (c *ImageSize) Score(img *imageio.Image) float64 { return c.distance(c.Name(), size(img)) }

func size(img *imageio.Image) []float64 { return []float64{float64(img.W), float64(img.H)} }

// MeanColour scores how far a picture's mean red, green and blue lie from the normals',
// in standard deviations.
type MeanColour struct{ gauge }

func (*MeanColour) Name() string { return "mean colour" }

func (c *MeanColour) Fit(normals iter.Seq2[*imageio.Image, error]) error {
	return c.fit(c.Name(), normals, colour)
}

func (c *MeanColour) Score(img *imageio.Image) float64 { return c.distance(c.Name(), colour(img)) }

func colour(img *imageio.Image) []float64 { return thumbnail(img, 1, 1) }

// gauge measures in standard deviations from a mean.
type gauge struct{ mean, deviation []float64 }

// least is added to variances: what no normal varies in, such as the size of pictures
// that are all alike, is measured in hundredths.
const least = 1e-4

func (g *gauge) fit(name string, normals iter.Seq2[*imageio.Image, error], measure func(*imageio.Image) []float64) error {
	// Welford's updates: sums of squares would cancel.
	n, mean, squares := 0., []float64(nil), []float64(nil)
	for img, err := range normals {
		if err == nil {
			err = sane(name, img)
		}
		if err != nil {
			return err
		}
		x := measure(img)
		if mean == nil {
			mean, squares = make([]float64, len(x)), make([]float64, len(x))
		}
		n++
		for i, v := range x {
			d := v - mean[i]
			mean[i] += d / n
			squares[i] += d * (v - mean[i])
		}
	}
	if n < 2 {
		return fewNormals(name, int(n))
	}
	g.mean, g.deviation = mean, squares
	for i, s := range squares {
		g.deviation[i] = math.Sqrt(s/n + least)
	}
	return nil
}

func (g *gauge) distance(name string, x []float64) float64 {
	if g.mean == nil {
		panic(fmt.Sprintf("eval: %s: Score before Fit", name))
	}
	var sum float64
	for i, v := range x {
		z := (v - g.mean[i]) / g.deviation[i]
		sum += z * z
	}
	return math.Sqrt(sum)
}

// sane returns an error for a picture without pixels.
func sane(name string, img *imageio.Image) error {
	if img == nil || img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H {
		return fmt.Errorf("eval: %s: an image without pixels", name)
	}
	return nil
}

func fewNormals(name string, n int) error {
	return fmt.Errorf("eval: %s: %d normal images: want two at least", name, n)
}
