package tiff

import (
	"errors"
	"fmt"
)

func (p *picture) readBlocks() error {
	offsetTag, countTag := uint16(273), uint16(279)
	p.blockWidth, p.blockHeight = p.width, p.height
	if _, p.tiled = p.entry[324]; p.tiled {
		offsetTag, countTag = 324, 325
		var w, h uint64
		if err := p.numbers(number{322, &w, 0}, number{323, &h, 0}); err != nil {
			return err
		}
		if w < 1 || h < 1 || w > 1<<16 || h > 1<<16 || w*h > maxPixels {
			return fmt.Errorf("tiles of %d×%d", w, h)
		}
		p.blockWidth, p.blockHeight = int(w), int(h)
	} else {
		rows, err := p.first(278, 0)
		if err != nil {
			return err
		}
		if rows > 0 && rows < uint64(p.height) {
			p.blockHeight = int(rows)
		}
	}
	p.across = (p.width + p.blockWidth - 1) / p.blockWidth
	p.down = (p.height + p.blockHeight - 1) / p.blockHeight
	n := uint64(p.across) * uint64(p.down)
	if p.planar {
		n *= uint64(p.samples)
	}
	var err error
	if p.offsets, err = p.uints(offsetTag, n); err != nil {
		return err
	}
	if p.counts, err = p.uints(countTag, n); err != nil {
		return err
	}
	if uint64(len(p.offsets)) < n {
		return fmt.Errorf("%d of %d strips or tiles", len(p.offsets), n)
	}
	if uint64(len(p.counts)) < n && p.compression != uncompressed {
		return errors.New("the lengths of strips or tiles are missing")
	}
	return nil
}

// A block is a strip or tile: the part of the picture that it covers, which does not end
// where the picture does if it is a tile.
type block struct {
	i          int // among all
	x, y, w, h int
	plane      int // the sample that it holds, if each has blocks of its own
}

// each calls f for all blocks, in the order of the file.
func (p *picture) each(f func(b block) error) error {
	planes := 1
	if p.planar {
		planes = p.samples
	}
	for i := range planes * p.across * p.down {
		j := i % (p.across * p.down)
		b := block{i: i, plane: i / (p.across * p.down), w: p.blockWidth, h: p.blockHeight}
		b.x, b.y = j%p.across*b.w, j/p.across*b.h
		if !p.tiled {
			b.h = min(b.h, p.height-b.y)
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// perBlock returns the samples of a pixel in each block.
func (p *picture) perBlock() int {
	if p.planar {
		return 1
	}
	return p.samples
}

// stored returns the bytes of a block as they are in the file, at most those that the
// file has of an uncompressed one.
func (p *picture) stored(b block, size int) ([]byte, error) {
	n := uint64(size)
	if b.i < len(p.counts) && (p.compression != uncompressed || p.counts[b.i] < n) {
		n = p.counts[b.i]
	}
	return bytesAt(p.file, p.offsets[b.i], n)
}
