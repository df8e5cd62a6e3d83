package nn

import (
	"fmt"
	"strings"
	"testing"

	"anomem/autograd"
)

// panics returns the text of f's panic, or "" if there is none.
func panics(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// TestLinearShapes: any number of leading axes gives what the rows give.
func TestLinearShapes(t *testing.T) {
	l := NewLinear[float64](3, 2)
	copy(l.Weight.Data(), []float64{1, 2, 3, 4, 5, 6})
	copy(l.Bias.Data(), []float64{10, 20})
	data := []float64{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1}
	want := []float64{11, 24, 12, 25, 13, 26, 16, 35}
	g := autograd.NewGraph[float64](nil)
	for _, dims := range [][]int{{4, 3}, {2, 2, 3}, {1, 2, 2, 3}, {4, 1, 1, 1, 1, 3}} {
		y := l.Forward(g, autograd.FromSlice(data, dims...))
		if got, want := y.Shape().String(), fmt.Sprint(append(dims[:len(dims)-1:len(dims)-1], 2)); got != want {
			t.Errorf("%v: shape %v, want %v", dims, got, want)
		}
		for i, v := range y.Data() {
			if v != want[i] {
				t.Errorf("%v: y[%d] = %v, want %v", dims, i, v, want[i])
			}
		}
	}
	if y := l.Forward(g, autograd.FromSlice(data[:3], 3)); y.Rank() != 1 || y.Data()[1] != 24 {
		t.Errorf("a vector gives %v %v", y.Shape(), y.Data())
	}
	if y := l.Forward(g, autograd.New[float64](0, 3)); y.Dim(0) != 0 || y.Dim(1) != 2 {
		t.Errorf("no rows give %v", y.Shape())
	}
	for _, x := range []*autograd.Tensor[float64]{autograd.New[float64](3, 2), autograd.New[float64]()} {
		if got := panics(func() { l.Forward(g, x) }); !strings.HasPrefix(got, "nn: Linear: x "+x.Shape().String()+" and weight [2 3]: ") {
			t.Errorf("x %v: panic %q", x.Shape(), got)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		m    Module[float32]
		want string
	}{
		{NewLinear[float32](2, 3), "weight+ bias"},
		{NewLinear[float32](2, 3, WithoutBias), "weight+"},
		{NewMLP[float32](2, 3, 4), "0.weight+ 0.bias 2.weight+ 2.bias"},
		{NewSequential[float32](ReLU[float32]{}, NewMLP[float32](1, 1)), "1.0.weight+ 1.0.bias"},
	} {
		if got := describe(tc.m); got != tc.want {
			t.Errorf("%T: %s, want %s", tc.m, got, tc.want)
		}
	}
	if got := Entries(NewMLP[float32](1, 1), "a.b")[1].Name; got != "a.b.0.bias" {
		t.Errorf("within a prefix: %s", got)
	}
	if panics(func() { NewMLP[float32](3) }) == "" {
		t.Error("NewMLP of one size does not panic")
	}
}

// describe lists names, with + behind what decays and # behind buffers.
func describe(m Module[float32]) string {
	var names []string
	for _, e := range Entries(m, "") {
		name := e.Name
		if e.Decay {
			name += "+"
		}
		if e.Buffer {
			name += "#"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestParams(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	m := NewMLP[float32](2, 3, 1)
	Init(m, 1)
	params := Parameters(m)
	if len(params) != 4 {
		t.Fatalf("%d parameters, want 4", len(params))
	}
	g.Backward(g.Sum(m.Forward(g, autograd.FromSlice([]float32{1, 2}, 1, 2)), false))
	if d := params[3].Tensor.Grad(); len(d) != 1 || d[0] != 1 {
		t.Errorf("gradient of the last bias is %v, want [1]", d)
	}
	ZeroGrad(params)
	for _, p := range params {
		for _, d := range p.Tensor.Grad() {
			if d != 0 {
				t.Errorf("%s: gradient %v after ZeroGrad", p.Name, d)
			}
		}
	}
}
