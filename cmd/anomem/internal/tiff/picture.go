package tiff

import (
	"errors"
	"fmt"
	"io"
)

// Photometric interpretations (TIFF 6.0, sections 8, 16 and 21).
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgb         = 2
	palette     = 3
	cmyk        = 5
	ycbcr       = 6
)

// Sample formats (section 19).
const (
	unsigned = 1
	floats   = 3
)

// maxPixels bounds what is allocated, as imageio.MaxPixels.
const maxPixels = 1 << 27

// A picture is the first of a file, described by its directory.
type picture struct {
	*directory
	width, height int
	photometric   uint64
	compression   uint64
	samples       int // of a pixel
	bits          int // of a sample
	format        uint64
	planar        bool // each sample in blocks of its own
	predictor     uint64
	reversed      bool // the first bit of a byte is the lowest

	blockWidth, blockHeight int // of a strip or tile
	tiled                   bool
	across, down            int // blocks
	offsets, counts         []uint64
}

func openPicture(r io.Reader) (*picture, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	d, err := readDirectory(f)
	if err != nil {
		return nil, err
	}
	p := &picture{directory: d}
	for _, read := range []func() error{p.readSize, p.readPixels, p.readBlocks} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// numbers reads the first values of tags. A tag without a default must be there.
func (p *picture) numbers(tags ...number) error {
	for _, t := range tags {
		v, err := p.first(t.tag, t.absent)
		if err != nil {
			return err
		}
		*t.to = v
	}
	return nil
}

type number struct {
	tag    uint16
	to     *uint64
	absent uint64
}

func (p *picture) readSize() error {
	const dngVersion = 50706
	if _, ok := p.entry[dngVersion]; ok {
		return unsupported("a raw photograph (DNG)")
	}
	var w, h uint64
	if err := p.numbers(number{256, &w, 0}, number{257, &h, 0}); err != nil {
		return err
	}
	if w == 0 || h == 0 {
		return fmt.Errorf("no pixels: %d×%d", w, h)
	}
	if w >= 1<<31 || h >= 1<<31 {
		return fmt.Errorf("%d×%d pixels", w, h)
	}
	p.width, p.height = int(w), int(h)
	return nil
}

func (p *picture) readPixels() error {
	var samples, planar, order, inks uint64
	err := p.numbers(
		number{262, &p.photometric, whiteIsZero}, number{259, &p.compression, uncompressed},
		number{277, &samples, 1}, number{284, &planar, 1}, number{317, &p.predictor, 1},
		number{266, &order, 1}, number{332, &inks, 1},
	)
	if err != nil {
		return err
	}
	bits, err := p.uints(258, 16)
	if err != nil {
		return err
	}
	if len(bits) == 0 {
		bits = []uint64{1}
	}
	if _, ok := p.entry[277]; !ok {
		samples = uint64(len(bits))
	}
	if samples < 1 || samples > 16 {
		return unsupportedf("%d samples a pixel", samples)
	}
	for _, b := range bits {
		if b != bits[0] {
			return unsupportedf("samples of %d bits", bits)
		}
	}
	formats, err := p.uints(339, 16)
	if err != nil {
		return err
	}
	p.format = unsigned
	for _, f := range formats {
		if p.format = f; f != formats[0] {
			return unsupportedf("samples of the formats %d", formats)
		}
	}
	if p.compression == 0 {
		p.compression = uncompressed // some programs write it
	}
	p.samples, p.bits = int(samples), int(min(bits[0], 1<<16))
	p.planar, p.reversed = planar == 2 && samples > 1, order == 2
	return p.checkPixels(inks)
}

// checkPixels refuses what this package does not read.
func (p *picture) checkPixels(inks uint64) error {
	least, ok := map[uint64]int{whiteIsZero: 1, blackIsZero: 1, rgb: 3, palette: 1, cmyk: 4, ycbcr: 3}[p.photometric]
	switch {
	case !ok:
		name := map[uint64]string{4: "a transparency mask", 8: "colours in CIE L*a*b*", 9: "colours in ICC L*a*b*", 10: "colours in ITU L*a*b*",
			32803: "a raw photograph (colour filter array)", 32844: "colours in LogL", 32845: "colours in LogLuv", 34892: "a raw photograph"}[p.photometric]
		if name == "" {
			name = fmt.Sprintf("photometric interpretation %d", p.photometric)
		}
		return unsupported(name)
	case p.samples < least:
		return fmt.Errorf("%d samples a pixel for photometric interpretation %d", p.samples, p.photometric)
	case p.photometric == cmyk && inks != 1:
		return unsupported("other inks than cyan, magenta, yellow and black")
	case p.format == floats && (p.bits == 16 || p.bits == 32 || p.bits == 64) && (p.photometric == blackIsZero || p.photometric == rgb):
	case p.format != unsigned && p.format != 4: // 4: undefined
		return unsupportedf("%d-bit samples of format %d", p.bits, p.format)
	case p.bits < 1:
		return errors.New("samples of no bits")
	case p.bits > 16:
		return unsupportedf("integers of %d bits", p.bits)
	case p.photometric == palette && p.bits > 8:
		return unsupportedf("a palette for samples of %d bits", p.bits)
	case (p.photometric == ycbcr || p.compression == jpegCodec) && p.bits != 8:
		return unsupportedf("YCbCr or JPEG of %d bits", p.bits)
	}
	return nil
}

// kept returns how many samples of a pixel count: colours, and a transparency.
func (p *picture) kept() (n int, premultiplied bool, err error) {
	colours := map[uint64]int{rgb: 3, cmyk: 4, ycbcr: 3}[p.photometric]
	if colours == 0 {
		colours = 1
	}
	extra, err := p.uints(338, 1)
	if err != nil {
		return 0, false, err
	}
	if p.samples > colours && len(extra) > 0 && (p.photometric <= rgb) && (extra[0] == 1 || extra[0] == 2) {
		return colours + 1, extra[0] == 1, nil
	}
	return colours, false, nil
}
