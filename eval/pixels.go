package eval

import (
	"fmt"
	"math"
)

// PixelAUROC collects the values of any number of heatmaps, pixel by pixel, for one
// area under the ROC curve over all of them. Its zero value is empty and ready.
//
// It counts values in bins instead of keeping them: 10⁸ pixels, 400 MB as float32,
// take some 20 MB. A bin holds the values that agree in sign, exponent and the first
// 17 bits behind the point, so that two values that differ by more than one part in
// 131,072 are never confused. What the bins leave open is counted, too, and AUROC
// says how much it can be.
type PixelAUROC struct {
	// By the first 14 bits of a value in order, then by the next 12: [normal, anomalous].
	blocks [1 << 14]*[1 << 12][2]uint32
	n      [2]uint64
}

// Add adds the values of a map, and which of its pixels are anomalous: of a picture
// without a defect, none. Both are at the resolution of the mask; Map.Resize takes a
// coarser map there.
//
// Add returns an error, and adds nothing, if lengths differ, if a value is NaN, and
// from 2³² pixels on.
func (p *PixelAUROC) Add(values []float32, anomalous []bool) error {
	if len(values) != len(anomalous) {
		return fmt.Errorf("eval: a heatmap of %d pixels with a mask of %d", len(values), len(anomalous))
	}
	if total := p.n[0] + p.n[1] + uint64(len(values)); total > math.MaxUint32 {
		return fmt.Errorf("eval: %d pixels: pixel AUROC takes %d at most", total, uint32(math.MaxUint32))
	}
	for i, v := range values {
		if v != v {
			return fmt.Errorf("eval: value %d of a heatmap of %d is NaN", i, len(values))
		}
	}
	for i, v := range values {
		at := ascending(v) >> 6
		block := &p.blocks[at>>12]
		if *block == nil {
			*block = new([1 << 12][2]uint32)
		}
		kind := 0
		if anomalous[i] {
			kind = 1
		}
		(*block)[at&(1<<12-1)][kind]++
		p.n[kind]++
	}
	return nil
}

// ascending maps the values that are not NaN to integers in the same order, -0 to that
// of +0.
func ascending(v float32) uint32 {
	b := math.Float32bits(v + 0)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// AUROC returns the share of the pairs of an anomalous and a normal pixel in which the
// anomalous one has the higher value, pairs within a bin counted half, and the bound
// on what that changes: the exact AUROC lies within ± error. It needs pixels of
// either kind.
func (p *PixelAUROC) AUROC() (auroc, within float64, err error) {
	if p.n[0] == 0 || p.n[1] == 0 {
		return 0, 0, fmt.Errorf("eval: %d anomalous and %d normal pixels: want some of either kind", p.n[1], p.n[0])
	}
	var twice, open, below uint64
	for _, block := range p.blocks {
		if block == nil {
			continue
		}
		for _, n := range block {
			normal, anomalous := uint64(n[0]), uint64(n[1])
			twice += anomalous * (2*below + normal)
			open += anomalous * normal
			below += normal
		}
	}
	pairs := 2 * float64(p.n[0]) * float64(p.n[1])
	return float64(twice) / pairs, float64(open) / pairs, nil
}
