// Package pca scores what the principal components of the normal images leave unexplained
// of an image.
package pca

import (
	"context"
	"fmt"
	"math"

	"anomem/baseline"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"

	"gonum.org/v1/gonum/mat"
)

// Detector shrinks images to Side×Side pixels, whatever their proportions. The score is the
// root mean square, in grey levels, of what the components leave of an image (Jackson and
// Mudholkar, Technometrics 21, 1979).
type Detector struct {
	Side       int
	Components int // kept; fewer if the normal images have fewer

	mean  []float64  // [d], d = 3·Side²
	basis *mat.Dense // [k d], orthonormal rows; nil: none
}

// New returns a detector of 64 components of 32×32 pixels that is not fitted.
func New() *Detector { return &Detector{Side: 32, Components: 64} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "PCA residual" }

// Fit implements baseline.Detector. It finds the components by subspace iteration (Halko,
// Martinsson and Tropp, SIAM Review 53, 2011, algorithm 4.4), from a start that is always
// the same. It is an error if Side or Components is out of range.
func (c *Detector) Fit(ctx context.Context, src dataset.Source, _ baseline.Options) error {
	if c.Side < 1 || c.Components < 0 {
		return fmt.Errorf("baseline: PCA of %d components of %d×%d pixels", c.Components, c.Side, c.Side)
	}
	d := 3 * c.Side * c.Side
	var data []float64
	err := normals.Each(ctx, c.Name(), src, func(i int) error {
		img, err := normals.Image(c.Name(), src, i)
		if err != nil {
			return err
		}
		data = append(data, img.Means(c.Side, c.Side)...)
		return nil
	})
	if err != nil {
		return err
	}
	n := len(data) / d
	c.mean = make([]float64, d)
	for i := range n {
		for j, v := range data[i*d : (i+1)*d] {
			c.mean[j] += v / float64(n)
		}
	}
	for i := range n {
		for j := range d {
			data[i*d+j] -= c.mean[j]
		}
	}
	c.basis = principal(mat.NewDense(n, d, data), c.Components)
	return nil
}

// residual returns what the components leave of an image, [Side Side 3].
func (c *Detector) residual(img *imageio.Image) []float64 {
	if c.mean == nil {
		panic("baseline: PCA residual: Score before Fit")
	}
	x := img.Means(c.Side, c.Side)
	for i := range x {
		x[i] -= c.mean[i]
	}
	if c.basis == nil {
		return x
	}
	var on, explained mat.VecDense
	v := mat.NewVecDense(len(x), x)
	on.MulVec(c.basis, v)
	explained.MulVec(c.basis.T(), &on)
	v.SubVec(v, &explained)
	return x
}

// Score implements baseline.Detector.
func (c *Detector) Score(img *imageio.Image) float64 {
	left := c.residual(img)
	return norm(left) / math.Sqrt(float64(len(left)))
}

// Map returns the root mean square of the residual of each of the Side×Side pixels.
func (c *Detector) Map(img *imageio.Image) *imageio.Map {
	left := c.residual(img)
	m := &imageio.Map{W: c.Side, H: c.Side, Value: make([]float32, c.Side*c.Side)}
	for i := range m.Value {
		m.Value[i] = float32(norm(left[3*i:3*i+3]) / math.Sqrt(3))
	}
	return m
}
