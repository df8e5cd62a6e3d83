package torchtest

import (
	"math"
	"slices"

	"anomem/autograd"
	"anomem/nn"
)

// Order returns v, of shape dims, in PyTorch's layout: maps [N H W C] as [N C H W] and the
// weights of convolutions [KH KW I O] as [O I KH KW].
func Order[T nn.Float](v []T, dims autograd.Shape, filter bool) []T {
	if dims.Rank() != 4 {
		return v
	}
	axes := [4]int{0, 3, 1, 2}
	if filter {
		axes = [4]int{3, 2, 0, 1}
	}
	out := make([]T, 0, len(v))
	var at [4]int
	for at[axes[0]] = range dims.Dim(axes[0]) {
		for at[axes[1]] = range dims.Dim(axes[1]) {
			for at[axes[2]] = range dims.Dim(axes[2]) {
				for at[axes[3]] = range dims.Dim(axes[3]) {
					out = append(out, v[((at[0]*dims.Dim(1)+at[1])*dims.Dim(2)+at[2])*dims.Dim(3)+at[3]])
				}
			}
		}
	}
	return out
}

// Digest stands for a tensor v in PyTorch's layout: up to 8 elements as they are; of more
// the norm, three products with fixed directions, and four elements.
func Digest[T nn.Float](v []T) []float64 {
	n := len(v)
	if n <= 8 {
		return Widen(v)
	}
	d := make([]float64, 4, 8)
	for k, name := range []string{"dot0", "dot1", "dot2"} {
		for i, u := range Formula[float32](name, n) {
			d[k+1] += float64(v[i]) * float64(u)
		}
	}
	for _, x := range v {
		d[0] += float64(x) * float64(x)
	}
	d[0] = math.Sqrt(d[0])
	for _, h := range hashes("at", 4) {
		d = append(d, float64(v[int(h)%n]))
	}
	return d
}

// Widen returns v as float64.
func Widen[T nn.Float](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Error says by how much the digest of n elements is wrong: the norm and the products
// relative to the norm, the elements to the root mean square. A digest of nothing but
// elements, with n = 0 or up to 8, is relative to theirs.
func Error(got, want []float64, n int) float64 {
	if len(got) != len(want) || slices.ContainsFunc(got, math.IsNaN) {
		return math.Inf(1)
	}
	scale, elements := 0.0, 0.0
	if len(want) != 8 || n <= 8 {
		for _, w := range want {
			scale += w * w
		}
		scale = math.Sqrt(scale / float64(len(want)))
		elements = scale
	} else {
		scale = want[0]
		elements = scale / math.Sqrt(float64(n))
	}
	worst := 0.0
	for i, w := range want {
		s := elements
		if i < 4 {
			s = scale
		}
		worst = max(worst, math.Abs(got[i]-w)/s)
	}
	return worst
}
