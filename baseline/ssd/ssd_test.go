package ssd

import (
	"math"
	"strings"
	"testing"

	"anomem/baseline/internal/learn/learntest"
	"anomem/nn/rng"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 24, Rate: 0.06, Tau: 0.2, Clusters: 1, Copies: 3, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 60, learntest.Parts(1, 120, 0), learntest.Parts(2, 40, 40, synthetic.Object), 62, 70)
}

// Known anomalies help to tell others of their kind.
func TestFewLabels(t *testing.T) {
	src, other := learntest.Parts(1, 60, 5, synthetic.Local), learntest.Parts(2, 40, 40, synthetic.Local)
	without, with := learntest.AUROC(t, small(10), src[:60], other), learntest.AUROC(t, small(10), src, other)
	if with < without+3 {
		t.Errorf("AUROC %.1f without known anomalies, %.1f with five", without, with)
	}
}

func TestTrains(t *testing.T) {
	learntest.Trains(t, func(steps int) *Detector {
		d := small(steps)
		d.Clusters = 2
		return d
	}, 0)
}

// Two clusters far apart: the distance is that from the nearer one, by the inverse of its
// covariance. Of many rows, the covariance is hardly shrunk.
func TestClusters(t *testing.T) {
	const n, c = 4000, 3
	r := rng.New(1)
	var features []float32
	for i := range n {
		x := [c]float64{4 + 0.3*r.Norm(), 0.5 * r.Norm(), 0.2 * r.Norm()}
		if i%4 == 0 {
			x[0], x[1] = x[1], x[0]
		}
		for _, v := range x {
			features = append(features, float32(v))
		}
	}
	k, err := newClusters(features, c, 2, 1)
	if err != nil || len(k.density) != 2 {
		t.Fatalf("%v, %v", k, err)
	}
	for _, z := range [][]float32{{3, 1, 0.5}, {0.5, 4.5, -0.3}, {2, 2.5, 0}} {
		want := math.Inf(1)
		for first := range 2 {
			var rows []float64
			for i := range n {
				if (i%4 == 0) == (first == 1) {
					for _, v := range features[i*c : (i+1)*c] {
						rows = append(rows, float64(v))
					}
				}
			}
			want = min(want, mahalanobis(rows, c, z))
		}
		if got := k.nearest(z); math.Abs(got-want) > 0.02*want+0.02 {
			t.Errorf("%v: %v, want %v", z, got, want)
		}
	}
	if _, err := newClusters(features[:c], c, 2, 1); err == nil || !strings.Contains(err.Error(), "2") {
		t.Errorf("two clusters of one row: %v", err)
	}
}

// mahalanobis returns the squared distance of z from the mean of rows, by elimination.
func mahalanobis(rows []float64, c int, z []float32) float64 {
	n := len(rows) / c
	mean := make([]float64, c)
	for i, v := range rows {
		mean[i%c] += v / float64(n)
	}
	system := make([][]float64, c) // the covariance and, behind it, z less the mean
	for i := range system {
		system[i] = make([]float64, c+1)
		for j := range c {
			for k := range n {
				system[i][j] += (rows[k*c+i] - mean[i]) * (rows[k*c+j] - mean[j]) / float64(n)
			}
		}
		system[i][c] = float64(z[i]) - mean[i]
	}
	for i := range c {
		for k := range c {
			if k == i {
				continue
			}
			f := system[k][i] / system[i][i]
			for j := range system[k] {
				system[k][j] -= f * system[i][j]
			}
		}
	}
	sum := 0.
	for i, row := range system {
		sum += (float64(z[i]) - mean[i]) * row[c] / row[i]
	}
	return sum
}

func TestWidthThatIsNone(t *testing.T) {
	d := small(1)
	d.Width = 0.001
	learntest.Refuses(t, learntest.Parts(1, 3, 0), "baseline: SSD: resnet: width", d)
}
