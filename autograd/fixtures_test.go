package autograd_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"anomem/autograd"
)

// stored is a tensor of testdata/autograd/fixtures.json.
type stored struct {
	Shape []int
	Data  []float64
}

func (s stored) tensor() *autograd.Tensor[float64] { return autograd.FromSlice(s.Data, s.Shape...) }

type fixture struct {
	Name    string
	In      []stored
	Out     stored
	Seed    stored
	Grad    []stored
	Buffers []stored
	After   []stored
}

// fixtureCalls are the operations of the fixtures; buf are running statistics.
var fixtureCalls = map[string]func(g *graph64, in, buf []*tensor64) *tensor64{
	"Add":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Add(in[0], in[1]) },
	"Sub":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Sub(in[0], in[1]) },
	"Mul":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Mul(in[0], in[1]) },
	"Div":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Div(in[0], in[1]) },
	"Exp":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Exp(in[0]) },
	"Log":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Log(in[0]) },
	"Sqrt":   func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Sqrt(in[0]) },
	"Square": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Square(in[0]) },
	"Abs":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Abs(in[0]) },
	"ReLU":   func(g *graph64, in, _ []*tensor64) *tensor64 { return g.ReLU(in[0]) },
	"Clamp":  func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Clamp(in[0], -0.5, 0.75) },

	"MatMul":   func(g *graph64, in, _ []*tensor64) *tensor64 { return g.MatMul(in[0], in[1], false, false) },
	"MatMulTA": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.MatMul(in[0], in[1], true, false) },
	"MatMulTB": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.MatMul(in[0], in[1], false, true) },
	"MatMulTT": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.MatMul(in[0], in[1], true, true) },

	"Sum":              func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Sum(in[0], false, 0, 2) },
	"Mean":             func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Mean(in[0], true, 1, 3) },
	"Variance":         func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Variance(in[0], false, false, 1, 2) },
	"VarianceUnbiased": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Variance(in[0], true, false, 0, 3) },
	"Max":              func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Max(in[0], false, 1) },
	"LogSumExp":        func(g *graph64, in, _ []*tensor64) *tensor64 { return g.LogSumExp(in[0], false, 1, 3) },
	"LogSumExpLarge":   func(g *graph64, in, _ []*tensor64) *tensor64 { return g.LogSumExp(in[0], false, 1) },
	"Softmax":          func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Softmax(in[0], 1) },
	"SoftmaxLarge":     func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Softmax(in[0], 1) },
	"LogSoftmax":       func(g *graph64, in, _ []*tensor64) *tensor64 { return g.LogSoftmax(in[0], 3) },
	"L2Normalize":      func(g *graph64, in, _ []*tensor64) *tensor64 { return g.L2Normalize(in[0], 1e-12) },
	"GatherRows":       func(g *graph64, in, _ []*tensor64) *tensor64 { return g.GatherRows(in[0], []int32{2, 0, 2, 3}) },

	"Conv3x3":   conv64(autograd.Conv{PadH: 1, PadW: 1}),
	"Conv3x3s2": conv64(autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}),
	"Conv1x1":   conv64(autograd.Conv{}),
	"Conv1x1s2": conv64(autograd.Conv{StrideH: 2, StrideW: 2}),
	"Conv7x7s2": conv64(autograd.Conv{StrideH: 2, StrideW: 2, PadH: 3, PadW: 3}),
	"Conv2x3":   conv64(autograd.Conv{StrideW: 2, PadW: 2}),

	"BatchNormTraining": batchNorm64(autograd.BatchNormOptions{Training: true}),
	"BatchNormMomentum": batchNorm64(autograd.BatchNormOptions{Training: true, Momentum: 0.3, Eps: 1e-3}),
	"BatchNormEval":     batchNorm64(autograd.BatchNormOptions{}),

	"MaxPool3x3s2": func(g *graph64, in, _ []*tensor64) *tensor64 {
		return g.MaxPool(in[0], autograd.Window{H: 3, W: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	},
	"MaxPool2x2":    func(g *graph64, in, _ []*tensor64) *tensor64 { return g.MaxPool(in[0], autograd.Window{H: 2, W: 2}) },
	"AvgPoolTo2x3":  func(g *graph64, in, _ []*tensor64) *tensor64 { return g.AvgPoolTo(in[0], 2, 3) },
	"AvgPoolTo4x5":  func(g *graph64, in, _ []*tensor64) *tensor64 { return g.AvgPoolTo(in[0], 4, 5) },
	"GlobalAvgPool": func(g *graph64, in, _ []*tensor64) *tensor64 { return g.GlobalAvgPool(in[0]) },
	"Resize7x5":     func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Resize(in[0], 7, 5) },
	"Resize2x2":     func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Resize(in[0], 2, 2) },
	"Resize3x9":     func(g *graph64, in, _ []*tensor64) *tensor64 { return g.Resize(in[0], 3, 9) },
}

type (
	graph64  = autograd.Graph[float64]
	tensor64 = autograd.Tensor[float64]
)

func conv64(c autograd.Conv) func(g *graph64, in, _ []*tensor64) *tensor64 {
	return func(g *graph64, in, _ []*tensor64) *tensor64 {
		if len(in) == 3 {
			return g.Conv2D(in[0], in[1], in[2], c)
		}
		return g.Conv2D(in[0], in[1], nil, c)
	}
}

func batchNorm64(o autograd.BatchNormOptions) func(g *graph64, in, buf []*tensor64) *tensor64 {
	return func(g *graph64, in, buf []*tensor64) *tensor64 {
		return g.BatchNorm(in[0], in[1], in[2], buf[0], buf[1], o)
	}
}

// TestAgainstPyTorch holds values, gradients and running statistics against what
// PyTorch computed in float64.
func TestAgainstPyTorch(t *testing.T) {
	data, err := os.ReadFile("../testdata/autograd/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []fixture }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range file.Cases {
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			call, ok := fixtureCalls[c.Name]
			if !ok {
				t.Fatal("no call for this fixture")
			}
			var in, buf []*tensor64
			for _, s := range c.In {
				in = append(in, s.tensor().RequireGrad())
			}
			for _, s := range c.Buffers {
				buf = append(buf, s.tensor())
			}
			g := autograd.NewGraph[float64](nil)
			out := call(g, in, buf)
			if out.Shape() != autograd.MakeShape(c.Out.Shape...) {
				t.Fatalf("shape %v, want %v", out.Shape(), c.Out.Shape)
			}
			g.BackwardFrom(out, c.Seed.Data)
			near(t, "value", out.Data(), c.Out.Data)
			for i, s := range c.Grad {
				near(t, "gradient", in[i].Grad(), s.Data)
			}
			for i, s := range c.After {
				near(t, "running statistic", buf[i].Data(), s.Data)
			}
		})
	}
	for name := range fixtureCalls {
		if !seen[name] {
			t.Errorf("no fixture %s", name)
		}
	}
}

// near compares with what another program computed in float64: the tolerance is
// for another order of summation.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s of %d elements, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= 1e-12*max(1, math.Abs(w))) {
			t.Errorf("%s %d: %.17g, want %.17g", what, i, got[i], w)
		}
	}
}
