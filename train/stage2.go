package train

import (
	"context"
	"fmt"
	"math"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// TrainHeads is stage 2 with labels: it trains a head for each scale on the cells (eqs. 10
// to 12) and puts them into parts. Half of each batch is normal and, where there are both
// a few known anomalies and self-labelled ones, a quarter is of each; many known ones say
// better than made ones what an anomaly is, and are the other half. With HeadConfig.Turned
// the heads that parts get see the known ones alone, and others the self-labelled ones
// alone, unless parts have these already. It is an error if only one label is there.
func TrainHeads(ctx context.Context, c anomem.Config, o HeadOptions, seed uint64, parts *anomem.Parts[float32], cells *Cells, p *pool.Pool) error {
	own, turned := cells, parts.Turned
	if c.Head.Paired() {
		own = cells.Select(func(k int) bool { return !cells.Self[k] })
		if turned == nil {
			// Nor turned copies of known anomalies: these heads are the same whichever
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
	parts.Heads, parts.Turned = heads, turned
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

// paired tells whether known anomalies and turned copies have heads of their own. Where one
// head learns both, its distance cannot be held against an image's turned copies: of known
// anomalies it says nothing there. On CIFAR-10's automobile, a model of four epochs that has
// 83.2 AUROC came to 73.8, 75.3 and 84.4 by a refit on 5, 19 and 100 known anomalies with one
// head a scale, and to 82.9, 83.6 and 88.1 with two (validated on the training split).
func paired(c anomem.HeadConfig, o Options, known int) bool {
	return known > 0 && o.Turns && o.Shift.Turns() && !c.Local
}

// turnedWeight is that of the heads for turned copies: what these say counts as much as some
// known anomalies do, the less, the more of them there are. Of 5, 19 and 210 known anomalies
// of CIFAR-10's automobile the best of the weights 0.25, 0.5, 0.75, 1, 1.5, 2 and 4 are 0.75,
// 0.5 and 0.25 (85.3, 87.7 and 92.9 AUROC, validated on the training split).
func turnedWeight(known int) float64 {
	const worth = 30
	return worth / float64(worth+known)
}

// headShift is the shift of the copies that heads are trained on beside a number of known
// anomalies: heads that see many, and no others beside them, learn less from both.
func headShift(c anomem.HeadConfig, o Options, known int) augment.Shift {
	if known >= FewDefects && !paired(c, o, known) {
		return augment.None
	}
	return o.Shift
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
	c.Head.Turned = 0
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

// standard puts the channels of a scale's cells on one footing, (x - mean)/std. Deviations
// of unit vectors are small, and a linear layer's first weights expect numbers about 1.
type standard struct{ mean, inverse []float32 }

// standardOf takes them from data, rows of channels. A channel that hardly varies in it
// counts as varying by a hundredth of what channels do: what it does later must not
// outweigh all others.
func standardOf(data []float32, channels int) standard {
	sum, square := make([]float64, channels), make([]float64, channels)
	for i, v := range data {
		sum[i%channels] += float64(v)
		square[i%channels] += float64(float64(v) * float64(v))
	}
	n := float64(len(data) / channels)
	st := standard{make([]float32, channels), make([]float32, channels)}
	variance, mean := square, 0.0
	for c := range sum {
		m := sum[c] / n
		st.mean[c] = float32(m)
		variance[c] = max(0, square[c]/n-float64(m*m))
		mean += variance[c] / float64(channels)
	}
	for c, v := range variance {
		st.inverse[c] = float32(1 / math.Sqrt(v+mean/1e4+1e-12))
	}
	return st
}

func (st *standard) apply(dst, x []float32) {
	c := len(st.mean)
	for i, v := range x {
		dst[i] = (v - st.mean[i%c]) * st.inverse[i%c]
	}
}

// fold makes h give for cells as they are what it gave for standardised ones.
//
//	W·((x - m)/σ) + b = (W/σ)·x + (b - (W/σ)·m)
func (st *standard) fold(h *anomem.Head[float32]) {
	w, b, c := h.Hidden.Weight, h.Hidden.Bias, len(st.mean)
	in := w.Dim(1)
	for o := range w.Dim(0) {
		row := w.Data()[o*in : (o+1)*in]
		shift := 0.0
		for i := range row {
			row[i] *= st.inverse[i%c]
			shift += float64(float64(row[i]) * float64(st.mean[i%c]))
		}
		b.Data()[o] = float32(float64(b.Data()[o]) - shift)
	}
}
