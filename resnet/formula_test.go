package resnet

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/safetensors"
)

// hashes returns h of testdata/resnet/generate.py: n pseudo-random numbers that
// belong to a name.
func hashes(name string, n int) []uint32 {
	seed := uint32(2166136261)
	for _, b := range []byte(name) {
		seed = (seed ^ uint32(b)) * 16777619
	}
	out := make([]uint32, n)
	for i := range out {
		h := seed + 2654435761*uint32(i)
		h ^= h >> 16
		h *= 0x85ebca6b
		h ^= h >> 13
		h *= 0xc2b2ae35
		out[i] = h ^ h>>16
	}
	return out
}

// formula returns u of generate.py: multiples of 1/2048 in [-1, 1).
func formula[T nn.Float](name string, n int) []T {
	u := make([]T, n)
	for i, h := range hashes(name, n) {
		u[i] = T(int(h>>20)-2048) / 2048
	}
	return u
}

// formulaInput returns generate.py's input, with the channels last.
func formulaInput[T nn.Float](n, size int) *autograd.Tensor[T] {
	u := formula[T]("input", n*3*size*size)
	x := autograd.New[T](n, size, size, 3)
	for i, v := range u {
		image, channel, position := i/(3*size*size), i/(size*size)%3, i%(size*size)
		x.Data()[(image*size*size+position)*3+channel] = v
	}
	return x
}

// fillByFormula gives m generate.py's weights, by way of a file in PyTorch's layout.
func fillByFormula[T nn.Float](t testing.TB, m *ResNet[T]) {
	t.Helper()
	bottleneck := architectures[m.config.Depth].bottleneck
	var tensors []safetensors.Tensor
	for _, s := range nn.State(m, "") {
		n := 1
		for _, d := range s.Shape {
			n *= d
		}
		v := formula[T](s.Name, n)
		scale, shift := T(0.25), T(0)
		last := strings.HasSuffix(s.Name, ".bn2.weight") && !bottleneck || strings.HasSuffix(s.Name, ".bn3.weight")
		switch {
		case len(s.Shape) > 1:
			scale = 1
			for e := 6; e < n/s.Shape[0]; e *= 4 {
				scale /= 2
			}
		case last:
			scale, shift = 1.0/16, 0.25
		case strings.HasSuffix(s.Name, "running_var"):
			scale, shift = 0.5, 1
		case strings.HasSuffix(s.Name, "weight"):
			shift = 1
		}
		for i := range v {
			v[i] = v[i]*scale + shift // exact
		}
		tensors = append(tensors, safetensors.FromSlice(s.Name, v, s.Shape...))
	}
	if err := Load(m, fileOf(t, tensors...), ""); err != nil {
		t.Fatal(err)
	}
}

// fileOf returns tensors as an opened file.
func fileOf(t testing.TB, tensors ...safetensors.Tensor) *safetensors.File {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "formula.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// torchOrder returns v, of shape dims, in PyTorch's layout: maps [N H W C] as
// [N C H W] and the weights of convolutions [KH KW I O] as [O I KH KW].
func torchOrder[T nn.Float](v []T, dims autograd.Shape, filter bool) []T {
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

// digest is generate.py's, of v in PyTorch's layout.
func digest[T nn.Float](v []T) []float64 {
	n := len(v)
	if n <= 8 {
		return widen(v)
	}
	d := make([]float64, 4, 8)
	for k, name := range []string{"dot0", "dot1", "dot2"} {
		for i, u := range formula[float32](name, n) {
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

func widen[T nn.Float](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// digestError says by how much the digest of n elements is wrong: the norm and the
// products relative to the norm, the elements to the root mean square. A digest of
// nothing but elements, with n = 0 or up to 8, is relative to theirs.
func digestError(got, want []float64, n int) float64 {
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

// TestDigestSeesEveryElement plants an error of a millionth of the root mean square
// into single elements, and exchanges two: the digest must show each.
func TestDigestSeesEveryElement(t *testing.T) {
	v := formula[float64]("planted", 300)
	want := digest(v)
	rms := want[0] / math.Sqrt(300)
	for i := range v {
		was := v[i]
		v[i] += 1e-6 * rms
		if e := digestError(digest(v), want, 300); e < 1e-9 {
			t.Errorf("element %d: the digest is off by %g alone", i, e)
		}
		v[i] = was
		j := (i + 7) % 300
		if v[i] == v[j] {
			continue
		}
		v[i], v[j] = v[j], v[i]
		if e := digestError(digest(v), want, 300); e < 1e-9 {
			t.Errorf("elements %d and %d exchanged: the digest is off by %g alone", i, j, e)
		}
		v[i], v[j] = v[j], v[i]
	}
}
