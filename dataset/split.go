package dataset

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"anomem/nn/rng"
)

// Train returns the indices of the items that training may use: those that are Labelled
// and not of the test split.
func (d *Dataset) Train() []int {
	return d.where(func(it *Item) bool { return it.Labelled && it.Split != Test })
}

// Test returns the indices of the items of the test split.
func (d *Dataset) Test() []int {
	return d.where(func(it *Item) bool { return it.Split == Test })
}

// where returns the indices of the items that satisfy holds.
func (d *Dataset) where(holds func(*Item) bool) []int {
	var items []int
	for i := range d.Items {
		if holds(&d.Items[i]) {
			items = append(items, i)
		}
	}
	return items
}

// HoldOut splits items in two: held is at least share of the normal images, for
// calibration, and rest is all others. Both keep the order of items. The choice depends
// on seed and on the order of items alone.
//
// A group is held out whole or not at all. A group with an anomaly stays, because the
// anomaly is worth more to training. Groups are taken in random order until ⌈share·n⌉ of
// the n normal images are held. A group that would leave no normal image is passed over,
// so large groups may give fewer. share counts as the shortest decimal that parses to it.
//
// It fails if share is not in [0, 1), if items has no normal image, or if none can be
// held out though share is positive.
func (d *Dataset) HoldOut(items []int, share float64, seed uint64) (rest, held []int, err error) {
	if err := checkShare(share); err != nil {
		return nil, nil, err
	}
	_, normals := d.groups(items)
	return d.holdOut(items, ceil(times(share, normals)), seed)
}

// checkShare returns an error unless a share to hold out is in [0, 1).
func checkShare(share float64) error {
	if !(share >= 0 && share < 1) {
		return fmt.Errorf("dataset: share %v to hold out is not in [0, 1)", share)
	}
	return nil
}

// holdOut is HoldOut for a number of normal images.
func (d *Dataset) holdOut(items []int, want int, seed uint64) (rest, held []int, err error) {
	groups, normals := d.groups(items)
	if normals == 0 {
		return nil, nil, errors.New("dataset: no normal images to train on")
	}
	stream := rng.New(seed, rng.Name("hold out"))
	taken := make([]bool, len(d.Items))
	n := 0
	for _, g := range stream.Perm(len(groups)) {
		if n >= want {
			break
		}
		if n+len(groups[g]) == normals {
			continue
		}
		for _, i := range groups[g] {
			taken[i] = true
		}
		n += len(groups[g])
	}
	if want > 0 && n == 0 {
		return nil, nil, fmt.Errorf("dataset: nothing to hold out for calibration: "+
			"the %d normal images are too few, in one group, or in groups with anomalies", normals)
	}
	for _, i := range items {
		if taken[i] {
			held = append(held, i)
		} else {
			rest = append(rest, i)
		}
	}
	return rest, held, nil
}

// groups returns the normal images of each group without an anomaly, by their first
// images, and the number of all normal images of items.
func (d *Dataset) groups(items []int) (groups [][]int, normals int) {
	mixed := map[string]bool{}
	for _, i := range items {
		if it := &d.Items[i]; !it.Normal && it.Group != "" {
			mixed[it.Group] = true
		}
	}
	number := map[string]int{}
	for _, i := range items {
		it := &d.Items[i]
		if !it.Normal {
			continue
		}
		normals++
		if mixed[it.Group] {
			continue
		}
		g, known := number[it.Group]
		if !known || it.Group == "" {
			g = len(groups)
			groups = append(groups, nil)
			number[it.Group] = g
		}
		groups[g] = append(groups[g], i)
	}
	return groups, normals
}

// KnownAt returns the number of known anomalies that, beside n normal images, make up the
// share gamma of all: ⌊γ·n/(1−γ)⌋. It is exact for gamma as the shortest decimal that
// parses to it. It panics unless 0 ≤ gamma < 1 and n ≥ 0.
func KnownAt(gamma float64, n int) int {
	if !(gamma >= 0 && gamma < 1) || n < 0 {
		panic(fmt.Sprintf("dataset: KnownAt: ratio %v beside %d", gamma, n))
	}
	m := times(gamma, n)
	m.Quo(m, new(big.Rat).Sub(big.NewRat(1, 1), decimal(gamma)))
	return int(new(big.Int).Quo(m.Num(), m.Denom()).Int64())
}

// decimal returns x, which is finite, as its shortest decimal, in which 0.3·7 is 2.1.
func decimal(x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	return r
}

// times returns share·n, with share as its shortest decimal.
func times(share float64, n int) *big.Rat {
	return new(big.Rat).Mul(decimal(share), new(big.Rat).SetInt64(int64(n)))
}

// ceil returns ⌈x⌉ for x ≥ 0.
func ceil(x *big.Rat) int {
	n, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	return int(n.Int64()) + rest.Sign()
}

// DrawKnown draws m of the anomalies outside the test split, of one class or, for "", of
// all, and returns their indices in ascending order. Those of Options.Defects are not drawn.
// With one seed, a smaller m draws a subset of what a larger m draws. It fails if there are
// fewer than m.
func (d *Dataset) DrawKnown(m int, class string, seed uint64) ([]int, error) {
	from := d.drawable(class)
	of := "all classes"
	if class != "" {
		of = fmt.Sprintf("class %q", class)
	}
	if m < 0 || m > len(from) {
		return nil, fmt.Errorf("dataset: %d known anomalies were asked for: %s of %s has %d outside the test split", m, d.Name, of, len(from))
	}
	drawn := make([]int, m)
	stream := rng.New(seed, rng.Name("known anomalies"))
	for k := range drawn { // Fisher and Yates, from the front
		j := k + stream.IntN(len(from)-k)
		from[k], from[j] = from[j], from[k]
		drawn[k] = from[k]
	}
	slices.Sort(drawn)
	return drawn, nil
}

// drawable returns the indices of the anomalies that DrawKnown draws from.
func (d *Dataset) drawable(class string) []int {
	return d.where(func(it *Item) bool {
		return !it.Normal && !it.defect && it.Split != Test && (class == "" || it.Class == class)
	})
}

// Label makes the anomalies with these indices known, and all others unknown.
func (d *Dataset) Label(anomalies []int) {
	for i := range d.Items {
		d.Items[i].Labelled = d.Items[i].Normal
	}
	for _, i := range anomalies {
		d.Items[i].Labelled = true
	}
}
