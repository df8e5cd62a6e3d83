package train

import (
	"fmt"

	"anomem/autograd"
	"anomem/loss"
)

// Step adds the gradient of the loss on b to the parameters and returns the loss. It
// updates the running statistics once. A loss that is not finite has no gradient. It is an
// error if a chunk that is encoded twice has different embeddings.
func (s *Stepper[T]) Step(b *Batch[T]) (T, error) {
	defer s.graph.Reset()
	s.running.begin()
	defer s.running.end()
	if n := s.views() * chunks(len(b.Normal), s.Chunk); len(s.heads) != n {
		s.heads = make([]T, n)
	}
	if s.Uncontrasted {
		s.stepAlone(b)
		return 0, nil
	}
	if s.rowBytes > 0 && 2*int64(len(b.Normal))*s.rowBytes <= s.Memory {
		return s.stepWhole(b), nil
	}
	return s.stepTwice(b)
}

// stepAlone encodes the first view alone, chunk by chunk: without eq. 7, no chunk needs
// another.
func (s *Stepper[T]) stepAlone(b *Batch[T]) {
	n := chunks(len(b.Normal), s.Chunk)
	for k := range n {
		s.running.before()
		out := s.encode(s.graph, b, 0, n, k)
		s.running.after()
		s.walk(s.graph, out)
		s.graph.Reset()
	}
}

// stepWhole encodes all chunks on one tape.
func (s *Stepper[T]) stepWhole(b *Batch[T]) T {
	defer s.whole.Reset()
	n := chunks(len(b.Normal), s.Chunk)
	var outs [][]*autograd.Tensor[T]
	for k := range 2 * n {
		s.running.before()
		outs = append(outs, s.encode(s.whole, b, k/n, n, k%n))
		s.running.after()
		s.collect(outs[k], b, k/n, n, k%n)
	}
	value := s.contrast(b)
	if !finite(value) {
		return value
	}
	for k, out := range outs {
		for sc, o := range out {
			s.seed(o.AccGrad(s.whole), o, b, sc, k/n, n, k%n)
		}
	}
	s.walk(s.whole, outs[2*n-1])
	return value
}

// stepTwice encodes each chunk for its embeddings, and again for its gradient.
func (s *Stepper[T]) stepTwice(b *Batch[T]) (value T, err error) {
	g, n := s.graph, chunks(len(b.Normal), s.Chunk)
	for k := range 2 * n {
		s.running.before()
		var out []*autograd.Tensor[T]
		g.NoGrad(func() { out = s.encode(g, b, k/n, n, k%n) })
		s.running.after()
		s.collect(out, b, k/n, n, k%n)
		g.Reset()
	}
	if value = s.contrast(b); !finite(value) {
		return value, nil
	}
	g.Reset()
	// Go backwards, as a walk over one tape of all chunks does.
	for k := 2*n - 1; k >= 0; k-- {
		out := s.encode(g, b, k/n, n, k%n)
		if err := s.same(out, b, k/n, n, k%n); err != nil {
			return value, err
		}
		inUse, _ := g.Memory()
		lo, hi := chunkOf(len(b.Normal), n, k%n)
		s.rowBytes = max(s.rowBytes, int64(inUse/(hi-lo)))
		for sc, o := range out {
			s.seed(o.AccGrad(g), o, b, sc, k/n, n, k%n)
		}
		s.walk(g, out)
		g.Reset()
	}
	return value, nil
}

// walk passes the gradients of out back through g.
func (s *Stepper[T]) walk(g *autograd.Graph[T], out []*autograd.Tensor[T]) {
	last := out[len(out)-1]
	zero := g.Scratch(last.Len())
	clear(zero)
	g.BackwardFrom(last, zero)
}

// contrast returns eq. 7 and leaves its gradient at the embeddings and the patterns. It
// uses maps of the sampled positions alone, which give the same result as whole ones.
func (s *Stepper[T]) contrast(b *Batch[T]) T {
	var scales []loss.Scale[T]
	for i, sc := range s.Config.Scales {
		positions := make([]loss.Position, len(b.Positions[i]))
		for p := range positions {
			positions[p].X = p
		}
		scales = append(scales, loss.Scale[T]{
			Z: s.emb[0][i], Zp: s.emb[1][i],
			Memory: s.memory(i), Positions: positions, Weight: sc.Lambda,
		})
	}
	for v := range s.emb {
		for _, e := range s.emb[v] {
			e.ZeroGrad()
		}
	}
	return loss.GradMultiScale(s.graph, scales, b.Normal, s.Loss)
}

// same returns an error unless the embeddings of the second pass are those of the first,
// bit for bit.
func (s *Stepper[T]) same(out []*autograd.Tensor[T], b *Batch[T], v, n, i int) error {
	lo, hi := chunkOf(len(b.Normal), n, i)
	for sc, o := range out {
		size := len(b.Positions[sc]) * o.Dim(1)
		for k := lo; k < hi; k++ {
			r := b.row(v, k)
			first := s.emb[v][sc].Data()[r*size : (r+1)*size]
			for j, x := range o.Data()[(k-lo)*size : (k-lo+1)*size] {
				if x != first[j] && (x == x || first[j] == first[j]) {
					return fmt.Errorf("train: view %d, row %d, scale %d: encoded again, value %d is %v, not %v: this machine computes wrongly, or this is a bug", v, r, sc, j, x, first[j])
				}
			}
		}
	}
	return nil
}

// enqueue pushes the normal features of the first view of the last step to the queues.
func (s *Stepper[T]) enqueue(b *Batch[T]) {
	g := s.graph
	defer g.Reset()
	for sc, q := range s.Queues {
		z := s.emb[0][sc] // [B 1 P C]
		normal := make([]bool, z.Dim(0)*z.Dim(2))
		for k := range normal {
			normal[k] = b.Normal[k/z.Dim(2)]
		}
		g.NoGrad(func() { q.Push(g, g.Reshape(z, len(normal), z.Dim(3)), normal) })
	}
}
