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

// TrainHeads is stage 2 with labels: it trains a head for each scale on the cells (eqs. 10
// to 12) and puts them into parts. Half of each batch is normal and, where there are both
// a few known anomalies and self-labelled ones, a quarter is of each; many known ones say
// better than made ones what an anomaly is, and are the other half. With HeadConfig.Turned
// the heads that parts get see the known ones alone, and others the self-labelled ones
// alone, unless parts have these already. It is an error if only one label is there.
func TrainHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, parts *anomem.Parts[float32], cells *Cells, p *pool.Pool) error {
	own, turned := cells, parts.RotationHeads
	if c.Head.Paired() {
		own = cells.Select(func(k int) bool { return !cells.Self[k] })
		if turned == nil {
			// Nor rotated copies of known anomalies: these heads are the same whichever
			// known ones there are.
			known := map[int]bool{}
			for _, i := range knownOf(cells) {
				known[i] = true
			}
			others := cells.Select(func(k int) bool { return !known[cells.Image[k]] })
			var err error
			if turned, err = trainHeads(ctx, c, o, seed, others, p); err != nil {
				return err
			}
		}
	}
	heads, err := trainHeads(ctx, c, o, seed, own, p)
	if err != nil {
		return err
	}
	parts.Heads, parts.RotationHeads = heads, turned
	return nil
}

// trainHeads trains a head for each scale.
func trainHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, cells *Cells, p *pool.Pool) ([]*anomem.Head[float32], error) {
	t, err := newHeadTraining(c, o, seed, cells, p)
	if err != nil {
		return nil, err
	}
	for step := range t.schedule.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.next(step); err != nil {
			return nil, err
		}
	}
	for s, h := range t.parts.heads {
		t.scale[s].fold(h)
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.parts.heads, nil
}

// check returns an error if a head has learned nothing that a score could be: the last
// step, too, may have led to numbers that are none.
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

// headTraining is a run of stage 2.
type headTraining struct {
	config   anomem.Config
	options  HeadOptions
	seed     uint64
	parts    heads
	cells    *Cells
	scale    []standard
	normal   []source
	known    []source // anomalies
	ofImage  [][]int  // of each image, its sources of known
	self     []source // shifted copies
	schedule optim.Schedule
	each     int // steps an epoch
	sgd      *optim.SGD[float32]
	graph    *autograd.Graph[float32]
}

// source is where a row of a batch comes from: a square, or the worst one of a bag.
type source struct {
	squares []int
	worst   []int // of each scale, in this epoch
}

func newHeadTraining(c anomem.Config, o HeadOptions, seed uint64, cells *Cells, p *pool.Pool) (*headTraining, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	t := &headTraining{config: c, options: o, seed: seed, cells: cells, graph: autograd.NewGraph[float32](p)}
	bags, images := map[int]int{}, map[int]int{} // of a number, its place in known and in ofImage
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
	if len(knownOf(cells)) >= FewDefects { // images, of which there are several views and tiles
		t.self = nil
	}
	if len(t.normal) == 0 || len(t.known)+len(t.self) == 0 {
		return nil, fmt.Errorf("train: heads need both labels: %d normal squares, %d anomalous", len(t.normal), len(t.known)+len(t.self))
	}
	whole := &anomem.Parts[float32]{}
	c.Head.RotationWeight = 0
	whole.AddHeads(c, seed)
	t.parts = heads{whole.Heads}
	for s, channels := range c.Channels() {
		t.scale = append(t.scale, standardOf(cells.Scales[s], channels))
	}
	t.each = stepsOver(max(len(t.normal), len(t.known)+len(t.self)), o.Batch)
	steps := o.Epochs * t.each
	t.schedule = optim.Schedule{Peak: o.LR, WarmUp: min(t.each, steps/10), Steps: steps}
	t.sgd = optim.NewSGD[float32](t.parts, o.Momentum, o.WeightDecay)
	return t, nil
}

// stepsOver is how many steps an epoch of heads has, of the label of which there are more:
// half of each batch is of it. Many rows are as well learned from in mostSteps.
func stepsOver(rows, batch int) int { return max(1, min(2*rows/batch, mostSteps)) }

const mostSteps = 160

// next makes one step.
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
		default: // an image first, as some have more squares
			of := t.ofImage[r.IntN(len(t.ofImage))]
			row = t.known[of[r.IntN(len(of))]]
		}
		for s := range chosen {
			chosen[s] = append(chosen[s], row.worst[s])
		}
	}
	t.sgd.ZeroGrad()
	var distances []*autograd.Tensor[float32]
	for s, h := range t.parts.heads {
		distances = append(distances, h.Cells(g, t.input(g, s, chosen[s])))
	}
	l := loss.Supervised(g, distances, normal, t.options.Margin)
	g.Backward(l)
	if v := float64(l.Item()); !finite(v) {
		return fmt.Errorf("train: heads: step %d: the loss is %v: lower their learning rate (%g)", step, v, t.options.LR)
	}
	t.sgd.Step(t.schedule.At(step))
	return nil
}

// input returns the standardised cells of squares at a scale, [N Pool Pool C].
func (t *headTraining) input(g *autograd.Graph[float32], s int, squares []int) *autograd.Tensor[float32] {
	side, c := t.config.Head.Side(), len(t.scale[s].mean)
	x := g.NewTensor(len(squares), side, side, c)
	n := side * side * c
	for i, k := range squares {
		t.scale[s].apply(x.Data()[i*n:(i+1)*n], t.cells.row(s, k))
	}
	return x
}

// findWorst finds the square of each source that each head now thinks is worst.
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

// heads is what stage 2 trains, .
type heads struct{ heads []*anomem.Head[float32] }

func (h heads) Visit(v nn.Visitor[float32], prefix string) {
	for s, head := range h.heads {
		head.Visit(v, nn.Join(prefix, fmt.Sprintf("head.%d", s)))
	}
}
