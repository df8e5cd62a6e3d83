package nn

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"anomem/autograd"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// filters is a module of filters alone.
type filters[T Float] []*autograd.Tensor[T]

func newFilters[T Float]() filters[T] {
	var f filters[T]
	// Output channels below, at and above those that are read together.
	for _, out := range []int{1, 15, 16, 17, 33} {
		f = append(f, autograd.New[T](3, 2, 5, out), autograd.New[T](1, 1, 3, out))
	}
	return f
}

func (f filters[T]) Forward(_ *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return x
}

func (f filters[T]) Visit(v Visitor[T], prefix string) {
	for i, t := range f {
		v.Entry(Entry[T]{Name: Join(prefix, fmt.Sprint(i)), Tensor: t, Layout: ConvWeight, First: Uniform(1)})
	}
}

// TestInPlace: reading in place gives what reading without it gives.
func TestInPlace(t *testing.T) {
	from, one, two := newFilters[float32](), newFilters[float32](), newFilters[float32]()
	Init(from, 1)
	f := write(t, State(from, "")...)
	p := pool.New(3)
	defer p.Close()
	if err := errors.Join(Load(one, f, ""), Load(two, f, "", InPlace(p))); err != nil {
		t.Fatal(err)
	}
	if want := snapshot(from); snapshot(one) != want || snapshot(two) != want {
		t.Error("other values than were written")
	}
	if err := Load(NewMLP[float32](3, 4, 2), f, "", InPlace(nil)); err == nil {
		t.Error("a file of other tensors is taken")
	}

	var b bytes.Buffer
	if err := safetensors.Write(&b, State(from, ""), nil); err != nil {
		t.Fatal(err)
	}
	half, err := safetensors.NewReader(failingAt{bytes.NewReader(b.Bytes()), int64(b.Len()) - 1}, int64(b.Len()), "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(two, half, "", InPlace(p)); !errors.Is(err, errBroken) {
		t.Errorf("a file that cannot be read to its end: %v", err)
	}
}
