package train

import (
	"cmp"

	"anomem"
	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn"
	"anomem/simd/pool"
)

// Stepper computes the gradient of eq. 7 (algorithm 1, lines 6 to 12) on batches of any
// size. It encodes a batch in chunks, takes the gradient of the loss with respect to the
// embeddings, exact over the whole batch, and passes it back chunk by chunk. If the records
// of the chunks exceed Memory, it encodes each chunk a second time for this. The gradients
// have the same bits either way, those of one graph with the same chunks.
type Stepper[T nn.Float] struct {
	Parts  *anomem.Parts[T]
	Config anomem.Config
	Loss   loss.Config
	Chunk  int   // most rows over which a norm takes its statistics
	Memory int64 // most bytes of the records of chunks

	// Joint is the weight in the loss of eq. 12, for the heads of Parts; 0: none.
	Joint  float64
	Margin float64 // M of eq. 11

	// Turn is the weight in the loss of classifying quarter turns, for the classifiers of
	// Parts; 0: none. Uncontrasted leaves eq. 7 and the second view out.
	Turn         float64
	Uncontrasted bool

	// Queues replace the memories in eqs. 4 and 6, one per scale; nil: none.
	Queues []*loss.Queue[T]

	// Memoryless takes the memories out of eqs. 4 and 6: features are contrasted themselves.
	Memoryless bool

	graph    *autograd.Graph[T] // of the loss and, at other times, of single chunks
	whole    *autograd.Graph[T] // of all chunks together
	running  *running[T]
	emb      [2][]*autograd.Tensor[T] // for each view and scale, the embeddings [B 1 P C]
	rowBytes int64                    // of a row's record, as measured; 0: not yet
	heads    []T                      // for each chunk, its share of eq. 12
}

// NewStepper returns a stepper for parts. Its graphs run on p.
func NewStepper[T nn.Float](parts *anomem.Parts[T], c anomem.Config, l loss.Config, chunk int, memory int64, p *pool.Pool) *Stepper[T] {
	return &Stepper[T]{
		Parts: parts, Config: c, Loss: l, Chunk: chunk, Memory: memory,
		graph: autograd.NewGraph[T](p), whole: autograd.NewGraph[T](p),
		running: newRunning[T](parts.Encoder),
	}
}

// encode returns the maps of chunk i of n of view v at the sampled positions, [rows·P C]
// for each scale, row after row.
func (s *Stepper[T]) encode(g *autograd.Graph[T], b *Batch[T], v, n, i int) []*autograd.Tensor[T] {
	lo, hi := chunkOf(len(b.Normal), n, i)
	width := cmp.Or(b.Width, b.Size)
	each := b.Size * width * 3
	x := g.NewTensor(hi-lo, b.Size, width, 3)
	for k := lo; k < hi; k++ {
		r := b.row(v, k)
		copy(x.Data()[(k-lo)*each:(k-lo+1)*each], b.Views[v][r*each:(r+1)*each])
	}
	maps := s.Parts.Encoder.Stages(g, x)
	if g.Recording() {
		s.heads[v*n+i] = s.supervise(g, maps, b, v, n, i)
	}
	return sampled(g, maps, s.Config.Scales, b.Positions, func(scale, r, p int) int32 {
		if b.Places == nil {
			q, w := b.Positions[scale][p], maps[s.Config.Scales[scale].Stage-1].Dim(2)
			return int32(q.Y*w + q.X)
		}
		return b.Places[scale][b.row(v, lo+r)*len(b.Positions[scale])+p]
	})
}

// supervise puts what chunk i of n of view v adds to the loss by itself on the tape with its
// gradient, and returns its value.
func (s *Stepper[T]) supervise(g *autograd.Graph[T], maps [4]*autograd.Tensor[T], b *Batch[T], v, n, i int) T {
	var sum T
	if s.Turn > 0 {
		lo, hi := chunkOf(len(b.Normal), n, i)
		sum += turns[T]{s.Turn, s.Parts, s.Config, s.views()}.supervise(g, maps, b, v, lo, hi)
	}
	if s.Joint > 0 && len(s.Parts.Heads) > 0 {
		sum += joint[T]{s.Joint, s.Margin, s.Parts, s.Config, s.Turn > 0, s.views()}.supervise(g, maps, b, v, n, i)
	}
	return sum
}

// views returns the number of views of each row in a step.
func (s *Stepper[T]) views() int {
	if s.Uncontrasted {
		return 1
	}
	return 2
}

// sampled returns the vectors of maps at the positions, [N·P C] for each scale. place is the
// cell of row r at position p.
func sampled[T nn.Float](g *autograd.Graph[T], maps [4]*autograd.Tensor[T], scales []anomem.ScaleConfig, positions [][]loss.Position, place func(scale, r, p int) int32) []*autograd.Tensor[T] {
	var out []*autograd.Tensor[T]
	for i, sc := range scales {
		m := maps[sc.Stage-1]
		h, w, c := m.Dim(1), m.Dim(2), m.Dim(3)
		at := g.Ints(m.Dim(0) * len(positions[i]))
		for r := range m.Dim(0) {
			for p := range positions[i] {
				at[r*len(positions[i])+p] = int32(r*h*w) + place(i, r, p)
			}
		}
		out = append(out, g.GatherRows(g.Reshape(m, m.Dim(0)*h*w, c), at))
	}
	return out
}

// collect copies a chunk's embeddings to the places of their rows in emb.
func (s *Stepper[T]) collect(out []*autograd.Tensor[T], b *Batch[T], v, n, i int) {
	rows := len(b.Normal)
	lo, hi := chunkOf(rows, n, i)
	for sc, o := range out {
		p, c := len(b.Positions[sc]), o.Dim(1)
		if len(s.emb[v]) == sc {
			s.emb[v] = append(s.emb[v], nil)
		}
		// Reuse the last step's memory unless the shape has changed.
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

// seed copies the gradient of a chunk's embeddings o at scale sc to to, where the chunk's
// backward pass starts.
func (s *Stepper[T]) seed(to []T, o *autograd.Tensor[T], b *Batch[T], sc, v, n, i int) {
	lo, hi := chunkOf(len(b.Normal), n, i)
	size := len(b.Positions[sc]) * o.Dim(1)
	grad := s.emb[v][sc].Grad()
	for k := lo; k < hi; k++ {
		r := b.row(v, k)
		copy(to[(k-lo)*size:(k-lo+1)*size], grad[r*size:(r+1)*size])
	}
}

// features returns the vectors of the first view's normal rows at the sampled positions,
// for each scale, encoded as in training. It leaves the running statistics as they are.
func (s *Stepper[T]) features(b *Batch[T]) [][]T {
	n := chunks(len(b.Normal), s.Chunk)
	s.running.begin()
	all := make([][]T, len(s.Config.Scales))
	for i := range n {
		var out []*autograd.Tensor[T]
		s.graph.NoGrad(func() { out = s.encode(s.graph, b, 0, n, i) })
		lo, hi := chunkOf(len(b.Normal), n, i)
		for sc, o := range out {
			size := o.Len() / (hi - lo)
			for k := lo; k < hi; k++ {
				if b.Normal[k] {
					all[sc] = append(all[sc], o.Data()[(k-lo)*size:(k-lo+1)*size]...)
				}
			}
		}
		s.graph.Reset()
	}
	s.running.restore()
	return all
}

// measure adds the statistics of a batch's chunks to those being gathered.
func (s *Stepper[T]) measure(b *Batch[T]) {
	n := chunks(len(b.Normal), s.Chunk)
	for k := range s.views() * n {
		s.running.before()
		s.graph.NoGrad(func() { s.encode(s.graph, b, k/n, n, k%n) })
		s.running.after()
		s.graph.Reset()
	}
}

// memory returns the retriever of eqs. 4 and 6 at a scale: the queue, the memory or none.
func (s *Stepper[T]) memory(scale int) hopfield.Retriever[T] {
	switch {
	case s.Queues != nil:
		return s.Queues[scale]
	case s.Memoryless:
		return itself[T]{}
	}
	return s.Parts.Memories[scale]
}

// HeadsLoss returns what quarter turns and eq. 12 added to the last step's loss. Of eq. 12
// that is Joint times its mean over the rows of both views. With heads for rotated copies, it is Joint times the sum of two
// means, one for each kind of head.
func (s *Stepper[T]) HeadsLoss() float64 {
	var sum float64
	for _, l := range s.heads {
		sum += float64(l)
	}
	return sum
}
