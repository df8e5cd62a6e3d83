package optim

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/rng"
	"anomem/simd"
)

// push gives the parameters of m a gradient.
func push[T nn.Float](m nn.Params[T], grads ...[]T) {
	g := autograd.NewGraph[T](nil)
	for i, p := range nn.Parameters(m) {
		g.Backward(g.Sum(g.Mul(p.Tensor, autograd.FromSlice(grads[i], len(grads[i]))), false))
		g.Reset()
	}
}

// Steps against PyTorch's, by testdata/optim/adam.py. Values below 2 go through some ten
// roundings a step; where a gradient all but cancels, Adam divides the error by it.
func TestAdamIsPyTorchs(t *testing.T) {
	text, err := os.ReadFile("../../testdata/optim/adam.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Decay  float64
		LR     []float64
		First  [2][]float64
		Grads  [][2][]float64
		Values [][2][]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 2 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		n := len(c.First[0])
		m := two{autograd.FromSlice(c.First[0], n).RequireGrad(), autograd.FromSlice(c.First[1], n).RequireGrad()}
		o := NewAdam[float64](m, c.Decay)
		for step, lr := range c.LR {
			o.ZeroGrad()
			push[float64](m, c.Grads[step][0], c.Grads[step][1])
			o.Step(lr)
			for i, got := range [][]float64{m.w.Data(), m.b.Data()} {
				for j, v := range got {
					if want := c.Values[step][i][j]; math.Abs(v-want) > 1e-13 {
						t.Errorf("decay %v, step %d: value %d of parameter %d is %v, want %v", c.Decay, step, j, i, v, want)
					}
				}
			}
		}
	}
}

func TestAdamLeavesWhatHasNoGradient(t *testing.T) {
	m := two{autograd.FromSlice([]float64{2}, 1).RequireGrad(), autograd.FromSlice([]float64{-1}, 1).RequireGrad()}
	NewAdam[float64](m, 0.1).Step(1)
	if m.w.Data()[0] != 2 || m.b.Data()[0] != -1 {
		t.Errorf("%v, %v", m.w.Data(), m.b.Data())
	}
}

// lots is a weight of several blocks.
type lots struct{ w *autograd.Tensor[float32] }

func (m lots) Visit(v nn.Visitor[float32], prefix string) {
	v.Entry(nn.Entry[float32]{Name: "w", Tensor: m.w, Decay: true, First: nn.Normal(1)})
}

// The bits are the same at every level that this CPU can run.
func TestAdamBits(t *testing.T) {
	was := simd.Level()
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}()
	for _, level := range simd.Levels() {
		if len(level.Missing) > 0 {
			t.Logf("level %s is not tried: this CPU lacks %v", level.Name, level.Missing)
			continue
		}
		if err := simd.Use(level.Name); err != nil {
			t.Fatal(err)
		}
		const n = 2*adamBlock + 37
		m := lots{autograd.New[float32](n).RequireGrad()}
		nn.Init[float32](m, 3)
		o := NewAdam[float32](m, 1e-4)
		for step := range 3 {
			r := rng.New(7, uint64(step))
			grad := make([]float32, n)
			for i := range grad {
				grad[i] = float32(r.Norm())
			}
			o.ZeroGrad()
			push[float32](m, grad)
			o.Step(1e-2)
		}
		h := fnv.New64a()
		for _, v := range m.w.Data() {
			b := math.Float32bits(v)
			h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
		}
		if got, want := h.Sum64(), uint64(0x4470b5ae7b9a1f9d); got != want {
			t.Errorf("level %s: digest %#x, want %#x", level.Name, got, want)
		}
	}
}
