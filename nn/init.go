package nn

import (
	"math"

	"anomem/nn/rng"
)

// Values says what a parameter or buffer is filled with before training. The zero
// Values is zeros.
type Values struct {
	kind  valueKind
	scale float64 // of the distribution: its bound, or its standard deviation
}

type valueKind uint8

const (
	zeros valueKind = iota
	ones
	uniform
	normal
)

// The constants, which nothing random goes into.
var (
	Zeros = Values{kind: zeros} // all 0, as the zero Values
	Ones  = Values{kind: ones}  // all 1
)

// Uniform is the uniform distribution on [-bound, bound).
func Uniform(bound float64) Values { return Values{uniform, bound} }

// Normal is the normal distribution of mean 0 and the given standard deviation.
func Normal(std float64) Values { return Values{normal, std} }

// KaimingUniform is what nn.Linear and nn.Conv2d of PyTorch start their weights
// with: kaiming_uniform_ with a = √5, whose bound is
//
//	√(2/(1+a²)) · √(3/fanIn) = 1/√fanIn
//
// and the same bound serves their biases. fanIn is the number of products that are
// summed for one output: in, or in·kh·kw.
func KaimingUniform(fanIn int) Values { return Uniform(inverseRoot(fanIn)) }

// KaimingNormal is what ResNets start their convolutions with: kaiming_normal_ with
// mode fan_out and nonlinearity relu, of standard deviation √(2/fanOut). fanOut is
// out·kh·kw.
func KaimingNormal(fanOut int) Values {
	if fanOut == 0 {
		return Normal(0)
	}
	return Normal(math.Sqrt(2 / float64(fanOut)))
}

func inverseRoot(n int) float64 {
	if n == 0 {
		return 0
	}
	return 1 / math.Sqrt(float64(n))
}

// Init fills every parameter and buffer of m with its first values. They depend on
// seed and on the entry's name, and on nothing else: not on the order of layers, nor
// on the machine. In float32 they are those of float64, rounded.
func Init[T Float](m Params[T], seed uint64) {
	for _, e := range Entries(m, "") {
		fill(e.Tensor.Data(), e.First, rng.New(seed, rng.Name("nn.Init"), rng.Name(e.Name)))
	}
}

func fill[T Float](dst []T, v Values, r rng.Stream) {
	for i := range dst {
		switch v.kind {
		case zeros:
			dst[i] = 0
		case ones:
			dst[i] = 1
		case uniform:
			dst[i] = T(v.scale * (float64(2*r.Float64()) - 1))
		case normal:
			dst[i] = T(v.scale * r.Norm())
		}
	}
}
