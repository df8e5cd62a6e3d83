package eval

import (
	"fmt"
	"math"

	"anomem/imageio"
)

// PixelPRO collects the values of any number of heatmaps for the per-region overlap
// (Bergmann et al., The MVTec Anomaly Detection Dataset, IJCV 129, 2021): the share of a
// defect's pixels that a threshold flags, in the mean over all defects, so that a large one
// does not count more than a small one. A defect is a connected part of a mask (of eight
// neighbours). Its zero value is empty and ready.
//
// Like [PixelAUROC] it counts values in bins, and takes those within a bin for equal.
type PixelPRO struct {
	// By the first 14 bits of a value in order, then by the next 12.
	blocks  [1 << 14]*[1 << 12]overlap
	normals uint64 // pixels that no mask marks
	regions int
}

// overlap is what the pixels of a bin add to the curve.
type overlap struct {
	regions float64 // the sum over defects of the shares of their pixels
	normals uint32
}

// Add adds the values of a map at the resolution of its mask, as [PixelAUROC.Add] does, with
// the same errors.
func (p *PixelPRO) Add(m *imageio.Map, mask *imageio.Mask) error {
	if err := checkMap(m, mask); err != nil {
		return err
	}
	if total := p.normals + uint64(len(m.Value)); total > math.MaxUint32 {
		return fmt.Errorf("eval: %d pixels: PRO takes %d at most", total, uint32(math.MaxUint32))
	}
	part, areas := connected(mask)
	for i, v := range m.Value {
		at := ascending(v) >> 6
		block := &p.blocks[at>>12]
		if *block == nil {
			*block = new([1 << 12]overlap)
		}
		bin := &(*block)[at&(1<<12-1)]
		if mask != nil && mask.Pix[i] {
			bin.regions += 1 / float64(areas[part[i]])
		} else {
			bin.normals++
			p.normals++
		}
	}
	p.regions += len(areas)
	return nil
}

// Area returns the area under the curve of the mean overlap against the share of the normal
// pixels that are flagged, up to the given share, over that share: from 0 to 1. The customary
// share is 0.3. The curve is linear between thresholds. It is an error if there are no
// defects or no normal pixels, or if the share is not above 0 and at most 1.
func (p *PixelPRO) Area(share float64) (float64, error) {
	if p.regions == 0 || p.normals == 0 {
		return 0, fmt.Errorf("eval: %d defects and %d normal pixels: want some of either kind", p.regions, p.normals)
	}
	if !(share > 0 && share <= 1) {
		return 0, fmt.Errorf("eval: PRO up to a share %g of the normal pixels: want one above 0, 1 at most", share)
	}
	var area, alarms, mean float64
	var flagged uint64
	var found float64
	for b := len(p.blocks) - 1; b >= 0; b-- {
		if p.blocks[b] == nil {
			continue
		}
		for i := len(p.blocks[b]) - 1; i >= 0; i-- {
			bin := p.blocks[b][i]
			if bin == (overlap{}) {
				continue
			}
			flagged += uint64(bin.normals)
			found += bin.regions
			alarmsNow, meanNow := float64(flagged)/float64(p.normals), found/float64(p.regions)
			if alarmsNow >= share {
				at := mean + (meanNow-mean)*(share-alarms)/(alarmsNow-alarms)
				return (area + (share-alarms)*(mean+at)/2) / share, nil
			}
			area += (alarmsNow - alarms) * (mean + meanNow) / 2
			alarms, mean = alarmsNow, meanNow
		}
	}
	panic("unreachable: the last bin flags all normal pixels")
}

// connected returns for each pixel that a mask marks the number of its connected part (of
// eight neighbours), and the pixels of each part. Of a nil mask there are none.
func connected(m *imageio.Mask) (part []int32, areas []int) {
	if !m.Any() {
		return nil, nil
	}
	const none = -1
	part = make([]int32, len(m.Pix))
	for i := range part {
		part[i] = none
	}
	var queue []int
	for start, marked := range m.Pix {
		if !marked || part[start] != none {
			continue
		}
		number := int32(len(areas))
		part[start] = number
		area := 0
		for queue = append(queue[:0], start); len(queue) > 0; area++ {
			at := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			x, y := at%m.W, at/m.W
			for ny := max(0, y-1); ny <= min(m.H-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(m.W-1, x+1); nx++ {
					if n := ny*m.W + nx; m.Pix[n] && part[n] == none {
						part[n] = number
						queue = append(queue, n)
					}
				}
			}
		}
		areas = append(areas, area)
	}
	return part, areas
}
