package nn

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn/safetensors"
	"anomem/simd"
	"anomem/simd/pool"
)

// A fixture is what PyTorch makes of a network: see testdata/nn/parity.py.
type fixture struct {
	Steps       int
	LR          float64
	Momentum    float64
	WeightDecay float64 `json:"weight_decay"`
	Losses      []float64
	Result      []float64
	Gradients   map[string][]float64 // laid out as in PyTorch
	State       map[string][]float64 // likewise
	Evaluated   []float64
}

func loadFixture(t *testing.T, name string) *fixture {
	t.Helper()
	b, err := os.ReadFile("../testdata/nn/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f := new(fixture)
	if err := json.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// formula gives the elements of tensor number s.
func formula[T Float](s, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T((7919*i+104729*s)%2003-1001) / 2048
	}
	return v
}

// fillByFormula does what parity.py's fill does, by way of a file in PyTorch's
// layout.
func fillByFormula[T Float](t *testing.T, m Module[T]) {
	t.Helper()
	var tensors []safetensors.Tensor
	s := 0
	for _, e := range Entries(m, "") {
		s++
		v := formula[T](s, e.Tensor.Len())
		for i := range v {
			switch {
			case e.Tensor.Rank() == 4:
				v[i] /= 4
			case e.First == Ones: // the weights of norms, running variances
				v[i] = 1 + v[i]/2
			}
		}
		tensors = append(tensors, safetensors.FromSlice(e.Name, v, e.Layout.fileShape(dimsOf(e.Tensor))...))
		if strings.HasSuffix(e.Name, "running_var") {
			s++ // PyTorch has num_batches_tracked behind it
		}
	}
	loadInto(t, m, tensors)
}

func loadInto[T Float](t *testing.T, m Module[T], tensors []safetensors.Tensor) {
	t.Helper()
	var file bytes.Buffer
	if err := safetensors.Write(&file, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), "formula")
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(m, f, ""); err != nil {
		t.Fatal(err)
	}
}

// crossEntropy is the mean over rows of -log softmax(y)[class].
func crossEntropy[T Float](g *autograd.Graph[T], y, oneHot *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Scale(g.Sum(g.Mul(g.LogSoftmax(y, -1), oneHot), false), -1/T(y.Dim(0)))
}

// step is a training step: forward, backward, and SGD on every parameter.
func step[T Float](g *autograd.Graph[T], m Module[T], x, oneHot *autograd.Tensor[T], params []Entry[T], velocity [][]T, f *fixture) T {
	loss := crossEntropy(g, m.Forward(g, x), oneHot)
	g.Backward(loss)
	for i, p := range params {
		simd.SGDNesterov(p.Tensor.Data(), p.Tensor.Grad(), velocity[i], T(f.LR), T(f.Momentum), T(f.WeightDecay))
	}
	ZeroGrad(params)
	v := loss.Item()
	g.Reset()
	return v
}

// oneHot has row i's 1 in column i mod 3.
func oneHot[T Float](rows int) *autograd.Tensor[T] {
	t := autograd.New[T](rows, 3)
	for i := range rows {
		t.Data()[3*i+i%3] = 1
	}
	return t
}

func velocities[T Float](params []Entry[T]) [][]T {
	v := make([][]T, len(params))
	for i, p := range params {
		v[i] = make([]T, p.Tensor.Len())
	}
	return v
}

// closeTo compares to within tol of the largest magnitude.
func closeTo[T Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", what, len(got), len(want))
		return
	}
	most, worst, at := 0.0, -1.0, 0
	for i, w := range want {
		most = max(most, math.Abs(w))
		if e := math.Abs(float64(got[i]) - w); e > worst || math.IsNaN(e) {
			worst, at = e, i
		}
	}
	if !(worst <= tol*most) {
		t.Errorf("%s: element %d is %v, want %v: %.3g of the largest, tolerated %g", what, at, got[at], want[at], worst/most, tol)
	}
}

// parity trains m as PyTorch did.
func parity[T Float](t *testing.T, m Module[T], x *autograd.Tensor[T], f *fixture, p *pool.Pool, tol float64) {
	g := autograd.NewGraph[T](p)
	fillByFormula(t, m)
	target := oneHot[T](x.Dim(0))

	// The first step without its update. Running statistics move: start again after.
	y := m.Forward(g, x)
	g.Backward(crossEntropy(g, y, target))
	closeTo(t, "result", y.Data(), f.Result, tol)
	params := Parameters(m)
	if len(params) != len(f.Gradients) {
		t.Errorf("%d parameters, want %d", len(params), len(f.Gradients))
	}
	for _, e := range params {
		closeTo(t, "gradient of "+e.Name, toFile(e.Layout, e.Tensor.Grad(), dimsOf(e.Tensor)), f.Gradients[e.Name], tol)
	}
	ZeroGrad(params)
	g.Reset()
	fillByFormula(t, m)

	velocity := velocities(params)
	var losses []T
	for range f.Steps {
		losses = append(losses, step(g, m, x, target, params, velocity, f))
	}
	closeTo(t, "losses", losses, f.Losses, tol)
	entries := Entries(m, "")
	if len(entries) != len(f.State) {
		t.Errorf("%d parameters and buffers, want %d", len(entries), len(f.State))
	}
	for _, e := range entries {
		closeTo(t, "last "+e.Name, toFile(e.Layout, e.Tensor.Data(), dimsOf(e.Tensor)), f.State[e.Name], tol)
	}
	SetTraining(m, false)
	closeTo(t, "result in evaluation mode", m.Forward(g, x).Data(), f.Evaluated, tol)
	for _, e := range entries {
		if e.Buffer {
			closeTo(t, "after evaluation "+e.Name, e.Tensor.Data(), f.State[e.Name], tol)
		}
	}
}

func TestMLPParity(t *testing.T) {
	f := loadFixture(t, "mlp.json")
	t.Run("float64", func(t *testing.T) {
		parity(t, NewMLP[float64](5, 7, 6, 3), autograd.FromSlice(formula[float64](0, 20), 4, 5), f, nil, 1e-12)
	})
	t.Run("float32", func(t *testing.T) {
		p := pool.New(2)
		defer p.Close()
		parity(t, NewMLP[float32](5, 7, 6, 3), autograd.FromSlice(formula[float32](0, 20), 4, 5), f, p, 1e-5)
	})
}
