package train

import (
	"fmt"
	"math"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/nn"
	"anomem/simd/pool"
)

// Batch is what a step of stage 1 learns from: two views of each row.
type Batch[T nn.Float] struct {
	Size   int    // of the views' sides, in pixels
	Views  [2][]T // B rows of Size·Size·3 each
	Normal []bool // y of each row
	Copied []bool // which rows are shifted copies
	// Cells are the labels of each row's cells, view by view, if heads are local.
	Cells [2][]Label
	// Second is the order in which the rows of the second view are encoded. It is one
	// of its own, because two views of an image that share a chunk can be told by the
	// statistics of the norms.
	Second []int
	// Positions is Ω of eq. 7 for each scale.
	Positions [][]loss.Position
}

// Stepper takes the gradient of eq. 7 (algorithm 1, lines 6 to 12) on batches of any
// size: it encodes them in chunks, takes the gradient of the loss with respect to the
// embeddings, exact over the whole batch, and passes it back chunk by chunk. Chunks whose
// records do not fit into Memory are encoded a second time for that. Gradients are the
// same bits either way, and those of one graph with the same chunks.
type Stepper[T nn.Float] struct {
	Parts  *anomem.Parts[T]
	Config anomem.Config
	Loss   loss.Config
	Chunk  int   // rows, at most, over which a norm takes its statistics
	Memory int64 // bytes that records of chunks may take

	// Joint is the weight of eq. 12 for the parts' heads in what is minimised; 0: none.
	Joint  float64
	Margin float64 // M of eq. 11

	// Queues answer in eqs. 4 and 6 in place of the memories, one a scale; nil: none.
	Queues []*loss.Queue[T]

	graph    *autograd.Graph[T] // of the loss and, in turn with it, of single chunks
	whole    *autograd.Graph[T] // of all chunks together
	running  *running[T]
	emb      [2][]*autograd.Tensor[T] // of each view and scale: [B 1 P C]
	rowBytes int64                    // of a row's record, as seen; 0: not yet
	heads    []T                      // of each chunk, its share of eq. 12
}

// NewStepper returns a stepper for parts, whose graphs run on p.
func NewStepper[T nn.Float](parts *anomem.Parts[T], c anomem.Config, l loss.Config, chunk int, memory int64, p *pool.Pool) *Stepper[T] {
	return &Stepper[T]{
		Parts: parts, Config: c, Loss: l, Chunk: chunk, Memory: memory,
		graph: autograd.NewGraph[T](p), whole: autograd.NewGraph[T](p),
		running: newRunning[T](parts.Encoder),
	}
}

// Step adds the gradient of the loss on b to the parameters and returns the loss. It
// makes one update of the running statistics. A loss that is not finite has no gradient.
func (s *Stepper[T]) Step(b *Batch[T]) (T, error) {
	defer s.graph.Reset()
	s.running.begin()
	defer s.running.end()
	if n := 2 * chunks(len(b.Normal), s.Chunk); len(s.heads) != n {
		s.heads = make([]T, n)
	}
	if s.rowBytes > 0 && 2*int64(len(b.Normal))*s.rowBytes <= s.Memory {
		return s.stepWhole(b), nil
	}
	return s.stepTwice(b)
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
	// In the order in which a tape of all chunks would be walked.
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

// walk passes the gradients on that the results of g have.
func (s *Stepper[T]) walk(g *autograd.Graph[T], out []*autograd.Tensor[T]) {
	last := out[len(out)-1]
	zero := g.Scratch(last.Len())
	clear(zero)
	g.BackwardFrom(last, zero)
}

func finite[T nn.Float](v T) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// row is the row of the batch that stands at place k of the order of view v.
func (b *Batch[T]) row(v, k int) int {
	if v == 0 {
		return k
	}
	return b.Second[k]
}

// encode returns the sampled rows of chunk i's maps, [rows·P C] for each scale, row
// after row.
func (s *Stepper[T]) encode(g *autograd.Graph[T], b *Batch[T], v, n, i int) []*autograd.Tensor[T] {
	lo, hi := chunkOf(len(b.Normal), n, i)
	each := b.Size * b.Size * 3
	x := g.NewTensor(hi-lo, b.Size, b.Size, 3)
	for k := lo; k < hi; k++ {
		r := b.row(v, k)
		copy(x.Data()[(k-lo)*each:(k-lo+1)*each], b.Views[v][r*each:(r+1)*each])
	}
	maps := s.Parts.Encoder.Stages(g, x)
	if s.Joint > 0 && g.Recording() {
		s.supervise(g, maps, b, v, n, i)
	}
	return sampled(g, maps, s.Config.Scales, b.Positions)
}

// sampled returns the vectors of maps at the positions, [N·P C] for each scale.
func sampled[T nn.Float](g *autograd.Graph[T], maps [4]*autograd.Tensor[T], scales []anomem.ScaleConfig, positions [][]loss.Position) []*autograd.Tensor[T] {
	var out []*autograd.Tensor[T]
	for i, sc := range scales {
		m := maps[sc.Stage-1]
		h, w, c := m.Dim(1), m.Dim(2), m.Dim(3)
		at := g.Ints(m.Dim(0) * len(positions[i]))
		for r := range m.Dim(0) {
			for p, q := range positions[i] {
				at[r*len(positions[i])+p] = int32((r*h+q.Y)*w + q.X)
			}
		}
		out = append(out, g.GatherRows(g.Reshape(m, m.Dim(0)*h*w, c), at))
	}
	return out
}

// collect copies a chunk's embeddings to their rows' places.
func (s *Stepper[T]) collect(out []*autograd.Tensor[T], b *Batch[T], v, n, i int) {
	rows := len(b.Normal)
	lo, hi := chunkOf(rows, n, i)
	for sc, o := range out {
		p, c := len(b.Positions[sc]), o.Dim(1)
		if len(s.emb[v]) == sc {
			s.emb[v] = append(s.emb[v], nil)
		}
		// The memory of the last step's, unless the shape is another.
		if t := s.emb[v][sc]; t == nil || t.Shape() != autograd.MakeShape(rows, 1, p, c) {
			s.emb[v][sc] = autograd.New[T](rows, 1, p, c).RequireGrad()
		}
		to := s.emb[v][sc].Data()
		for k := lo; k < hi; k++ {
			r := b.row(v, k)
			copy(to[r*p*c:(r+1)*p*c], o.Data()[(k-lo)*p*c:(k-lo+1)*p*c])
		}
	}
}

// contrast returns eq. 7 and leaves its gradient at the embeddings and the patterns.
// Maps of the sampled positions alone serve it as well as whole ones.
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

// same compares the embeddings of the second pass with those of the first, bit for bit.
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

// seed copies the gradient of a chunk's embeddings at a scale, o, to where it starts.
func (s *Stepper[T]) seed(to []T, o *autograd.Tensor[T], b *Batch[T], sc, v, n, i int) {
	lo, hi := chunkOf(len(b.Normal), n, i)
	size := len(b.Positions[sc]) * o.Dim(1)
	grad := s.emb[v][sc].Grad()
	for k := lo; k < hi; k++ {
		r := b.row(v, k)
		copy(to[(k-lo)*size:(k-lo+1)*size], grad[r*size:(r+1)*size])
	}
}
