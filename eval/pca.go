package eval

import (
	"fmt"
	"iter"
	"math"

	"anomem/imageio"
	"anomem/nn/rng"

	"gonum.org/v1/gonum/mat"
)

// PCA scores what of a picture the principal components of the normals leave
// unexplained: pictures are shrunk to Side×Side pixels, whatever their proportions,
// and the score is the root of the mean square of what is left of them, in grey levels.
type PCA struct {
	Side       int
	Components int // kept; fewer where the normals have fewer

	mean  []float64  // [d], d = 3·Side²
	basis *mat.Dense // [k d], orthonormal rows
}

func (*PCA) Name() string { return "PCA residual" }

// Fit finds the components by subspace iteration (Halko, Martinsson and Tropp, SIAM
// Review 53, 2011, algorithm 4.4), which takes n·d·(k+16) multiplications a product
// where the eigenvectors of all d take d³: of 5,000 pictures of 32×32 the first 64
// in seconds. It is exact where there are at most k+16 normals or values.
func (c *PCA) Fit(normals iter.Seq2[*imageio.Image, error]) error {
	if c.Side < 1 || c.Components < 0 {
		return fmt.Errorf("eval: PCA of %d components of %d×%d pixels", c.Components, c.Side, c.Side)
	}
	d := 3 * c.Side * c.Side
	var data []float64
	for img, err := range normals {
		if err == nil {
			err = sane(c.Name(), img)
		}
		if err != nil {
			return err
		}
		data = append(data, thumbnail(img, c.Side, c.Side)...)
	}
	n := len(data) / d
	if n < 2 {
		return fewNormals(c.Name(), n)
	}
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

// rounds is how often the span is multiplied by XᵀX, which weighs each direction by
// its variance.
const rounds = 2

// principal returns the at most k orthonormal rows [k d] that explain most of the
// variance of the rows of x [n d], whose mean is 0; nil for none.
func principal(x *mat.Dense, k int) *mat.Dense {
	if k == 0 || mat.Max(x) == 0 && mat.Min(x) == 0 {
		return nil
	}
	q := orthonormal(beginning(x, k+16))
	coordinates := func() *mat.Dense { // of the rows of x in the span, [m n]
		on := new(mat.Dense)
		on.Mul(q, x.T())
		return on
	}
	for range rounds {
		next := new(mat.Dense)
		next.Mul(coordinates(), x)
		q = orthonormal(next)
	}
	// Of the span, the directions of most variance.
	var covariance mat.SymDense
	covariance.SymOuterK(1, coordinates())
	var eigen mat.EigenSym
	if !eigen.Factorize(&covariance, true) {
		panic("eval: PCA: the eigenvalues of a symmetric matrix did not converge")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // by ascending eigenvalue
	m := covariance.SymmetricDim()
	basis := new(mat.Dense)
	basis.Mul(vectors.Slice(0, m, max(m-k, 0), m).T(), q)
	return basis
}

// beginning returns m rows to begin with: random mixtures of the rows of x, or, where
// these or their values are no more than m, something that spans them all.
func beginning(x *mat.Dense, m int) *mat.Dense {
	n, d := x.Dims()
	if n <= m {
		return mat.DenseCopyOf(x)
	}
	if d <= m {
		q := mat.NewDense(d, d, nil)
		for i := range d {
			q.Set(i, i, 1)
		}
		return q
	}
	r := rng.New(1, rng.Name("principal components"))
	mixing := mat.NewDense(m, n, nil)
	for i := range m {
		for j := range n {
			mixing.Set(i, j, r.Norm())
		}
	}
	q := new(mat.Dense)
	q.Mul(mixing, x)
	return q
}

// orthonormal returns orthonormal rows with the span of those of q, by Gram and
// Schmidt's method twice over, but for those that depend on others. One at least is not 0.
func orthonormal(q *mat.Dense) *mat.Dense {
	m, d := q.Dims()
	var kept []float64
	for i := range m {
		row := q.RawRowView(i)
		before := norm(row)
		for range 2 {
			for j := 0; j < len(kept); j += d {
				other := kept[j : j+d]
				var dot float64
				for l, v := range row {
					dot += v * other[l]
				}
				for l := range row {
					row[l] -= dot * other[l]
				}
			}
		}
		after := norm(row)
		if after <= 1e-10*before {
			continue
		}
		for _, v := range row {
			kept = append(kept, v/after)
		}
	}
	return mat.NewDense(len(kept)/d, d, kept)
}

func norm(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// residual returns what the components leave of a picture, [Side Side 3].
func (c *PCA) residual(img *imageio.Image) []float64 {
	if c.mean == nil {
		panic("eval: PCA residual: Score before Fit")
	}
	x := thumbnail(img, c.Side, c.Side)
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

func (c *PCA) Score(img *imageio.Image) float64 {
	left := c.residual(img)
	return norm(left) / math.Sqrt(float64(len(left)))
}

// Map returns the root of the mean square of what is left of each of the Side×Side
// pixels.
func (c *PCA) Map(img *imageio.Image) Map {
	left := c.residual(img)
	m := Map{c.Side, c.Side, make([]float32, c.Side*c.Side)}
	for i := range m.Values {
		m.Values[i] = float32(norm(left[3*i:3*i+3]) / math.Sqrt(3))
	}
	return m
}
