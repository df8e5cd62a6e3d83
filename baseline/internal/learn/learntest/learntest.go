// Package learntest tests detectors that train a network.
package learntest

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/dataset"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/synthetic"
)

// Parts returns drawn parts: normal ones, and as many anomalies of the kinds each. A seed
// gives other pictures.
func Parts(seed uint64, normal, anomalies int, kinds ...synthetic.Kind) dataset.Samples {
	var all dataset.Samples
	o := synthetic.Options{Scene: synthetic.Part}
	for i := range normal {
		all = append(all, o.Normal(seed, i).Sample)
	}
	for _, k := range kinds {
		for i := range anomalies {
			all = append(all, o.Anomaly(seed, i, k).Sample)
		}
	}
	return all
}

// Learns checks that training teaches a detector what it scores by: its AUROC on other images, in %,
// is at most most after one step, so that the other bound says something, and at least least after so
// many steps. It returns the last one.
func Learns[D baseline.Detector](t *testing.T, of func(steps int) D, steps int, src, other dataset.Source, most, least float64) float64 {
	t.Helper()
	first, last := AUROC(t, of(1), src, other), AUROC(t, of(steps), src, other)
	t.Logf("AUROC %.1f, then %.1f", first, last)
	if first > most {
		t.Errorf("AUROC %.1f after a step: the bound of %v after %d says nothing", first, least, steps)
	}
	if last < least {
		t.Errorf("AUROC %.1f after %d steps, want %v", last, steps, least)
	}
	return last
}

// Trains checks what holds for every detector that trains: SameBits and Stops, with so many known
// anomalies to train on.
func Trains[D baseline.Detector](t *testing.T, of func(steps int) D, known int) {
	t.Run("SameBits", func(t *testing.T) {
		SameBits(t, func() baseline.Detector { return of(3) }, Parts(1, 9, 3, synthetic.Object))
	})
	t.Run("Stops", func(t *testing.T) { Stops(t, of(0), Parts(1, 9, known, synthetic.Object)) })
}

// Refuses checks that detectors which cannot be fitted to src say so, in an error that contains want.
func Refuses(t *testing.T, src dataset.Source, want string, all ...baseline.Detector) {
	t.Helper()
	for _, d := range all {
		if err := d.Fit(context.Background(), src, baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", d, err, want)
		}
	}
}

// Normal returns a tensor of standard normal numbers.
func Normal(seed uint64, dims ...int) *autograd.Tensor[float64] {
	r := rng.New(seed)
	x := autograd.New[float64](dims...)
	for i := range x.Data() {
		x.Data()[i] = r.Norm()
	}
	return x
}

// Loss checks that f is want of the inputs, to within tolerance, and that its gradient is that of finite
// differences.
func Loss(t *testing.T, f func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64], want, tolerance float64, in ...*autograd.Tensor[float64]) {
	t.Helper()
	if got := f(autograd.NewGraph[float64](nil), in).Item(); !(math.Abs(got-want) <= tolerance) {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
}

// AUROC fits a detector to src and returns its AUROC on other images, in %.
func AUROC(t *testing.T, d baseline.Detector, src, other dataset.Source) float64 {
	t.Helper()
	p := pool.New(2)
	defer p.Close()
	if err := d.Fit(context.Background(), src, baseline.Options{Seed: 1, Pool: p, Note: func(s string) { t.Log(s) }}); err != nil {
		t.Fatal(err)
	}
	var normal, anomalous []float64
	for i := range other.Len() {
		img, err := other.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		if s := d.Score(img); other.Normal(i) {
			normal = append(normal, s)
		} else {
			anomalous = append(anomalous, s)
		}
	}
	return 100 * above(anomalous, normal)
}

// above returns the share of pairs of a and b in which a's number is the larger one; a tie
// counts as half.
func above(a, b []float64) float64 {
	sum := 0.
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				sum++
			case x == y:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(a)*len(b))
}

// SameBits fits detectors on one thread and on three, and checks that they give images the
// same scores, bit for bit. Another seed gives others.
func SameBits(t *testing.T, make func() baseline.Detector, src dataset.Source) {
	t.Helper()
	scores := func(threads int, seed uint64) (all []float64) {
		p := pool.New(threads)
		defer p.Close()
		d := make()
		if err := d.Fit(context.Background(), src, baseline.Options{Seed: seed, Pool: p}); err != nil {
			t.Fatal(err)
		}
		for i := range src.Len() {
			img, err := src.Image(i)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d.Score(img))
		}
		return all
	}
	want, got, other := scores(1, 1), scores(3, 1), scores(1, 2)
	differ := false
	for i, w := range want {
		if got[i] != w {
			t.Errorf("image %d: %v on three threads, %v on one", i, got[i], w)
		}
		differ = differ || other[i] != w
	}
	if !differ {
		t.Error("the seed has no effect")
	}
}

// Stops checks that a training ends with ctx's error, and that a detector which has not been
// fitted panics.
func Stops(t *testing.T, d baseline.Detector, src dataset.Source) {
	t.Helper()
	func() {
		defer func() {
			if text, ok := recover().(string); !ok || !strings.HasSuffix(text, d.Name()+": Score before Fit") {
				t.Errorf("before Fit: %v", text)
			}
		}()
		img, _ := src.Image(0)
		d.Score(img)
	}()
	ctx, cancel := context.WithCancelCause(context.Background())
	note := func(string) { cancel(errors.New("enough")) }
	if err := d.Fit(&noted{ctx, 3 + src.Len(), func() { note("") }}, src, baseline.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends while it trains: %v", err)
	}
}

// noted is a context that ends after it was asked a number of times.
type noted struct {
	context.Context
	left int
	end  func()
}

func (c *noted) Err() error {
	if c.left--; c.left == 0 {
		c.end()
	}
	return c.Context.Err()
}
