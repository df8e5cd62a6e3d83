package nn

import (
	"hash/fnv"
	"math"
	"testing"

	"anomem/autograd"
)

// TestInitDistributions holds the first values against what PyTorch documents:
// range or standard deviation, and mean.
func TestInitDistributions(t *testing.T) {
	l := NewLinear[float64](100, 400)
	Init(l, 3)
	for name, data := range map[string][]float64{"weight": l.Weight.Data(), "bias": l.Bias.Data()} {
		checkUniform(t, "Linear "+name, data, 0.1) // 1/√100
	}
	var v [20_000]float64
	fill(v[:], KaimingNormal(50), stream(t))
	checkMoments(t, "KaimingNormal(50)", v[:], 0.2) // √(2/50)
	fill(v[:], Zeros, stream(t))
	checkConstant(t, v[:], 0)
	fill(v[:], Ones, stream(t))
	checkConstant(t, v[:], 1)
	fill(v[:], KaimingUniform(0), stream(t))
	checkConstant(t, v[:], 0)
	fill(v[:], KaimingNormal(0), stream(t))
	checkConstant(t, v[:], 0)
}

func checkUniform(t *testing.T, name string, v []float64, bound float64) {
	t.Helper()
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	if most > bound || most < 0.98*bound {
		t.Errorf("%s: largest magnitude %v, want just under %v", name, most, bound)
	}
	checkMoments(t, name, v, bound/math.Sqrt(3))
}

func checkMoments(t *testing.T, name string, v []float64, std float64) {
	t.Helper()
	n, sum, square := float64(len(v)), 0.0, 0.0
	for _, x := range v {
		sum += x
		square += x * x
	}
	if mean := sum / n; math.Abs(mean) > 4*std/math.Sqrt(n) {
		t.Errorf("%s: mean %v", name, mean)
	}
	if got := math.Sqrt(square / n); math.Abs(got/std-1) > 4/math.Sqrt(2*n) {
		t.Errorf("%s: standard deviation %v, want %v", name, got, std)
	}
}

func checkConstant(t *testing.T, v []float64, want float64) {
	t.Helper()
	for i, x := range v {
		if x != want {
			t.Fatalf("element %d is %v, want %v", i, x, want)
		}
	}
}

// TestInitIndependent: values depend on seed and name alone; float32 has those of
// float64, rounded.
func TestInitIndependent(t *testing.T) {
	a, b, c := NewMLP[float64](3, 4, 5), NewMLP[float32](3, 4, 6), NewMLP[float64](3, 4, 5)
	Init(a, 1)
	Init(b, 1)
	Init(c, 2)
	first, same, other := Parameters(a), Parameters(b), Parameters(c)
	for i, x := range first[0].Tensor.Data() {
		if same[0].Tensor.Data()[i] != float32(x) {
			t.Fatalf("0.weight[%d] is %v beside another layer, want %v", i, same[0].Tensor.Data()[i], float32(x))
		}
		if other[0].Tensor.Data()[i] == x {
			t.Errorf("0.weight[%d] is %v for two seeds", i, x)
		}
	}
	if first[0].Tensor.Data()[0] == first[2].Tensor.Data()[0] {
		t.Error("two parameters start alike")
	}
}

// TestInitPinned: the first values that trained models depend on, the same on every
// machine.
func TestInitPinned(t *testing.T) {
	m := NewMLP[float32](30, 40, 2)
	Init(m, 42)
	h := fnv.New64a()
	for _, p := range Parameters(m) {
		hashOf(h, p.Tensor)
	}
	if got, want := h.Sum64(), uint64(0x43091a236cdbf797); got != want {
		t.Errorf("digest %#x, want %#x", got, want)
	}
}

func hashOf(h interface{ Write([]byte) (int, error) }, t *autograd.Tensor[float32]) {
	for _, v := range t.Data() {
		b := math.Float32bits(v)
		h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
	}
}
