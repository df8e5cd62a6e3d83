// Package gauge measures how far some numbers of an image lie from those of the normal
// images, in standard deviations.
package gauge

import (
	"context"
	"fmt"
	"math"

	"anomem/baseline/internal/normals"
	"anomem/dataset"
)

// Gauge holds the mean and the standard deviation of each number over the normal images.
type Gauge struct{ mean, deviation []float64 }

// least is added to variances: a number in which no normal image varies, such as the width
// of images that are all alike, is measured in hundredths.
const least = 1e-4

// Fit measures each normal image of src. Its errors are those of [normals.Each] and of
// measure.
func (g *Gauge) Fit(ctx context.Context, name string, src dataset.Source, measure func(i int) ([]float64, error)) error {
	// Welford's updates: sums of squares would cancel.
	n, mean, squares := 0., []float64(nil), []float64(nil)
	err := normals.Each(ctx, name, src, func(i int) error {
		x, err := measure(i)
		if err != nil {
			return err
		}
		if mean == nil {
			mean, squares = make([]float64, len(x)), make([]float64, len(x))
		}
		n++
		for i, v := range x {
			d := v - mean[i]
			mean[i] += d / n
			squares[i] += d * (v - mean[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	g.mean, g.deviation = mean, squares
	for i, s := range squares {
		g.deviation[i] = math.Sqrt(s/n + least)
	}
	return nil
}

// Distance returns the Euclidean distance of x from the mean, each number in its standard
// deviations. It panics before Fit.
func (g *Gauge) Distance(name string, x []float64) float64 {
	if g.mean == nil {
		panic(fmt.Sprintf("baseline: %s: Score before Fit", name))
	}
	var sum float64
	for i, v := range x {
		z := (v - g.mean[i]) / g.deviation[i]
		sum += z * z
	}
	return math.Sqrt(sum)
}
