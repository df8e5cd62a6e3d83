package train

import (
	"math"
	"strings"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// smallConfig returns a model small enough for tests.
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

// withLocalHeads makes the heads of c local and gives the cells of b labels of all kinds.
func withLocalHeads[T nn.Float](c anomem.Config, b *Batch[T]) anomem.Config {
	c.Head.Local = true
	r := rng.New(1, rng.Name("labels"))
	for v := range b.Cells {
		for range b.Normal {
			for range c.Head.Distances() {
				b.Cells[v] = append(b.Cells[v], Label(r.IntN(4)))
			}
		}
	}
	return c
}

// withHeads gives c and b heads of a kind: "plain", "local", "local alone", "paired", "turns"
// or "alone". With "paired", every other anomaly of b is a copy. With the last two, b has
// images in groups of four rotated copies, every other image anomalous. "Alone" is without
// eq. 7 and the second view.
func withHeads[T nn.Float](kind string, c anomem.Config, b *Batch[T]) anomem.Config {
	switch kind {
	case "local":
		return withLocalHeads(c, b)
	case "local alone":
		c = withLocalHeads(c, b)
		b.Cells[1] = nil
	case "paired":
		c.Head.RotationWeight, c.Score.Rotations = 1, true
		b.Copied = make([]bool, len(b.Normal))
		for k := 2; k < len(b.Normal); k += 6 {
			b.Copied[k] = !b.Normal[k]
		}
	case "turns", "alone":
		b.Copied = make([]bool, len(b.Normal))
		for k := range b.Normal {
			b.Normal[k], b.Copied[k] = k%8 == 0, k%4 > 0
		}
	}
	return c
}

// weigh sets what a step of heads of a kind adds to eq. 7, or takes in its place.
func weigh[T nn.Float](s *Stepper[T], kind string, joint float64) {
	s.Joint, s.Margin = joint, 2
	s.Uncontrasted = strings.HasSuffix(kind, "alone")
	if kind == "turns" || kind == "alone" {
		s.Turn = 3
	}
}

// oneTape computes a step by definition: all chunks and the loss on one tape.
func oneTape[T nn.Float](parts *anomem.Parts[T], c anomem.Config, l loss.Config, chunk int, joint float64, kind string, b *Batch[T]) T {
	g := autograd.NewGraph[T](nil)
	s := NewStepper(parts, c, l, chunk, 0, nil)
	rows := len(b.Normal)
	n := chunks(rows, chunk)
	weigh(s, kind, joint)
	s.heads = make([]T, 2*n)
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

// TestStepIsOneTape compares the gradients of chunks that are encoded twice, and of chunks
// whose records fit into memory, with those of one tape, bit for bit, with heads and
// without.
func TestStepIsOneTape(t *testing.T) {
	l := loss.DefaultConfig()
	for _, joint := range []float64{0, 2} {
		testStepIsOneTape[float32](t, l, joint, "plain")
		testStepIsOneTape[float64](t, l, joint, "plain")
	}
	for _, kind := range []string{"local", "paired", "turns"} {
		testStepIsOneTape[float32](t, l, 2, kind)
		testStepIsOneTape[float64](t, l, 2, kind)
	}
}

func testStepIsOneTape[T nn.Float](t *testing.T, l loss.Config, joint float64, kind string) {
	t.Helper()
	c := smallConfig()
	const rows, chunk = 16, 5
	b := smallBatch[T](c, rows)
	c = withHeads(kind, c, b)
	want := partsWithHeads[T](t, c, joint, kind)
	wantLoss := oneTape(want, c, l, chunk, joint, kind, b)
	for _, threads := range []int{1, 2, 4} {
		p := pool.New(threads)
		defer p.Close()
		got := partsWithHeads[T](t, c, joint, kind)
		s := NewStepper(got, c, l, chunk, 0, p)
		weigh(s, kind, joint)
		for pass, memory := range []int64{0, 1 << 40} { // the second one on one tape
			s.Memory = memory
			nn.ZeroGrad(nn.Parameters(got))
			value, err := s.Step(b)
			if err != nil {
				t.Fatal(err)
			}
			if value != wantLoss {
				t.Errorf("%T, joint %g, %d threads, pass %d: loss %v, want %v", wantLoss, joint, threads, pass, value, wantLoss)
			}
			for i, e := range nn.Parameters(got) {
				w := nn.Parameters(want)[i]
				some := false
				for j, x := range e.Tensor.Grad() {
					if x != w.Tensor.Grad()[j] {
						t.Fatalf("%T, joint %g, %d threads, pass %d: gradient of %s, element %d: %v, want %v", x, joint, threads, pass, e.Name, j, x, w.Tensor.Grad()[j])
					}
					some = some || x != 0
				}
				if !some {
					t.Errorf("%s has no gradient: equality says nothing", e.Name)
				}
			}
		}
	}
}

func partsWithHeads[T nn.Float](t *testing.T, c anomem.Config, joint float64, kind string) *anomem.Parts[T] {
	t.Helper()
	parts, err := anomem.NewParts[T](c, 3)
	if err != nil {
		t.Fatal(err)
	}
	if joint > 0 {
		parts.AddHeads(c, 3)
	}
	if kind == "turns" || kind == "alone" {
		parts.AddTurns(c, 3)
	}
	return parts
}

// TestStepGradient compares the gradient of a whole step, with both of its losses, with
// central differences along random directions, in float64.
func TestStepGradient(t *testing.T) {
	for _, kind := range []string{"plain", "local", "local alone", "paired", "turns", "alone"} {
		testStepGradient(t, kind)
	}
}

func testStepGradient(t *testing.T, kind string) {
	c := smallConfig()
	const rows, chunk, h = 8, 5, 1e-6
	b := smallBatch[float64](c, rows)
	c = withHeads(kind, c, b)
	parts := partsWithHeads[float64](t, c, 1, kind)
	s := NewStepper(parts, c, loss.DefaultConfig(), chunk, 0, nil)
	weigh(s, kind, 0.7)
	total := func() float64 {
		value, err := s.Step(b)
		if err != nil {
			t.Fatal(err)
		}
		if s.HeadsLoss() <= 0 {
			t.Fatalf("the heads add %v", s.HeadsLoss())
		}
		return value + s.HeadsLoss()
	}
	total()
	params := nn.Parameters(parts)
	gradients := make([][]float64, len(params))
	for i, p := range params {
		gradients[i] = append(gradients[i], p.Tensor.Grad()...)
	}
	for direction := range 3 {
		r := rng.New(uint64(direction), rng.Name("direction"))
		var v [][]float64
		var length, slope float64
		for i, p := range params {
			v = append(v, make([]float64, p.Tensor.Len()))
			for j := range v[i] {
				v[i][j] = r.Norm()
				length += v[i][j] * v[i][j]
			}
		}
		length = math.Sqrt(length)
		for i := range v {
			for j := range v[i] {
				v[i][j] /= length
				slope += v[i][j] * gradients[i][j]
			}
		}
		move := func(by float64) {
			for i, p := range params {
				for j := range v[i] {
					p.Tensor.Data()[j] += by * v[i][j]
				}
			}
		}
		move(h)
		up := total()
		move(-2 * h)
		down := total()
		move(h)
		if numeric := (up - down) / (2 * h); !(math.Abs(numeric-slope) <= 1e-6+1e-4*math.Abs(numeric)) {
			t.Errorf("direction %d: slope %v by the gradient, %v by differences", direction, slope, numeric)
		}
	}
}
