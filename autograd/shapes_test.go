package autograd_test

import (
	"fmt"
	"strings"
	"testing"

	"anomem/autograd"
)

type (
	graph  = autograd.Graph[float32]
	tensor = autograd.Tensor[float32]
)

func zeros(dims ...int) *tensor { return autograd.New[float32](dims...) }

// anyShape lists the operations that take a tensor of any shape.
var anyShape = []string{"AddConst", "Scale", "Neg", "Exp", "Log", "Sqrt", "Square", "Abs", "ReLU", "MaxConst"}

func convNorm(g *graph, x, w *tensor, channels int, residual *tensor) {
	n := autograd.Norm[float32]{Gamma: zeros(channels), Beta: zeros(channels), Options: autograd.BatchNormOptions{Training: true}}
	g.ConvNorm(x, w, autograd.Conv{}, n, residual, true)
}

// wrongCalls are calls that must panic, with the text that the message must contain
// besides the operation's name.
var wrongCalls = []struct {
	op   string
	f    func(g *graph)
	says []string
}{
	{"Add", func(g *graph) { g.Add(zeros(2, 3), zeros(2)) }, []string{"[2 3]", "[2]"}},
	{"Add", func(g *graph) { g.Add(zeros(2, 3), zeros(0)) }, []string{"[2 3]", "[0]"}},
	{"Add", func(g *graph) { g.Add(zeros(2), zeros(4, 3)) }, []string{"[2]", "[4 3]"}},
	{"Sub", func(g *graph) { g.Sub(zeros(2, 3), zeros(3, 2)) }, []string{"[2 3]", "[3 2]"}},
	{"Mul", func(g *graph) { g.Mul(zeros(4), zeros(3)) }, []string{"[4]", "[3]"}},
	{"Div", func(g *graph) { g.Div(zeros(1, 4), zeros(2, 3)) }, []string{"[1 4]", "[2 3]"}},
	{"BroadcastTo", func(g *graph) { g.BroadcastTo(zeros(2, 3), 3) }, []string{"[2 3]", "[3]"}},
	{"BroadcastTo", func(g *graph) { g.BroadcastTo(zeros(2, 3), 1, 3) }, []string{"[2 3]", "[1 3]"}},
	{"MatMul", func(g *graph) { g.MatMul(zeros(2, 3), zeros(4, 5), false, false) }, []string{"[2 3]", "[4 5]", "3 and 4"}},
	{"MatMul", func(g *graph) { g.MatMul(zeros(2, 3), zeros(3, 5), true, false) }, []string{"[2 3]", "[3 5]", "2 and 3"}},
	{"MatMul", func(g *graph) { g.MatMul(zeros(2, 3), zeros(3, 5), false, true) }, []string{"[2 3]", "[3 5]", "3 and 5"}},
	{"MatMul", func(g *graph) { g.MatMul(zeros(2, 3, 1), zeros(3, 5), false, false) }, []string{"[2 3 1]", "[3 5]"}},
	{"MatMul", func(g *graph) { g.MatMul(zeros(2, 3), zeros(3), false, false) }, []string{"[2 3]", "[3]"}},
	{"Attention", func(g *graph) { g.Attention(zeros(2, 3), zeros(5, 4), zeros(5, 4), 1) }, []string{"[2 3]", "[5 4]"}},
	{"Attention", func(g *graph) { g.Attention(zeros(2, 3), zeros(5, 3), zeros(4, 6), 1) }, []string{"[5 3]", "[4 6]"}},
	{"Attention", func(g *graph) { g.Attention(zeros(2, 3, 1), zeros(5, 3), zeros(5, 6), 1) }, []string{"[2 3 1]", "[5 3]"}},
	{"Sum", func(g *graph) { g.Sum(zeros(2, 3), false, 2) }, []string{"[2 3]", "axis 2"}},
	{"Sum", func(g *graph) { g.Sum(zeros(2, 3), false, 1, -1) }, []string{"[2 3]", "twice"}},
	{"Mean", func(g *graph) { g.Mean(zeros(2, 3), false, -3) }, []string{"[2 3]", "axis -3"}},
	{"Variance", func(g *graph) { g.Variance(zeros(2), true, false, 1) }, []string{"[2]", "axis 1"}},
	{"Max", func(g *graph) { g.Max(zeros(2), false, 1) }, []string{"[2]", "axis 1"}},
	{"Max", func(g *graph) { g.Max(zeros(2, 0), false, 1) }, []string{"[2 0]", "axis 1"}},
	{"LogSumExp", func(g *graph) { g.LogSumExp(zeros(2), false, 1) }, []string{"[2]", "axis 1"}},
	{"Softmax", func(g *graph) { g.Softmax(zeros(2), 1) }, []string{"[2]", "axis 1"}},
	{"Softmax", func(g *graph) { g.Softmax(zeros(2)) }, []string{"[2]", "no axes"}},
	{"LogSoftmax", func(g *graph) { g.LogSoftmax(zeros(2), 1) }, []string{"[2]", "axis 1"}},
	{"LogSoftmax", func(g *graph) { g.LogSoftmax(zeros(2)) }, []string{"[2]", "no axes"}},
	{"L2Normalize", func(g *graph) { g.L2Normalize(zeros(), 1e-6) }, []string{"[]"}},
	{"Clamp", func(g *graph) { g.Clamp(zeros(2), 1, -1) }, []string{"[2]", "1 and -1"}},
	{"LeakyReLU", func(g *graph) { g.LeakyReLU(zeros(2), -0.01) }, []string{"[2]", "slope -0.01"}},
	{"LeakyReLU", func(g *graph) { g.LeakyReLU(zeros(2), 1.01) }, []string{"[2]", "slope 1.01"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(4), 4, 4, 4, 4, true) }, []string{"[4]"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(4, 3), 2, 3, 3, 3, true) }, []string{"[4 3]", "gamma", "[2]"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(4, 3), 3, 2, 3, 3, true) }, []string{"[4 3]", "beta", "[2]"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(4, 3), 3, 3, 2, 3, true) }, []string{"[4 3]", "running mean", "[2]"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(4, 3), 3, 3, 3, 2, false) }, []string{"[4 3]", "running variance", "[2]"}},
	{"BatchNorm", func(g *graph) { batchNorm(g, zeros(1, 3), 3, 3, 3, 3, true) }, []string{"[1 3]", "two"}},
	{"BatchNorm", func(g *graph) {
		g.BatchNorm(zeros(4, 3), zeros(3), zeros(3), nil, nil, autograd.BatchNormOptions{})
	}, []string{"[4 3]", "running"}},
	{"ConvNorm", func(g *graph) { convNorm(g, zeros(2, 4, 4, 3), zeros(3, 3, 2, 5), 5, nil) }, []string{"[2 4 4 3]", "[3 3 2 5]"}},
	{"ConvNorm", func(g *graph) { convNorm(g, zeros(2, 4, 4, 3), zeros(3, 3, 3, 5), 4, nil) }, []string{"[2 2 2 5]", "gamma", "[4]"}},
	{"ConvNorm", func(g *graph) { convNorm(g, zeros(1, 1, 1, 3), zeros(1, 1, 3, 5), 5, nil) }, []string{"[1 1 1 5]", "two"}},
	{"ConvNorm", func(g *graph) { convNorm(g, zeros(2, 4, 4, 3), zeros(3, 3, 3, 5), 5, zeros(2, 2, 2, 3)) }, []string{"[2 2 2 5]", "[2 2 2 3]"}},
	{"GatherRows", func(g *graph) { g.GatherRows(zeros(2, 3), []int32{0, 2}) }, []string{"[2 3]", "row 2"}},
	{"GatherRows", func(g *graph) { g.GatherRows(zeros(2, 3), []int32{-1}) }, []string{"[2 3]", "row -1"}},
	{"GatherRows", func(g *graph) { g.GatherRows(zeros(), nil) }, []string{"[]"}},
	{"GatherPositions", func(g *graph) { g.GatherPositions(zeros(2, 3), nil) }, []string{"[2 3]"}},
	{"GatherPositions", func(g *graph) {
		g.GatherPositions(zeros(2, 3, 4, 1), []autograd.Position{{N: 1, Y: 3, X: 0}})
	}, []string{"[2 3 4 1]", "Y:3"}},
	{"GatherPositions", func(g *graph) {
		g.GatherPositions(zeros(2, 3, 4, 1), []autograd.Position{{N: -1, Y: 0, X: 0}})
	}, []string{"[2 3 4 1]", "N:-1"}},
	{"Where", func(g *graph) { g.Where(nil, zeros(2), zeros(3)) }, []string{"[2]", "[3]"}},
	{"Where", func(g *graph) { g.Where(make([]bool, 3), zeros(2, 3), zeros(2, 3)) }, []string{"[2 3]", "mask of 3"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(2, 3), 4) }, []string{"[2 3]", "[4]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(4), 5, 0x3333333333333334) }, []string{"[4]", "[5 3689348814741910324]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(4), -1, 5, 0x3333333333333334) }, []string{"[4]", "[-1 5 3689348814741910324]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(2, 3), -1, 4) }, []string{"[2 3]", "[-1 4]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(2, 3), -1, -1) }, []string{"[2 3]", "[-1 -1]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(0, 3), -1, 0) }, []string{"[0 3]", "[-1 0]"}},
	{"Reshape", func(g *graph) { g.Reshape(zeros(2, 3), 1, 1, 1, 1, 1, 2, 3) }, []string{"[2 3]", "[1 1 1 1 1 2 3]"}},
	{"Transpose", func(g *graph) { g.Transpose(zeros(2, 3), 0) }, []string{"[2 3]", "[0]"}},
	{"Transpose", func(g *graph) { g.Transpose(zeros(2, 3), 1, 1) }, []string{"[2 3]", "[1 1]"}},
	{"Transpose", func(g *graph) { g.Transpose(zeros(2, 3), 1, 2) }, []string{"[2 3]", "axis 2"}},
	{"Slice", func(g *graph) { g.Slice(zeros(2, 3), 1, 2, 4) }, []string{"[2 3]", "2 to 4"}},
	{"Slice", func(g *graph) { g.Slice(zeros(2, 3), 0, -1, 1) }, []string{"[2 3]", "-1 to 1"}},
	{"Slice", func(g *graph) { g.Slice(zeros(2, 3), 0, 2, 1) }, []string{"[2 3]", "2 to 1"}},
	{"Slice", func(g *graph) { g.Slice(zeros(2, 3), 2, 0, 1) }, []string{"[2 3]", "axis 2"}},
	{"Concat", func(g *graph) { g.Concat(0) }, []string{"no tensors"}},
	{"Concat", func(g *graph) { g.Concat(0, zeros(2, 3), zeros(2, 4)) }, []string{"[2 3]", "[2 4]"}},
	{"Concat", func(g *graph) { g.Concat(0, zeros(2, 3), zeros(3)) }, []string{"[2 3]", "[3]"}},
	{"Concat", func(g *graph) { g.Concat(2, zeros(2, 3)) }, []string{"[2 3]", "axis 2"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 4, 4), zeros(3, 3, 2, 5), autograd.Conv{}) }, []string{"[1 4 4]", "[3 3 2 5]"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 4, 4, 3), zeros(3, 3, 2, 5), autograd.Conv{}) }, []string{"[1 4 4 3]", "[3 3 2 5]", "channels"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 2, 4, 2), zeros(3, 3, 2, 5), autograd.Conv{PadW: 1}) }, []string{"[1 2 4 2]", "[3 3 2 5]", "larger"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 4, 4, 2), zeros(3, 3, 2, 5), autograd.Conv{PadW: -1}) }, []string{"[1 4 4 2]", "negative"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 4, 4, 2), zeros(3, 3, 2, 5), autograd.Conv{StrideH: -1}) }, []string{"[1 4 4 2]", "negative"}},
	{"Conv2D", func(g *graph) { conv(g, zeros(1, 4, 4, 2), zeros(0, 3, 2, 5), autograd.Conv{}) }, []string{"[1 4 4 2]", "empty"}},
	{"Conv2D", func(g *graph) { g.Conv2D(zeros(1, 4, 4, 2), zeros(3, 3, 2, 5), zeros(4), autograd.Conv{}) }, []string{"[1 4 4 2]", "[3 3 2 5]", "[4]"}},
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(4, 4, 2), autograd.Window{H: 2, W: 2}) }, []string{"[4 4 2]"}},
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(1, 4, 1, 2), autograd.Window{H: 2, W: 2}) }, []string{"[1 4 1 2]"}},
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(1, 4, 4, 2), autograd.Window{H: 2}) }, []string{"[1 4 4 2]"}},
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(1, 4, 4, 2), autograd.Window{H: 2, W: 2, PadH: 2}) }, []string{"[1 4 4 2]", "PadH:2"}},
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(1, 0, 4, 2), autograd.Window{H: 2, W: 2, PadH: 1}) }, []string{"[1 0 4 2]"}},
	// Too many places, of no elements.
	{"MaxPool", func(g *graph) { g.MaxPool(zeros(0, 1<<16, 1<<14, 2), autograd.Window{H: 2, W: 2}) }, []string{"[0 65536 16384 2]", "32-bit"}},
	{"GatherPositions", func(g *graph) { g.GatherPositions(zeros(2, 1<<16, 1<<14, 0), nil) }, []string{"[2 65536 16384 0]", "32-bit"}},
	{"AvgPoolTo", func(g *graph) { g.AvgPoolTo(zeros(4, 4, 2), 2, 2) }, []string{"[4 4 2]"}},
	{"AvgPoolTo", func(g *graph) { g.AvgPoolTo(zeros(1, 4, 4, 2), 0, 2) }, []string{"[1 4 4 2]", "0 × 2"}},
	{"AvgPoolTo", func(g *graph) { g.AvgPoolTo(zeros(1, 4, 0, 2), 1, 1) }, []string{"[1 4 0 2]"}},
	{"GlobalAvgPool", func(g *graph) { g.GlobalAvgPool(zeros(4, 4, 2)) }, []string{"[4 4 2]"}},
	{"Resize", func(g *graph) { g.Resize(zeros(4, 4, 2), 2, 2) }, []string{"[4 4 2]"}},
	{"Resize", func(g *graph) { g.Resize(zeros(1, 4, 4, 2), 2, -1) }, []string{"[1 4 4 2]", "2 × -1"}},
	{"Backward", func(g *graph) { g.Backward(zeros(2, 3)) }, []string{"[2 3]", "scalar"}},
	{"BackwardFrom", func(g *graph) { g.BackwardFrom(zeros(2, 3), make([]float32, 5)) }, []string{"[2 3]", "5 seeds"}},
}

func batchNorm(g *graph, x *tensor, gamma, beta, mean, variance int, training bool) {
	g.BatchNorm(x, zeros(gamma), zeros(beta), zeros(mean), zeros(variance), autograd.BatchNormOptions{Training: training})
}

func conv(g *graph, x, w *tensor, c autograd.Conv) { g.Conv2D(x, w, nil, c) }

func TestWrongShapesPanic(t *testing.T) {
	missing := parseSource(t).methods
	for _, op := range anyShape {
		delete(missing, op)
	}
	for i, call := range wrongCalls {
		delete(missing, call.op)
		t.Run(fmt.Sprint(call.op, i), func(t *testing.T) {
			g := autograd.NewGraph[float32](nil)
			message := panicOf(func() { call.f(g) })
			for _, part := range append([]string{"autograd: " + call.op + ": "}, call.says...) {
				if !strings.Contains(message, part) {
					t.Errorf("panic %q lacks %q", message, part)
				}
			}
			if !g.Untouched() {
				t.Error("memory was taken before the panic")
			}
		})
	}
	for op := range missing {
		t.Errorf("no wrong call of %s is tried", op)
	}
}

// panicOf returns the text of f's panic, or "" if f returns.
func panicOf(f func()) (message string) {
	defer func() {
		if v := recover(); v != nil {
			message = fmt.Sprint(v)
		}
	}()
	f()
	return ""
}

func TestShapePanics(t *testing.T) {
	for _, c := range []struct {
		f    func()
		says string
	}{
		{func() { autograd.MakeShape(1, 2, 3, 4, 5, 6, 7) }, "autograd: shape [1 2 3 4 5 6 7] has more than 6 dimensions"},
		{func() { autograd.MakeShape(2, -1) }, "autograd: shape [2 -1] has a negative dimension"},
		{func() { autograd.MakeShape(1<<40, 1<<40) }, "too large"},
		{func() { autograd.MakeShape(2, 3).Dim(2) }, "autograd: shape [2 3] has no dimension 2"},
		{func() { autograd.MakeShape(2, 3).Dim(-3) }, "autograd: shape [2 3] has no dimension -3"},
		{func() { autograd.FromSlice(make([]float32, 5), 2, 3) }, "autograd: FromSlice: 5 elements for shape [2 3]"},
		{func() { zeros(2, 3).Item() }, "autograd: Item: shape [2 3] holds 6 elements"},
	} {
		if got := panicOf(c.f); !strings.Contains(got, c.says) {
			t.Errorf("panic %q, want %q", got, c.says)
		}
	}
}

func TestShape(t *testing.T) {
	s := autograd.MakeShape(2, 3, 4)
	if s.Rank() != 3 || s.Size() != 24 || s.Dim(1) != 3 || s.Dim(-1) != 4 || s.String() != "[2 3 4]" {
		t.Errorf("%v: rank %d, size %d, dimensions %d and %d", s, s.Rank(), s.Size(), s.Dim(1), s.Dim(-1))
	}
	if s != autograd.MakeShape(2, 3, 4) || s == autograd.MakeShape(2, 3, 4, 1) || s == autograd.MakeShape(2, 3) {
		t.Error("comparison of shapes")
	}
	if scalar := autograd.MakeShape(); scalar.Size() != 1 || scalar.Rank() != 0 || scalar.String() != "[]" {
		t.Errorf("scalar %v of size %d", scalar, scalar.Size())
	}
	if n := autograd.MakeShape(3, 0).Size(); n != 0 {
		t.Errorf("size %d of [3 0]", n)
	}
}
