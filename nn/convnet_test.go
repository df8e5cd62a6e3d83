package nn

import (
	"math"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// average is the mean over all positions: [N H W C] to [N C].
type average[T Float] struct{}

func (average[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.GlobalAvgPool(x)
}

func (average[T]) Visit(Visitor[T], string) {}

// convnet is the network of parity.py. PyTorch's nn.Flatten is a Sequential of
// nothing here.
func convnet[T Float]() Sequential[T] {
	return NewSequential[T](
		NewConv2D[T](3, 4, 3, 3, autograd.Conv{PadH: 1, PadW: 1}, WithoutBias),
		NewBatchNorm2D[T](4),
		ReLU[T]{},
		NewConv2D[T](4, 5, 3, 2, autograd.Conv{StrideH: 2, StrideW: 1, PadH: 1}),
		ReLU[T]{},
		NewBatchNorm2D[T](5),
		average[T]{},
		Sequential[T]{},
		NewLinear[T](5, 3),
	)
}

// input is parity.py's, with the channels last.
func input[T Float]() *autograd.Tensor[T] {
	const n, c, h, w = 4, 3, 7, 6
	x := autograd.New[T](n, h, w, c)
	for i, v := range formula[T](0, n*c*h*w) {
		image, channel, position := i/(c*h*w), i/(h*w)%c, i%(h*w)
		x.Data()[(image*h*w+position)*c+channel] = v
	}
	return x
}

func TestConvNetParity(t *testing.T) {
	f := loadFixture(t, "convnet.json")
	t.Run("float64", func(t *testing.T) { parity(t, convnet[float64](), input[float64](), f, nil, 1e-12) })
	t.Run("float32", func(t *testing.T) {
		p := pool.New(2)
		defer p.Close()
		parity(t, convnet[float32](), input[float32](), f, p, 1e-5)
	})
}

// TestPyTorchState loads what PyTorch saved, counters included, and finds the
// formula's values in it; what we save from it has PyTorch's names and shapes.
func TestPyTorchState(t *testing.T) {
	f, err := safetensors.Open("../testdata/nn/convnet.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, want := convnet[float32](), convnet[float32]()
	fillByFormula(t, want)
	if err := Load(got, f, ""); err != nil {
		t.Fatal(err)
	}
	if g, w := snapshot(got), snapshot(want); g != w {
		t.Errorf("loaded\n%s\nwant\n%s", g, w)
	}
	saved := 0
	for _, s := range State(got, "") {
		info, ok := f.Lookup(s.Name)
		if !ok || info.DType != s.DType || len(info.Shape) != len(s.Shape) {
			t.Errorf("%s: %s %v, PyTorch has %v", s.Name, s.DType, s.Shape, info)
			continue
		}
		for i := range s.Shape {
			if s.Shape[i] != info.Shape[i] {
				t.Errorf("%s: shape %v, PyTorch has %v", s.Name, s.Shape, info.Shape)
			}
		}
		saved++
	}
	if counters := len(f.Tensors()) - saved; counters != 2 {
		t.Errorf("of %d tensors %d were saved again, want all but the 2 counters", len(f.Tensors()), saved)
	}
}

func TestConvNetStateRoundTrip(t *testing.T) {
	a, b := convnet[float64](), convnet[float64]()
	Init(a, 3)
	a[1].(*BatchNorm2D[float64]).RunningVar.Data()[2] = 7
	if err := Load(b, write(t, State(a, "x")...), "x"); err != nil {
		t.Fatal(err)
	}
	if snapshot(a) != snapshot(b) {
		t.Errorf("loaded\n%s\nwant\n%s", snapshot(b), snapshot(a))
	}
}

func TestConvNetNames(t *testing.T) {
	const want = "0.weight+ 1.weight 1.bias 1.running_mean# 1.running_var# " +
		"3.weight+ 3.bias 5.weight 5.bias 5.running_mean# 5.running_var# 8.weight+ 8.bias"
	if got := describe(convnet[float32]()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestConvInit(t *testing.T) {
	std := NewConv2D[float64](16, 64, 3, 5, autograd.Conv{})
	he := NewConv2D[float64](16, 64, 3, 5, autograd.Conv{}, WithKaimingNormal)
	Init(std, 1)
	Init(he, 1)
	checkUniform(t, "weight", std.Weight.Data(), 1/math.Sqrt(16*15))
	for _, b := range [][]float64{std.Bias.Data(), he.Bias.Data()} {
		checkMoments(t, "bias", b, 1/math.Sqrt(3*16*15))
	}
	checkMoments(t, "weight, Kaiming normal", he.Weight.Data(), math.Sqrt(2.0/(64*15)))
	bn := NewBatchNorm2D[float64](3)
	for _, e := range Entries(bn, "") {
		for i := range e.Tensor.Data() {
			e.Tensor.Data()[i] = 9
		}
	}
	Init(bn, 1)
	checkConstant(t, bn.Weight.Data(), 1)
	checkConstant(t, bn.Bias.Data(), 0)
	checkConstant(t, bn.RunningMean.Data(), 0)
	checkConstant(t, bn.RunningVar.Data(), 1)
}

// TestModes: training mode normalises by the batch and moves the running
// statistics, evaluation mode does neither.
func TestModes(t *testing.T) {
	bn := NewBatchNorm2D[float64](1)
	m := NewSequential[float64](ReLU[float64]{}, NewSequential[float64](bn))
	x := autograd.FromSlice([]float64{1, 3}, 2, 1, 1, 1)
	g := autograd.NewGraph[float64](nil)
	if y := m.Forward(g, x).Data(); math.Abs(y[0]+1) > 1e-5 || math.Abs(y[1]-1) > 1e-5 {
		t.Errorf("in training %v, want about [-1 1]", y)
	}
	mean, variance := bn.RunningMean.Data()[0], bn.RunningVar.Data()[0]
	if math.Abs(mean-0.2) > 1e-15 || math.Abs(variance-1.1) > 1e-15 { // 0.1·2, 0.9·1 + 0.1·2
		t.Errorf("running mean and variance %v, %v, want 0.2, 1.1", mean, variance)
	}
	SetTraining[float64](m, false)
	y := m.Forward(g, x).Data()
	for i, v := range x.Data() {
		if want := (v - mean) / math.Sqrt(variance+1e-5); math.Abs(y[i]-want) > 1e-14 {
			t.Errorf("in evaluation y[%d] = %v, want %v", i, y[i], want)
		}
	}
	if bn.RunningMean.Data()[0] != mean || bn.RunningVar.Data()[0] != variance {
		t.Error("evaluation changed the running statistics")
	}
	SetTraining[float64](m, true)
	m.Forward(g, x)
	if bn.RunningMean.Data()[0] == mean {
		t.Error("back in training the running mean stays")
	}
}

func TestConvNetGradients(t *testing.T) {
	checkGradients(t, convnet[float64](), random[float64](t, 1, 3, 5, 6, 3))
	m := convnet[float64]()
	SetTraining[float64](m, false)
	checkGradients(t, m, random[float64](t, 2, 3, 5, 6, 3))
}

func TestConvNetAllocatesNothing(t *testing.T) {
	checkAllocations(t, convnet[float32](), random[float32](t, 1, 8, 9, 9, 3))
}

// TestEvaluateTogether lets goroutines evaluate one network, each on its own graph.
func TestEvaluateTogether(t *testing.T) {
	m := convnet[float32]()
	Init(m, 1)
	SetTraining[float32](m, false)
	x := input[float32]()
	p := pool.New(2)
	defer p.Close()
	run := func() []float32 {
		g := autograd.NewGraph[float32](p)
		var y []float32
		g.NoGrad(func() { y = append(y, m.Forward(g, x).Data()...) })
		return y
	}
	want := run()
	results := make(chan []float32)
	for range 4 {
		go func() { results <- run() }()
	}
	for range 4 {
		for i, v := range <-results {
			if v != want[i] {
				t.Errorf("y[%d] = %v, want %v", i, v, want[i])
			}
		}
	}
}

func TestConvNetPanics(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	m := convnet[float32]()
	if got := panics(func() { m.Forward(g, autograd.New[float32](1, 7, 6, 4)) }); !strings.Contains(got, "Conv2D") || !strings.Contains(got, "[1 7 6 4]") {
		t.Errorf("panic %q", got)
	}
}
