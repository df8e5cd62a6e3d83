package reversedistillation

import (
	"context"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn/learntest"
	"anomem/nn"
	"anomem/synthetic"
)

const encoder = "../../testdata/resnet/resnet18-small.safetensors"

func small(steps int) *Detector {
	return New(Config{Encoder: encoder, Size: 32, Batch: 8, Rate: 0.005, Sigma: 4, Steps: steps})
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 150, learntest.Parts(1, 60, 0), learntest.Parts(2, 25, 25, synthetic.Object), 62, 72)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// A unit that doubles the map is a transposed convolution of 2×2 with stride 2, by its definition:
// the sum of what each element throws onto the map.
func TestUp(t *testing.T) {
	const h, w, in, out = 2, 3, 4, 5
	u := newUp[float64](in, out)
	nn.Init(u, 1)
	x, g := learntest.Normal(2, 1, h, w, in), autograd.NewGraph[float64](nil)
	got := spread(g, u.conv.Forward(g, x))
	want := make([]float64, 4*h*w*out)
	weight := u.conv.Weight.Data() // [in 4·out], the outputs of a square row by row
	for y := range h {
		for p := range w {
			for i := range in {
				for dy := range 2 {
					for dx := range 2 {
						for o := range out {
							want[((2*y+dy)*2*w+2*p+dx)*out+o] += x.Data()[(y*w+p)*in+i] * weight[(4*i+2*dy+dx)*out+o]
						}
					}
				}
			}
		}
	}
	if s := got.Shape(); s.Dim(1) != 2*h || s.Dim(2) != 2*w || s.Dim(3) != out {
		t.Fatalf("%v", s)
	}
	for i, v := range want {
		if math.Abs(got.Data()[i]-v) > 1e-12 {
			t.Errorf("value %d is %v, want %v", i, got.Data()[i], v)
		}
	}
}

// The loss of three maps, by the definition, and its gradient.
func TestLoss(t *testing.T) {
	const n = 2
	var teacher [levels]*autograd.Tensor[float64]
	var in []*autograd.Tensor[float64]
	want := 0.
	for k := range levels {
		side, c := 4>>k, 2<<k
		teacher[k] = learntest.Normal(uint64(k), n, side, side, c)
		in = append(in, learntest.Normal(uint64(k+9), n, side, side, c))
		size := side * side * c
		want++
		for i := range n {
			var dot, a, b float64
			for j := range size {
				x, y := teacher[k].Data()[i*size+j], in[k].Data()[i*size+j]
				dot, a, b = dot+x*y, a+x*x, b+y*y
			}
			want -= dot / math.Sqrt(a*b) / n
		}
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss(g, teacher, [levels]*autograd.Tensor[float64]{in[0], in[1], in[2]})
	}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-9 {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
}

// The student's maps have the shapes of the teacher's, of either kind of block, and each parameter
// has a gradient.
func TestStudent(t *testing.T) {
	for depth, c := range map[int][4]int{18: {4, 8, 12, 16}, 50: {8, 12, 16, 20}} {
		s := newStudent[float64](architectures[depth], c)
		nn.Init(s, 1)
		var maps [levels]*autograd.Tensor[float64]
		for k := range levels {
			maps[k] = learntest.Normal(uint64(k), 2, 16>>k, 16>>k, c[k])
		}
		g := autograd.NewGraph[float64](nil)
		told := s.Forward(g, maps)
		for k, m := range told {
			if m.Shape() != maps[k].Shape() {
				t.Errorf("depth %d: map %d is %v, want %v", depth, k, m.Shape(), maps[k].Shape())
			}
		}
		g.Backward(loss(g, maps, told))
		for _, p := range nn.Parameters(s) {
			if !slices.ContainsFunc(p.Tensor.Grad(), func(v float64) bool { return v != 0 }) {
				t.Errorf("depth %d: %s has no gradient", depth, p.Name)
			}
		}
	}
}

// The score is the largest value of the map, which is as large as what the teacher sees.
func TestMap(t *testing.T) {
	src := learntest.Parts(1, 9, 0)
	d := small(2)
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	m := d.Map(src[0].Image)
	if _, most := m.Range(); m.W != 32 || m.H != 32 || float64(most) != d.Score(src[0].Image) || !(most > 0 && most < 6) {
		t.Errorf("%d×%d, at most %v, score %v", m.W, m.H, most, d.Score(src[0].Image))
	}
}

func TestSettingsThatDoNotFit(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"multiple of 8":   func(c *Config) { c.Size = 36 },
		"multiple of 32":  func(c *Config) { c.Encoder, c.Size = "", 48 },
		"batches of 0":    func(c *Config) { c.Batch = 0 },
		"sigma -1":        func(c *Config) { c.Sigma = -1 },
		"no such file":    func(c *Config) { c.Encoder = "nothing" },
		"size 4: want 0 ": func(c *Config) { c.Size = 4 },
	} {
		d := small(1)
		change(&d.Config)
		learntest.Refuses(t, learntest.Parts(1, 3, 0), want, d)
	}
}
