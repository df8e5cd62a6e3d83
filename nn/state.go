package nn

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"anomem/autograd"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// State returns the parameters and buffers of m for safetensors.Write, with PyTorch's
// names, within prefix (which may be empty), and PyTorch's layouts: F32 for float32,
// F64 for float64. The tensors are read when they are written.
func State[T Float](m Params[T], prefix string) []safetensors.Tensor {
	var tensors []safetensors.Tensor
	for _, e := range Entries(m, prefix) {
		dims := dimsOf(e.Tensor)
		t := safetensors.FromSlice(e.Name, e.Tensor.Data(), e.Layout.fileShape(dims)...)
		t.Data = func(w io.Writer) error { return safetensors.Encode(w, toFile(e.Layout, e.Tensor.Data(), dims)) }
		tensors = append(tensors, t)
	}
	return tensors
}

func dimsOf[T Float](t *autograd.Tensor[T]) []int {
	dims := make([]int, t.Rank())
	for i := range dims {
		dims[i] = t.Dim(i)
	}
	return dims
}

// Load fills the parameters and buffers of m from the tensors within prefix of f (all,
// if prefix is empty), with the names and layouts of State; F64, F32, F16 and BF16 are
// converted. "num_batches_tracked", which PyTorch keeps beside running statistics, is
// ignored.
//
// The file must have every tensor of m, in its shape, and no other within prefix except
// those that an option allows; otherwise the error is a *StateError that lists every
// difference. After an error m is unchanged, unless InPlace is among the options.
func Load[T Float](m Params[T], f *safetensors.File, prefix string, opts ...LoadOption) error {
	var o loadOptions
	for _, opt := range opts {
		opt(&o)
	}
	entries := Entries(m, prefix)
	if err := matchState(entries, f, prefix, o); err != nil {
		return err
	}
	if o.inPlace {
		return fillFrom(entries, f, o.pool)
	}
	// Everything is read before anything is changed.
	staged := make([][]T, len(entries))
	for i, e := range entries {
		file := make([]T, e.Tensor.Len())
		if err := safetensors.Decode(f, e.Name, file); err != nil {
			return err
		}
		staged[i] = fromFile(e.Layout, file, dimsOf(e.Tensor))
	}
	for i, e := range entries {
		copy(e.Tensor.Data(), staged[i])
	}
	return nil
}

// LoadOption changes how Load works.
type LoadOption func(*loadOptions)

type loadOptions struct {
	ignore  func(name string) bool
	inPlace bool
	pool    *pool.Pool
}

// InPlace makes Load read directly into m, on p, which takes half the time and hardly
// any memory. An error while the file is read leaves m partly filled.
func InPlace(p *pool.Pool) LoadOption {
	return func(o *loadOptions) { o.inPlace, o.pool = true, p }
}

// Ignoring makes Load ignore tensors that m does not have and for which ignore reports
// true, such as the classifier of a network that becomes an encoder.
func Ignoring(ignore func(name string) bool) LoadOption {
	return func(o *loadOptions) { o.ignore = ignore }
}

// StateError lists how a file and a module differ.
type StateError struct {
	File       string
	Missing    []string // in the module, not in the file
	Unexpected []string // in the file, not in the module
	Wrong      []string // in both, with another shape or an element type that cannot be decoded
}

// Error lists the differences, a name a line. Names are quoted, since those of a file
// may hold anything. It cuts long names and lists the first 50 of a kind; the fields
// have everything.
func (e *StateError) Error() string {
	const most = 50
	var b strings.Builder
	fmt.Fprintf(&b, "nn: %s does not fit the model:", e.File)
	list := func(what string, names []string) {
		if len(names) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%d %s:", len(names), what)
		for _, name := range names[:min(len(names), most)] {
			b.WriteString("\n\t" + name)
		}
		if more := len(names) - most; more > 0 {
			fmt.Fprintf(&b, "\n\tand %d more", more)
		}
	}
	list("missing in the file", quoted(e.Missing))
	list("unexpected in the file", quoted(e.Unexpected))
	list("of another shape or type", e.Wrong)
	return b.String()
}

// quoted quotes names, and cuts long ones.
func quoted(names []string) []string {
	const most = 200
	q := make([]string, len(names))
	for i, name := range names {
		if q[i] = strconv.Quote(name[:min(len(name), most)]); len(name) > most {
			q[i] += fmt.Sprintf("... (%d bytes)", len(name))
		}
	}
	return q
}

// axes prints a shape of a file, which may have millions of axes.
func axes(shape []int) string {
	if len(shape) <= autograd.MaxRank {
		return fmt.Sprint(shape)
	}
	return fmt.Sprintf("of %d axes", len(shape))
}

// matchState compares names, shapes and types.
func matchState[T Float](entries []Entry[T], f *safetensors.File, prefix string, o loadOptions) error {
	e := &StateError{File: f.Name()}
	wanted := make(map[string]bool, len(entries))
	for _, want := range entries {
		wanted[want.Name] = true
		got, ok := f.Lookup(want.Name)
		shape := want.Layout.fileShape(dimsOf(want.Tensor))
		switch {
		case !ok:
			e.Missing = append(e.Missing, want.Name)
		case !slices.Equal(got.Shape, shape):
			e.Wrong = append(e.Wrong, fmt.Sprintf("%s: shape %s, want %v", want.Name, axes(got.Shape), shape))
		case !got.DType.Decodable():
			e.Wrong = append(e.Wrong, fmt.Sprintf("%s: dtype %s, want F64, F32, F16 or BF16", want.Name, got.DType))
		}
	}
	for _, t := range f.Tensors() {
		within := prefix == "" || strings.HasPrefix(t.Name, prefix+".")
		if !within || wanted[t.Name] || (o.ignore != nil && o.ignore(t.Name)) {
			continue
		}
		if module, ok := strings.CutSuffix(t.Name, "num_batches_tracked"); ok && wanted[module+"running_mean"] {
			continue
		}
		e.Unexpected = append(e.Unexpected, t.Name)
	}
	if e.Missing == nil && e.Unexpected == nil && e.Wrong == nil {
		return nil
	}
	return e
}
