package nn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn/safetensors"
)

// write returns tensors as an opened file.
func write(t *testing.T, tensors ...safetensors.Tensor) *safetensors.File {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// zerosOf returns a tensor of any type whose bytes are all 0.
func zerosOf(name string, d safetensors.DType, shape ...int) safetensors.Tensor {
	n := d.Bits() / 8
	for _, s := range shape {
		n *= s
	}
	return safetensors.Tensor{Name: name, DType: d, Shape: shape, Data: func(w io.Writer) error {
		_, err := w.Write(make([]byte, n))
		return err
	}}
}

func TestLayout(t *testing.T) {
	const kh, kw, in, out = 2, 3, 4, 5
	dims := []int{kh, kw, in, out}
	if got := fmt.Sprint(ConvWeight.fileShape(dims)); got != "[5 4 2 3]" {
		t.Errorf("shape in the file %v", got)
	}
	file := make([]float32, kh*kw*in*out)
	for i := range file {
		file[i] = float32(i)
	}
	memory := fromFile(ConvWeight, append([]float32(nil), file...), dims)
	for o := range out {
		for i := range in {
			for y := range kh {
				for x := range kw {
					got, want := memory[((y*kw+x)*in+i)*out+o], file[((o*in+i)*kh+y)*kw+x]
					if got != want {
						t.Fatalf("weight from channel %d to %d at %d, %d is %v, want %v", i, o, y, x, got, want)
					}
				}
			}
		}
	}
	for i, v := range toFile(ConvWeight, memory, dims) {
		if v != file[i] {
			t.Fatalf("back in the file element %d is %v", i, v)
		}
	}
}

// TestStateRoundTrip saves a network within a prefix, beside another, and loads it
// into a third in either precision.
func TestStateRoundTrip(t *testing.T) {
	a, b := NewMLP[float32](3, 4, 2), NewMLP[float32](3, 4, 2)
	Init(a, 1)
	Init(b, 2)
	f := write(t, append(State(a, "encoder"), State(b, "encoder2")...)...)
	for _, tc := range []struct {
		prefix string
		want   Sequential[float32]
	}{{"encoder", a}, {"encoder2", b}} {
		got32, got64 := NewMLP[float32](3, 4, 2), NewMLP[float64](3, 4, 2)
		if err := errors.Join(Load(got32, f, tc.prefix), Load(got64, f, tc.prefix)); err != nil {
			t.Fatal(err)
		}
		p32, p64 := Parameters(got32), Parameters(got64)
		for i, want := range Parameters(tc.want) {
			for j, v := range want.Tensor.Data() {
				if p32[i].Tensor.Data()[j] != v || p64[i].Tensor.Data()[j] != float64(v) {
					t.Errorf("%s.%s: element %d is %v and %v, want %v", tc.prefix, want.Name, j, p32[i].Tensor.Data()[j], p64[i].Tensor.Data()[j], v)
				}
			}
		}
	}
}

// TestLoadLists: one error has all that is wrong, and the module stays as it was.
func TestLoadLists(t *testing.T) {
	m := NewMLP[float64](3, 4, 2)
	Init(m, 1)
	before := snapshot(m)
	good := State(m, "net")
	w := func(name string, shape ...int) safetensors.Tensor { return zerosOf(name, safetensors.F32, shape...) }
	for _, tc := range []struct {
		name    string
		tensors []safetensors.Tensor
		opts    []LoadOption
		want    StateError // none: it loads
	}{
		{"empty", nil, nil, StateError{Missing: []string{"net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"}}},
		{"everything", []safetensors.Tensor{w("net.0.weight", 3, 4), w("net.0.bias", 4), zerosOf("net.2.bias", "I64", 2), w("net.3.x"), w("net.0.num_batches_tracked"), w("netted"), w("net", 1)}, nil,
			StateError{
				Missing:    []string{"net.2.weight"},
				Unexpected: []string{"net.0.num_batches_tracked", "net.3.x"},
				Wrong:      []string{"net.0.weight: shape [3 4], want [4 3]", "net.2.bias: dtype I64, want F64, F32, F16 or BF16"},
			}},
		{"classifier", append([]safetensors.Tensor{w("net.fc.weight", 9), w("net.fc.bias", 9)}, good...), nil,
			StateError{Unexpected: []string{"net.fc.bias", "net.fc.weight"}}},
		{"classifier ignored", append([]safetensors.Tensor{w("net.fc.weight", 9), w("net.fc.bias", 9)}, good...),
			[]LoadOption{Ignoring(func(n string) bool { return strings.HasPrefix(n, "net.fc.") })}, StateError{}},
		{"ignored but wrong", append([]safetensors.Tensor{w("net.0.bias", 5)}, good[0], good[2], good[3]),
			[]LoadOption{Ignoring(func(string) bool { return true })},
			StateError{Wrong: []string{"net.0.bias: shape [5], want [4]"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := Load(m, write(t, tc.tensors...), "net", tc.opts...)
			want := tc.want
			if want.Missing == nil && want.Unexpected == nil && want.Wrong == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			want.File = "model.safetensors"
			var got *StateError
			if !errors.As(err, &got) || fmt.Sprint(*got) != fmt.Sprint(want) {
				t.Fatalf("error %v, want %v", err, &want)
			}
			for _, list := range [][]string{want.Missing, want.Unexpected, want.Wrong, {want.File}} {
				for _, name := range list {
					if !strings.Contains(err.Error(), name) {
						t.Errorf("error %q does not name %s", err, name)
					}
				}
			}
			if snapshot(m) != before {
				t.Error("the module changed")
			}
		})
	}
}

// snapshot returns everything in m as text.
func snapshot[T Float](m Params[T]) string {
	var b strings.Builder
	for _, e := range Entries(m, "") {
		fmt.Fprintln(&b, e.Name, e.Tensor.Data())
	}
	return b.String()
}

// failingAt fails from byte n on.
type failingAt struct {
	io.ReaderAt
	n int64
}

var errBroken = errors.New("broken disk")

func (f failingAt) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > f.n {
		return 0, errBroken
	}
	return f.ReaderAt.ReadAt(b, at)
}

// TestLoadHalf: a file that cannot be read to its end changes nothing.
func TestLoadHalf(t *testing.T) {
	from, to := NewMLP[float32](3, 4, 2), NewMLP[float32](3, 4, 2)
	Init(from, 1)
	Init(to, 2)
	before := snapshot(to)
	var b bytes.Buffer
	if err := safetensors.Write(&b, State(from, ""), nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(failingAt{bytes.NewReader(b.Bytes()), int64(b.Len()) - 1}, int64(b.Len()), "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(to, f, ""); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), `model.safetensors: tensor "2.weight"`) {
		t.Errorf("error %v", err)
	}
	if snapshot(to) != before {
		t.Error("the module is half loaded")
	}
}

// tracked is a module with running statistics beside which PyTorch counts batches.
type tracked struct{ mean *autograd.Tensor[float32] }

func (m tracked) Forward(_ *autograd.Graph[float32], x *autograd.Tensor[float32]) *autograd.Tensor[float32] {
	return x
}

func (m tracked) Visit(v Visitor[float32], prefix string) {
	v.Entry(Entry[float32]{Name: Join(prefix, "running_mean"), Tensor: m.mean, Buffer: true})
}

func TestLoadPassesOverCounters(t *testing.T) {
	m := tracked{autograd.New[float32](1)}
	mean := safetensors.FromSlice("bn.running_mean", []float32{5}, 1)
	if err := Load(m, write(t, mean, zerosOf("bn.num_batches_tracked", safetensors.I64)), "bn"); err != nil {
		t.Error(err)
	}
	if m.mean.Data()[0] != 5 {
		t.Errorf("running mean %v, want 5", m.mean.Data()[0])
	}
	var e *StateError
	if err := Load(m, write(t, mean, zerosOf("bn.num_batches_tracked2", safetensors.I64)), "bn"); !errors.As(err, &e) {
		t.Errorf("another name: %v", err)
	}
}

// TestStateErrorIsBounded: names of a file are quoted, and neither a long one nor
// many nor many axes make a long message.
func TestStateErrorIsBounded(t *testing.T) {
	one := zerosOf("net.0.weight", safetensors.F32, 1)
	for range 10_000 {
		one.Shape = append(one.Shape, 1)
	}
	tensors := []safetensors.Tensor{one, zerosOf("net.\x1b[2J\nok", safetensors.F32), zerosOf("net."+strings.Repeat("x", 100_000), safetensors.F32)}
	for i := range 1000 {
		tensors = append(tensors, zerosOf(fmt.Sprintf("net.extra.%d", i), safetensors.F32))
	}
	err := Load(NewMLP[float32](3, 4, 2), write(t, tensors...), "net")
	var e *StateError
	if !errors.As(err, &e) || len(e.Unexpected) != 1002 {
		t.Fatalf("%.1000v", err)
	}
	text := err.Error()
	if len(text) > 3000 {
		t.Errorf("a message of %d bytes", len(text))
	}
	for _, want := range []string{"\n1002 unexpected", `"net.\x1b[2J\nok"`, "and 952 more", "net.0.weight: shape of 10001 axes, want [4 3]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%.2000q does not have %q", text, want)
		}
	}
	e = &StateError{File: "f", Unexpected: []string{strings.Repeat("x", 100_000)}}
	if text := e.Error(); len(text) > 400 || !strings.Contains(text, "(100000 bytes)") {
		t.Errorf("a message of %d bytes: %.400s", len(text), text)
	}
}
