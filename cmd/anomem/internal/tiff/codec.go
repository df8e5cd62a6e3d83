package tiff

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// Compressions.
const (
	uncompressed = 1
	fax3         = 3
	fax4         = 4
	lzwCodec     = 5
	jpegCodec    = 7
	deflate      = 8
	packBits     = 32773
	oldDeflate   = 32946
)

// others are the names of compressions that are not read.
var others = map[uint64]string{
	2: "modified Huffman (fax)", 6: "JPEG of TIFF 6.0", 9: "JBIG", 10: "JBIG", 34661: "JBIG", 34676: "SGI Log", 34712: "JPEG 2000",
	34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}

// raw returns the size bytes of a block, decompressed.
func (p *picture) raw(b block, size int) ([]byte, error) {
	data, err := p.stored(b, size)
	if err != nil {
		return nil, err
	}
	fax := p.compression == fax3 || p.compression == fax4
	if p.reversed && !fax {
		for i, v := range data {
			data[i] = bits.Reverse8(v)
		}
	}
	if p.compression == uncompressed {
		return data, complete(len(data), size)
	}
	src := bytes.NewReader(data)
	var r io.Reader
	switch p.compression {
	case fax3, fax4:
		r, err = p.fax(src, b)
	case lzwCodec:
		l := lzw.NewReader(src, lzw.MSB, 8)
		defer l.Close()
		r = l
	case deflate, oldDeflate:
		r, err = zlib.NewReader(src)
	case packBits:
		r = &unpacker{src: src}
	default:
		name := others[p.compression]
		if name == "" {
			name = fmt.Sprint("number ", p.compression)
		}
		return nil, unsupportedf("compression %s", name)
	}
	if err != nil {
		return nil, err
	}
	return readBlock(r, size, len(data))
}

// readBlock reads size bytes, which were compressed to that many. Of a short file that claims
// a large block it allocates in proportion to what there is.
func readBlock(r io.Reader, size, compressed int) ([]byte, error) {
	const usual = 16 // photographs are hardly compressed more; a buffer that grows takes several times its size
	buf := bytes.NewBuffer(make([]byte, 0, min(size+bytes.MinRead, usual*compressed)))
	n, err := io.Copy(buf, io.LimitReader(r, int64(size)))
	if err == nil || n == int64(size) {
		err = complete(int(n), size)
	}
	return buf.Bytes(), err
}

// complete returns an error unless n bytes of a block are all of it.
func complete(n, size int) error {
	if n == size {
		return nil
	}
	return fmt.Errorf("%d of %d bytes of a strip or tile: %w", n, size, io.ErrUnexpectedEOF)
}

// fax decompresses T.4 and T.6 to bits of which 0 is white. Which of them is bright is
// for the photometric interpretation to say.
func (p *picture) fax(src io.Reader, b block) (io.Reader, error) {
	if p.bits != 1 || p.perBlock() != 1 {
		return nil, errors.New("a fax of more than one bit a pixel")
	}
	order, format, tag := ccitt.MSB, ccitt.Group4, uint16(293)
	if p.reversed {
		order = ccitt.LSB
	}
	if p.compression == fax3 {
		format, tag = ccitt.Group3, 292
	}
	options, err := p.first(tag, 0)
	if err != nil {
		return nil, err
	}
	const twoDimensional, raw = 1, 2
	if options&raw != 0 || options&twoDimensional != 0 && format == ccitt.Group3 {
		return nil, unsupported("a fax of group 3 in two dimensions, or with uncompressed parts")
	}
	return ccitt.NewReader(src, order, format, b.w, b.h, &ccitt.Options{Invert: true}), nil
}

// unpacker reads PackBits (TIFF 6.0, section 9): a byte n, and n+1 bytes as they are, or
// one that occurs 1-n times.
type unpacker struct {
	src  *bytes.Reader
	left int // bytes to come
	same bool
	b    byte
}

func (u *unpacker) Read(dst []byte) (n int, err error) {
	for n < len(dst) {
		if u.left == 0 {
			c, err := u.src.ReadByte()
			if err != nil {
				return n, err
			}
			if c == 128 {
				continue
			}
			if u.left, u.same = int(c)+1, c > 128; u.same {
				u.left = 257 - int(c)
				if u.b, err = u.src.ReadByte(); err != nil {
					return n, err
				}
			}
		}
		if !u.same {
			if u.b, err = u.src.ReadByte(); err != nil {
				return n, err
			}
		}
		dst[n] = u.b
		n++
		u.left--
	}
	return n, nil
}
