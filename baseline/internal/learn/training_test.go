package learn

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/nn"
	"anomem/nn/optim"
)

// one is a single parameter, which starts at 0.
type one struct{ w *Tensor }

func newOne() one { return one{autograd.New[float32](1).RequireGrad()} }

func (m one) Visit(v nn.Visitor[float32], prefix string) {
	v.Entry(nn.Entry[float32]{Name: nn.Join(prefix, "w"), Tensor: m.w})
}

// towards3 is the loss (w-3)².
func (m one) towards3(g *Graph, _ int) *Tensor { return g.Sum(g.Square(g.AddConst(m.w, -3)), false) }

func TestTrainingOfSteps(t *testing.T) {
	m := newOne()
	var notes []string
	tr := Training{Name: "one", Update: optim.NewSGD(m, 0, 0), Rate: 0.25, Steps: 40, WarmUp: 100, Loss: m.towards3}
	if err := tr.Run(context.Background(), nil, func(s string) { notes = append(notes, s) }); err != nil {
		t.Fatal(err)
	}
	if w := m.w.Data()[0]; math.Abs(float64(w)-3) > 1e-3 {
		t.Errorf("w = %v", w)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "one: step 40, loss ") || !strings.HasSuffix(notes[0], " of 40 steps") {
		t.Errorf("%q", notes)
	}
}

// The schedule of a given number of steps: up over a tenth, down over the second half.
func TestFixedSchedule(t *testing.T) {
	p := (&Training{Steps: 40, WarmUp: 100}).pace(nil)
	for step, want := range map[int]float64{0: 0.1, 2: 0.55, 4: 1, 20: 1, 30: 0.5, 39: 0.05} {
		if got := p.At(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	if p.After(39) || !p.After(40) {
		t.Error("it does not end with step 40")
	}
	for steps := 1; steps < 4; steps++ {
		p := (&Training{Steps: steps, WarmUp: 100}).pace(nil)
		for step := range steps {
			if p.At(step) <= 0 {
				t.Errorf("step %d of %d has the rate %v", step, steps, p.At(step))
			}
		}
	}
}

// Of a clock on which a step takes a second, a budget of a minute holds about 60 steps, and a
// note comes each ten seconds and at the end.
func TestTrainingOfABudget(t *testing.T) {
	m := newOne()
	clock, steps, notes := time.Unix(0, 0), 0, 0
	tr := Training{Name: "one", Update: optim.NewAdam(m, 0), Rate: 0.2, Budget: time.Minute, WarmUp: 3, Now: func() time.Time { return clock }}
	tr.Loss = func(g *Graph, step int) *Tensor {
		clock = clock.Add(time.Second)
		steps++
		return m.towards3(g, step)
	}
	if err := tr.Run(context.Background(), nil, func(s string) {
		notes++
		if !strings.Contains(s, " left") {
			t.Error(s)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if steps < 55 || steps > 65 || notes < 5 || notes > 8 {
		t.Errorf("%d steps, %d notes", steps, notes)
	}
}

func TestBudget(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{0: DefaultBudget / 2, time.Minute: 30 * time.Second} {
		if got := Budget(baseline.Options{Budget: given}, 0.5); got != want {
			t.Errorf("half of %v: %v, want %v", given, got, want)
		}
	}
}

func TestTrainingEnds(t *testing.T) {
	m := newOne()
	tr := Training{Name: "one", Update: optim.NewSGD(m, 0, 0), Rate: 1e30, Steps: 40, Loss: m.towards3}
	if err := tr.Run(context.Background(), nil, nil); err == nil || !strings.Contains(err.Error(), "one: the loss of step") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tr = Training{Name: "one", Update: optim.NewSGD(m, 0, 0), Steps: 1 << 40}
	n := 0
	tr.Loss = func(g *Graph, step int) *Tensor {
		if n++; n == 5 {
			cancel()
		}
		return g.Sum(newOne().w, false)
	}
	if err := tr.Run(ctx, nil, nil); !errors.Is(err, context.Canceled) || n != 5 {
		t.Errorf("%v after %d steps", err, n)
	}
}
