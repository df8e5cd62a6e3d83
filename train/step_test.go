package train

import (
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// smallConfig is a model that a test can afford.
func smallConfig() anomem.Config {
	c := anomem.DefaultConfig()
	c.Encoder.Width = 1.0 / 16
	c.Input.Size = 16
	c.Scales[0].Patterns, c.Scales[1].Patterns = 12, 10
	return c
}

// smallBatch returns rows of noise, every third of them anomalous.
func smallBatch[T nn.Float](c anomem.Config, rows int) *Batch[T] {
	r := rng.New(1, rng.Name("batch"))
	b := &Batch[T]{Size: c.Input.Size, Second: r.Perm(rows)}
	for v := range b.Views {
		b.Views[v] = make([]T, rows*b.Size*b.Size*3)
		for i := range b.Views[v] {
			b.Views[v][i] = T(float32(r.Norm()))
		}
	}
	for k := range rows {
		b.Normal = append(b.Normal, k%3 != 2)
	}
	b.Positions = drawPositions(c, 1, 0)
	return b
}

// oneTape is the step as it is written down: all chunks and the loss on one tape.
func oneTape[T nn.Float](parts *anomem.Parts[T], c anomem.Config, l loss.Config, chunk int, b *Batch[T]) T {
	g := autograd.NewGraph[T](nil)
	s := NewStepper(parts, c, l, chunk, 0, nil)
	rows := len(b.Normal)
	n := chunks(rows, chunk)
	scales := make([]loss.Scale[T], len(c.Scales))
	for v := range b.Views {
		parted := make([][]*autograd.Tensor[T], len(c.Scales))
		for i := range n {
			for sc, o := range s.encode(g, b, v, n, i) {
				parted[sc] = append(parted[sc], o)
			}
		}
		for sc := range c.Scales {
			p := len(b.Positions[sc])
			place := make([]int32, rows*p)
			for k := range rows {
				for q := range p {
					place[b.row(v, k)*p+q] = int32(k*p + q)
				}
			}
			z := g.GatherRows(g.Concat(0, parted[sc]...), place)
			z = g.Reshape(z, rows, 1, p, z.Dim(1))
			if scales[sc].Weight = c.Scales[sc].Lambda; v == 0 {
				scales[sc].Z = z
				for q := range p {
					scales[sc].Positions = append(scales[sc].Positions, loss.Position{X: q})
				}
			} else {
				scales[sc].Zp = z
			}
			scales[sc].Memory = parts.Memories[sc]
		}
	}
	value := loss.MultiScale(g, scales, b.Normal, l)
	g.Backward(value)
	return value.Item()
}

// TestStepIsOneTape holds the gradients of chunks that are encoded twice, and of chunks
// whose records fit into memory, to those of one tape, bit for bit.
func TestStepIsOneTape(t *testing.T) {
	testStepIsOneTape[float32](t)
	testStepIsOneTape[float64](t)
}

func testStepIsOneTape[T nn.Float](t *testing.T) {
	c, l := smallConfig(), loss.DefaultConfig()
	const rows, chunk = 14, 4
	b := smallBatch[T](c, rows)
	want, err := anomem.NewParts[T](c, 3)
	if err != nil {
		t.Fatal(err)
	}
	wantLoss := oneTape(want, c, l, chunk, b)
	for _, threads := range []int{1, 2, 4} {
		p := pool.New(threads)
		defer p.Close()
		got, err := anomem.NewParts[T](c, 3)
		if err != nil {
			t.Fatal(err)
		}
		s := NewStepper(got, c, l, chunk, 0, p)
		var running [][]T
		for pass, memory := range []int64{0, 1 << 40} { // the second one on one tape
			s.Memory = memory
			nn.ZeroGrad(nn.Params(got))
			value, err := s.Step(b)
			if err != nil {
				t.Fatal(err)
			}
			if value != wantLoss {
				t.Errorf("%T, %d threads, pass %d: loss %v, want %v", wantLoss, threads, pass, value, wantLoss)
			}
			for i, e := range nn.Params(got) {
				w := nn.Params(want)[i]
				some := false
				for j, x := range e.Tensor.Grad() {
					if x != w.Tensor.Grad()[j] {
						t.Fatalf("%T, %d threads, pass %d: gradient of %s, element %d: %v, want %v", x, threads, pass, e.Name, j, x, w.Tensor.Grad()[j])
					}
					some = some || x != 0
				}
				if !some {
					t.Errorf("%s has no gradient: equality says nothing", e.Name)
				}
			}
			for _, e := range nn.Entries(got, "") {
				if e.Buffer {
					running = append(running, append([]T(nil), e.Tensor.Data()...))
				}
			}
		}
		if len(running) == 0 {
			t.Fatal("no running statistics")
		}
	}
}
