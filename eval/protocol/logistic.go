package protocol

import (
	"context"
	"math"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/nn/rng"
	"anomem/simd"
	"anomem/simd/pool"
)

// The training of a linear classifier, as SimCLR's linear evaluation (Chen et al., ICML 2020,
// appendix B.6): SGD with Nesterov's momentum, no weight decay, 90 epochs and a learning rate
// of 0.1 for 256 rows, in proportion to them. Few rows take more epochs.
const (
	logisticBatch    = 256
	logisticRate     = 0.1
	logisticMomentum = 0.9
	logisticEpochs   = 90
	logisticLeast    = 1000 // steps
)

// logistic is a multinomial logistic regression of standardised rows.
type logistic struct {
	mean, scale []float32 // of each feature of the rows learned from
	layer       *nn.Linear[float32]
}

// fitLogistic learns to tell the classes, 0 to classes-1, of rows of c features each. The same
// seed gives the same bits for any number of threads. It returns ctx's error once that is done.
func fitLogistic(ctx context.Context, rows []float32, c int, class []int, classes int, seed uint64, p *pool.Pool) (*logistic, error) {
	l := &logistic{layer: nn.NewLinear[float32](c, classes)}
	l.measure(rows, c)
	nn.Init(l.layer, seed)
	x := l.standard(rows)
	n := len(class)
	batch := min(logisticBatch, n)
	epoch := n / batch
	steps := max(logisticEpochs*epoch, logisticLeast)
	rate := optim.Schedule{Peak: logisticRate * float64(batch) / 256, Steps: steps}
	sgd := optim.NewSGD(l.layer, logisticMomentum, 0)
	g := autograd.NewGraph[float32](p)
	var order []int
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := step % epoch
		if at == 0 {
			r := rng.New(seed, rng.Name("protocol: linear"), uint64(step/epoch))
			order = r.Perm(n)
		}
		in, chosen := g.NewTensor(batch, c), g.Ints(batch)
		for i, k := range order[at*batch : (at+1)*batch] {
			copy(in.Data()[i*c:(i+1)*c], x[k*c:(k+1)*c])
			chosen[i] = int32(i*classes + class[k])
		}
		sgd.ZeroGrad()
		logs := g.LogSoftmax(l.layer.Forward(g, in), 1)
		g.Backward(g.Neg(g.Mean(g.GatherRows(g.Reshape(logs, batch*classes), chosen), false)))
		g.Reset()
		sgd.Step(rate.At(step))
	}
	return l, nil
}

// constant is a standard deviation below which a feature counts as the same in all rows.
const constant = 1e-6

// measure sets the mean and the scale of each feature.
func (l *logistic) measure(rows []float32, c int) {
	n := float64(len(rows) / c)
	sum, square := make([]float64, c), make([]float64, c)
	for i, v := range rows {
		sum[i%c] += float64(v)
	}
	for i, v := range rows {
		off := float64(v) - sum[i%c]/n
		square[i%c] += float64(off * off)
	}
	l.mean, l.scale = make([]float32, c), make([]float32, c)
	for k := range c {
		l.mean[k] = float32(sum[k] / n)
		if deviation := math.Sqrt(square[k] / n); deviation > constant {
			l.scale[k] = float32(1 / deviation)
		}
	}
}

// standard returns rows with mean 0 and deviation 1 of each feature; constant ones are 0.
func (l *logistic) standard(rows []float32) []float32 {
	out := make([]float32, len(rows))
	for i, v := range rows {
		k := i % len(l.mean)
		out[i] = (v - l.mean[k]) * l.scale[k]
	}
	return out
}

// classes returns the most probable class of each of rows.
func (l *logistic) classes(rows []float32) []int {
	c := len(l.mean)
	x, w, b := l.standard(rows), l.layer.Weight, l.layer.Bias.Data()
	all := make([]int, len(rows)/c)
	for i := range all {
		best := float32(math.Inf(-1))
		for k := range w.Dim(0) {
			if v := simd.Dot(w.Data()[k*c:(k+1)*c], x[i*c:(i+1)*c]) + b[k]; v > best {
				best, all[i] = v, k
			}
		}
	}
	return all
}
