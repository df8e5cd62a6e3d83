package tiff

import "encoding/binary"

// unpredict undoes the predictor of a block's rows (TIFF 6.0, section 14, and Adobe
// Technical Note 3). It counts for LZW and Deflate alone.
func (p *picture) unpredict(data []byte, b block, rowBytes int) error {
	if p.compression != lzwCodec && p.compression != deflate && p.compression != oldDeflate {
		return nil
	}
	n := p.perBlock()
	for y := range b.h {
		row := data[y*rowBytes:][:rowBytes]
		switch {
		case p.predictor == 1:
			return nil
		case p.predictor == 2 && p.bits == 8:
			for i := n; i < len(row); i++ {
				row[i] += row[i-n]
			}
		case p.predictor == 2 && p.bits == 16:
			for i := 2 * n; i+2 <= len(row); i += 2 {
				p.order.PutUint16(row[i:], p.order.Uint16(row[i:])+p.order.Uint16(row[i-2*n:]))
			}
		case p.predictor == 2 && p.bits == 32:
			for i := 4 * n; i+4 <= len(row); i += 4 {
				p.order.PutUint32(row[i:], p.order.Uint32(row[i:])+p.order.Uint32(row[i-4*n:]))
			}
		case p.predictor == 2 && p.bits == 64:
			for i := 8 * n; i+8 <= len(row); i += 8 {
				p.order.PutUint64(row[i:], p.order.Uint64(row[i:])+p.order.Uint64(row[i-8*n:]))
			}
		case p.predictor == 3 && p.format == floats:
			p.joinFloats(row, n)
		default:
			return unsupportedf("predictor %d for samples of %d bits", p.predictor, p.bits)
		}
	}
	return nil
}

// joinFloats undoes the predictor of floating point: differences of bytes, and first the
// highest bytes of all samples, then the next.
func (p *picture) joinFloats(row []byte, n int) {
	for i := n; i < len(row); i++ {
		row[i] += row[i-n]
	}
	width := p.bits / 8
	count := len(row) / width
	parts := append([]byte(nil), row...)
	for i := range count {
		for k := range width {
			at := k
			if p.order == binary.ByteOrder(binary.LittleEndian) {
				at = width - 1 - k
			}
			row[i*width+at] = parts[k*count+i]
		}
	}
}
