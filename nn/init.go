package nn

import (
	"math"

	"anomem/nn/rng"
)

// Values is a rule that fills a parameter or buffer before training. The zero Values
// means zeros.
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

// The constant fillings.
var (
	Zeros = Values{kind: zeros} // all 0, as the zero Values
	Ones  = Values{kind: ones}  // all 1
)

// Uniform returns the uniform distribution on [-bound, bound).
func Uniform(bound float64) Values { return Values{uniform, bound} }

// Normal returns the normal distribution of mean 0 and the given standard deviation.
func Normal(std float64) Values { return Values{normal, std} }

// KaimingUniform returns the distribution from which PyTorch's nn.Linear and nn.Conv2d
// draw their first weights and biases: kaiming_uniform_ with a = √5, whose bound is
//
//	√(2/(1+a²)) · √(3/fanIn) = 1/√fanIn
//
// fanIn is the number of products that are summed for one output: in, or in·kh·kw.
func KaimingUniform(fanIn int) Values { return Uniform(inverseRoot(fanIn)) }

// KaimingNormal returns the distribution from which ResNets draw the first weights of
// their convolutions: kaiming_normal_ with mode fan_out and nonlinearity relu, of
// standard deviation √(2/fanOut). fanOut is out·kh·kw.
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

// Init fills every parameter and buffer of m with its first values. They depend only on
// seed and on the entry's name, not on the order of layers or on the machine. In
// float32 they are those of float64, rounded.
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
