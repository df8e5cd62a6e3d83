package eval

import (
	"fmt"
	"math"

	"anomem/imageio"
)

// PixelAUROC collects the values of any number of heatmaps, pixel by pixel, for one
// area under the ROC curve over all of them. Its zero value is empty and ready.
//
// It counts values in bins instead of keeping them: 10⁸ pixels, 400 MB as float32,
// take some 20 MB. A bin holds the values that agree in sign, exponent and the first
// 17 bits behind the point, so that two values that differ by more than one part in
// 131,072 are never confused. AUROC returns a bound on the error that the bins make.
type PixelAUROC struct {
	// By the first 14 bits of a value in order, then by the next 12: [normal, anomalous].
	blocks [1 << 14]*[1 << 12][2]uint32
	n      [2]uint64
}

// Add adds the values of a map at the resolution of its mask, which marks the anomalous
// pixels. A nil mask is that of a normal image, with nothing marked.
//
// Add returns an error, and adds nothing, if the sizes differ, if a value is NaN, and
// from 2³² pixels on.
func (p *PixelAUROC) Add(m *imageio.Map, mask *imageio.Mask) error {
	if err := checkMap(m, mask); err != nil {
		return err
	}
	if total := p.n[0] + p.n[1] + uint64(len(m.Value)); total > math.MaxUint32 {
		return fmt.Errorf("eval: %d pixels: pixel AUROC takes %d at most", total, uint32(math.MaxUint32))
	}
	for i, v := range m.Value {
		at := ascending(v) >> 6
		block := &p.blocks[at>>12]
		if *block == nil {
			*block = new([1 << 12][2]uint32)
		}
		kind := 0
		if mask != nil && mask.Pix[i] {
			kind = 1
		}
		(*block)[at&(1<<12-1)][kind]++
		p.n[kind]++
	}
	return nil
}

// checkMap returns an error if a map has not the size of its mask, or if a value is NaN.
func checkMap(m *imageio.Map, mask *imageio.Mask) error {
	if mask != nil && (m.W != mask.W || m.H != mask.H || len(m.Value) != len(mask.Pix)) {
		return fmt.Errorf("eval: a heatmap of %d×%d, %d values, with a mask of %d×%d, %d values", m.W, m.H, len(m.Value), mask.W, mask.H, len(mask.Pix))
	}
	for i, v := range m.Value {
		if v != v {
			return fmt.Errorf("eval: value %d of a heatmap of %d is NaN", i, len(m.Value))
		}
	}
	return nil
}

// ascending maps values other than NaN to integers in the same order, and -0 to the
// integer of +0.
func ascending(v float32) uint32 {
	b := math.Float32bits(v + 0)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// AUROC returns the share of the pairs of an anomalous and a normal pixel in which the
// anomalous one has the higher value, with pairs within a bin counted half. The exact
// AUROC lies within auroc ± within. It is an error if there are no pixels of either kind.
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
