package resnet

import (
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/torchtest"
	"anomem/simd/pool"
)

var (
	long        = flag.Bool("long", false, "run the tests that take minutes")
	curveImages = flag.String("images", "", "train on the PNG images of 32×32 in DIR/CLASS/ instead of generated ones")
	curveDepth  = flag.Int("depth", 18, "of the ResNet that is trained on them")
)

const (
	curveSteps  = 200
	curveBatch  = 16
	curveSide   = 32
	curveCount  = 640 // images; the steps go round
	curveRuns   = 5
	curveChange = 6e-8
)

// TestWinogradTrains is the criterion by which training uses Winograd's algorithm:
// its loss curve over 200 steps may deviate from that of direct convolutions by at
// most twice the median deviation of five runs of the latter whose weights start
// perturbed by up to 6e-8 of themselves, a rounding error. A deviation is the root mean
// square, over the steps, of the difference of the losses. The network is a ResNet with
// the small stem at a quarter of the width.
func TestWinogradTrains(t *testing.T) {
	if !*long {
		t.Skip("trains for minutes: run with -long")
	}
	p := pool.New(0)
	defer p.Close()
	x, labels := curveData(t)
	classes := slices.Max(labels) + 1
	direct := curve(t, p, x, labels, classes, true, 0)
	t.Logf("direct: loss %.4f at step 1, mean of the last 20 %.4f", direct[0], mean(direct[curveSteps-20:]))
	if !(mean(direct[curveSteps-20:]) < 0.7*direct[0]) {
		t.Errorf("the network does not learn: the curve says nothing")
	}
	var perturbed []float64
	for run := range curveRuns {
		perturbed = append(perturbed, deviation(curve(t, p, x, labels, classes, true, run+1), direct))
	}
	t.Logf("perturbed by 6e-8, direct: deviations %.3g", perturbed)
	slices.Sort(perturbed)
	median := perturbed[curveRuns/2]
	got := deviation(curve(t, p, x, labels, classes, false, 0), direct)
	t.Logf("Winograd: deviation %.3g, %.2f of the median of direct runs, %.3g", got, got/median, median)
	if !(median > 0 && got > 0 && got <= 2*median) {
		t.Errorf("Winograd's loss curve deviates by %.3g, twice the median of direct runs is %.3g", got, 2*median)
	}
}

// curve returns the losses of a training, by the trainer's SGD.
func curve(t *testing.T, p *pool.Pool, x *autograd.Tensor[float32], labels []int, classes int, exact bool, run int) []float64 {
	t.Helper()
	net := newNet[float32](t, Config{Depth: *curveDepth, Stem: Small, Width: 0.25, Classes: classes})
	nn.Init(net, 1)
	if run > 0 {
		for _, e := range nn.Parameters(net) {
			v := e.Tensor.Data()
			for i, u := range torchtest.Formula[float64](fmt.Sprintf("%s/%d", e.Name, run), len(v)) {
				v[i] = float32(float64(v[i]) * (1 + curveChange*u))
			}
		}
	}
	nn.SetTraining(net, true)
	batch := autograd.New[float32](curveBatch, curveSide, curveSide, 3)
	tr := newTrainer(net, p, batch)
	tr.graph.SetExact(exact)
	image := batch.Len() / curveBatch
	var losses []float64
	for step := range curveSteps {
		first := step * curveBatch % len(labels)
		copy(batch.Data(), x.Data()[first*image:])
		clear(tr.oneHot.Data())
		for i, class := range labels[first : first+curveBatch] {
			tr.oneHot.Data()[i*classes+class] = 1
		}
		losses = append(losses, float64(tr.step()))
	}
	return losses
}

func deviation(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return math.Sqrt(sum / float64(len(a)))
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// curveData returns curveCount images with their classes, in [-1, 1]: generated, or
// those of the flag.
func curveData(t *testing.T) (*autograd.Tensor[float32], []int) {
	x, labels := autograd.New[float32](curveCount, curveSide, curveSide, 3), make([]int, curveCount)
	if *curveImages != "" {
		readCurveImages(t, x.Data(), labels)
		return x, labels
	}
	for i := range labels {
		labels[i] = i % 10
		drawCurveImage(x.Data()[i*curveSide*curveSide*3:][:curveSide*curveSide*3], i)
	}
	return x, labels
}

// drawCurveImage draws image i, of class i mod 10: stripes of five directions or rings,
// fine or coarse by turns, of random phase, place and colours, under noise as strong.
func drawCurveImage(pixels []float32, i int) {
	class := i % 10
	r := torchtest.Formula[float64](fmt.Sprint("image ", i), 12)
	noise := torchtest.Formula[float32](fmt.Sprint("noise ", i), len(pixels))
	angle := math.Pi * float64(class/2) / 4
	wave := 0.6 + 0.5*float64(class%2)
	for k := range pixels {
		row, col, channel := float64(k/3/curveSide), float64(k/3%curveSide), k%3
		at := row*math.Sin(angle) + col*math.Cos(angle)
		if class/2 == 4 {
			at = math.Hypot(row-16-6*r[0], col-16-6*r[1])
		}
		pixels[k] = float32(r[3+channel])/2 + float32(0.4*math.Sin(wave*at+3*r[2])*(0.5+r[6+channel]*r[6+channel])) + noise[k]/2
	}
}

func readCurveImages(t *testing.T, x []float32, labels []int) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(*curveImages, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no classes in %s: %v", *curveImages, err)
	}
	for i := range labels {
		labels[i] = i % len(folders)
		names, err := filepath.Glob(filepath.Join(folders[labels[i]], "*.png"))
		if err != nil || len(names) <= i/len(folders) {
			t.Fatalf("too few images in %s: %v", folders[labels[i]], err)
		}
		f, err := os.Open(names[i/len(folders)])
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for k := range curveSide * curveSide {
			r, g, b, _ := img.At(k%curveSide, k/curveSide).RGBA()
			for c, v := range []uint32{r, g, b} {
				x[(i*curveSide*curveSide+k)*3+c] = float32(v)/32768 - 1
			}
		}
	}
}
