package imageio

import (
	"fmt"
	"image"
	"io"
	"sync"
)

// A RangeMeter measures which values pictures of 16 bits a channel use. The zero value
// has seen none. Any number of goroutines may call Add.
type RangeMeter struct {
	Pictures int // of 16 bits
	Others   int // of 8 bits, which have no part in the range

	mu    sync.Mutex
	count [1 << 16]int64
	total int64
}

// Add decodes a picture and counts the values of all its channels that are not wholly
// transparent. Its errors are those of Decode.
func (m *RangeMeter) Add(r io.Reader) error {
	p, err := readPicture(r, nil)
	if err != nil {
		return err
	}
	src := p.stored()
	b := src.Bounds()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch src := src.(type) {
	case *image.Gray16:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			pix := src.Pix[src.PixOffset(b.Min.X, y):][:2*b.Dx()]
			for i := 0; i < len(pix); i += 2 {
				m.count[big16(pix[i:])]++
			}
		}
		m.total += int64(b.Dx()) * int64(b.Dy())
	case *image.NRGBA64, *image.RGBA64:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := straight(src.(image.RGBA64Image), x, y)
				if c.A == 0 {
					continue
				}
				for _, v := range [3]uint16{c.R, c.G, c.B} {
					m.count[v]++
				}
				m.total += 3
			}
		}
	default:
		m.Others++
		return nil
	}
	m.Pictures++
	return nil
}

// Range returns the range between two values: below the first lies at most the given
// share of all values, and above the second too. A share of 0 takes all values in; 0.0001
// leaves out the odd pixel that is dead or hot. ok is false if there is no range: no
// picture has 16 bits, or all values are one.
//
// Range panics unless 0 <= share < 0.5.
func (m *RangeMeter) Range(share float64) (r Range, ok bool) {
	if !(share >= 0 && share < 0.5) {
		panic(fmt.Sprintf("imageio: RangeMeter.Range: a share of %g", share))
	}
	if m.total == 0 {
		return Range{}, false
	}
	most := int64(share * float64(m.total))
	lo, hi := 0, len(m.count)-1
	for n := m.count[lo]; n <= most; n += m.count[lo] {
		lo++
	}
	for n := m.count[hi]; n <= most; n += m.count[hi] {
		hi--
	}
	return Range{uint16(lo), uint16(hi)}, lo < hi
}
