package train

import (
	"context"
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// TrainHeads is stage 2 with labels: it trains the heads of each scale on cells (eqs. 10 to
// 12) and stores them in parts. Half of each batch is normal. The other half is known
// anomalies if there are FewDefects or more, which tell better than self-labelled ones what
// an anomaly is; with fewer, it is half known and half self-labelled anomalies, or all of
// the kind there is.
//
// With HeadConfig.RotationWeight, parts.Heads learn the known anomalies alone. Other heads
// learn the self-labelled ones alone and become parts.RotationHeads, unless parts have
// these already. It is an error if a head has cells of one label only.
func TrainHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, parts *anomem.Parts[float32], cells *Cells, p *pool.Pool) error {
	return trainAllHeads(ctx, c, o, seed, parts, cells, &headPace{stored: o.Schedules}, p)
}

// trainAllHeads is TrainHeads at a pace.
func trainAllHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, parts *anomem.Parts[float32], cells *Cells, pace *headPace, p *pool.Pool) error {
	own, turned := cells, parts.RotationHeads
	if c.Head.Paired() {
		own = cells.Select(func(k int) bool { return !cells.Self[k] })
		if turned == nil {
			// Rotated copies of known anomalies are left out, too: so these heads are the
			// same whichever anomalies are known.
			known := map[int]bool{}
			for _, i := range knownOf(cells) {
				known[i] = true
			}
			others := cells.Select(func(k int) bool { return !known[cells.Image[k]] })
			var err error
			if turned, err = trainHeads(ctx, c, o, seed, others, pace, p); err != nil {
				return err
			}
		}
	}
	heads, err := trainHeads(ctx, c, o, seed, own, pace, p)
	if err != nil {
		return err
	}
	parts.Heads, parts.RotationHeads = heads, turned
	return nil
}

// trainHeads trains and returns a head for each scale.
func trainHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, cells *Cells, pace *headPace, p *pool.Pool) ([]*anomem.Head[float32], error) {
	t, err := newHeadTraining(c, o, seed, cells, p)
	if err != nil {
		return nil, err
	}
	pace.begin(t)
	for step := 0; step < t.schedule.steps(); step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.next(step); err != nil {
			return nil, err
		}
		pace.after(t, step+1)
		pace.told(step+1, t.schedule.steps())
	}
	pace.end(t)
	for s, h := range t.parts.heads {
		t.scale[s].fold(h)
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.parts.heads, nil
}

// check returns an error if a parameter is not finite. The last step may have made it so,
// and no later loss would show it.
func (t *headTraining) check() error {
	for _, e := range nn.Parameters[float32](t.parts) {
		for _, v := range e.Tensor.Data() {
			if !finite(v) {
				return fmt.Errorf("train: %s has become %v: lower the learning rate of the heads (%g)", e.Name, v, t.options.LR)
			}
		}
	}
	return nil
}

// headTraining is one training of the heads.
type headTraining struct {
	config   anomem.Config
	options  HeadOptions
	seed     uint64
	parts    heads[float32]
	cells    *Cells
	scale    []standard[float32]
	normal   []source
	known    []source // known anomalies
	ofImage  [][]int  // for each image with a known anomaly, its indices in known
	self     []source // self-labelled anomalies
	schedule schedule
	each     int // steps per epoch
	sgd      *optim.SGD[float32]
	graph    *autograd.Graph[float32]
}

// source is where a row of a batch comes from: a square, or a bag, of which the worst
// square is taken.
type source struct {
	squares []int
	worst   []int // for each scale, in this epoch
}

func newHeadTraining(c anomem.Config, o HeadOptions, seed uint64, cells *Cells, p *pool.Pool) (*headTraining, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	t := &headTraining{config: c, options: o, seed: seed, cells: cells, graph: autograd.NewGraph[float32](p)}
	bags, images := map[int]int{}, map[int]int{} // number → index in known, and in ofImage
	add := func(one source, image int) {
		i, ok := images[image]
		if !ok {
			i = len(t.ofImage)
			images[image], t.ofImage = i, append(t.ofImage, nil)
		}
		t.ofImage[i] = append(t.ofImage[i], len(t.known))
		t.known = append(t.known, one)
	}
	for k, normal := range cells.Normal {
		one := source{squares: []int{k}}
		switch bag := cells.Bag[k]; {
		case normal:
			t.normal = append(t.normal, one)
		case cells.Self[k]:
			t.self = append(t.self, one)
		case bag == 0:
			add(one, cells.Image[k])
		default:
			if i, ok := bags[bag]; ok {
				t.known[i].squares = append(t.known[i].squares, k)
				continue
			}
			bags[bag] = len(t.known)
			add(one, cells.Image[k])
		}
	}
	if len(knownOf(cells)) >= FewDefects { // images, each of which may have several views and tiles
		t.self = nil
	}
	if len(t.normal) == 0 || len(t.known)+len(t.self) == 0 {
		return nil, fmt.Errorf("train: heads need both labels: %d normal squares, %d anomalous", len(t.normal), len(t.known)+len(t.self))
	}
	whole := &anomem.Parts[float32]{}
	c.Head.RotationWeight = 0
	whole.AddHeads(c, seed)
	t.parts = heads[float32]{whole.Heads}
	for s, channels := range c.Channels() {
		t.scale = append(t.scale, standardOf(cells.Scales[s], channels))
	}
	t.each = stepsOver(max(len(t.normal), len(t.known)+len(t.self)), o.Batch)
	steps := o.Epochs * t.each
	t.schedule.Schedule = optim.Schedule{Peak: o.LR, WarmUp: min(t.each, steps/10), Steps: steps}
	t.sgd = optim.NewSGD(t.parts, o.Momentum, o.WeightDecay)
	return t, nil
}

// stepsOver returns the number of steps in an epoch of head training. rows is the size of
// the larger label, which half of each batch is drawn from. Heads learn many rows as well
// in MostHeadSteps.
func stepsOver(rows, batch int) int { return max(1, min(2*rows/batch, MostHeadSteps)) }

// MostHeadSteps bounds the steps of an epoch of head training.
const MostHeadSteps = 160

// next makes one step, by the gradient of eq. 12 on a batch.
func (t *headTraining) next(step int) error {
	if step%t.each == 0 {
		t.findWorst()
	}
	defer t.graph.Reset()
	g := t.graph
	r := rng.New(t.seed, rng.Name("heads"), uint64(step))
	half := max(1, t.options.Batch/2)
	normal := make([]bool, 2*half)
	chosen := make([][]int, len(t.scale)) // squares, a scale each
	for i := range normal {
		var row source
		switch normal[i] = i < half; {
		case normal[i]:
			row = t.normal[r.IntN(len(t.normal))]
		case len(t.known) == 0 || len(t.self) > 0 && i%2 == 1:
			row = t.self[r.IntN(len(t.self))]
		default: // an image first, since some have more squares than others
			of := t.ofImage[r.IntN(len(t.ofImage))]
			row = t.known[of[r.IntN(len(of))]]
		}
		for s := range chosen {
			chosen[s] = append(chosen[s], row.worst[s])
		}
	}
	t.sgd.ZeroGrad()
	var inputs []*autograd.Tensor[float32]
	for s := range t.scale {
		inputs = append(inputs, t.input(g, s, chosen[s]))
	}
	if v := t.parts.gradient(g, inputs, normal, t.options.Margin); !finite(v) {
		return fmt.Errorf("train: heads: step %d: the loss is %v: lower their learning rate (%g)", step, v, t.options.LR)
	}
	t.sgd.Step(t.schedule.At(step))
	return nil
}

// input returns the standardised cells of squares at scale s, [N Side Side C].
func (t *headTraining) input(g *autograd.Graph[float32], s int, squares []int) *autograd.Tensor[float32] {
	side, c := t.config.Head.Side(), len(t.scale[s].mean)
	x := g.NewTensor(len(squares), side, side, c)
	n := side * side * c
	for i, k := range squares {
		t.scale[s].apply(x.Data()[i*n:(i+1)*n], t.cells.row(s, k))
	}
	return x
}

// findWorst finds, for each source and scale, the square to which the head now gives the
// largest distance.
func (t *headTraining) findWorst() {
	for _, sources := range [][]source{t.normal, t.known, t.self} {
		for i := range sources {
			sources[i].worst = sources[i].worst[:0]
			for s := range t.scale {
				sources[i].worst = append(sources[i].worst, t.worstOf(s, sources[i].squares))
			}
		}
	}
}

// worstOf returns the one of squares with the largest distance at scale s.
func (t *headTraining) worstOf(s int, squares []int) int {
	if len(squares) == 1 {
		return squares[0]
	}
	defer t.graph.Reset()
	var d *autograd.Tensor[float32]
	t.graph.NoGrad(func() { d = t.parts.heads[s].Cells(t.graph, t.input(t.graph, s, squares)) })
	worst := 0
	for i, v := range d.Data() {
		if v > d.Data()[worst] {
			worst = i
		}
	}
	return squares[worst]
}

// heads holds the parameters that stage 2 trains, a head for each scale.
type heads[T nn.Float] struct{ heads []*anomem.Head[T] }

// gradient adds the gradient of eq. 12 on inputs [N Side Side C] of each scale, and returns
// its value.
func (h heads[T]) gradient(g *autograd.Graph[T], inputs []*autograd.Tensor[T], normal []bool, margin float64) T {
	var distances []*autograd.Tensor[T]
	for s, head := range h.heads {
		distances = append(distances, head.Cells(g, inputs[s]))
	}
	l := loss.Supervised(g, distances, normal, margin)
	g.Backward(l)
	return l.Item()
}

func (h heads[T]) Visit(v nn.Visitor[T], prefix string) {
	for s, head := range h.heads {
		head.Visit(v, nn.Join(prefix, fmt.Sprintf("head.%d", s)))
	}
}
