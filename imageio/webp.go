package imageio

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"
)

// webpHeader is the length of what precedes the chunks of a WebP: RIFF, a length, WEBP.
const webpHeader = 12

// webpChunk returns where the contents of the first chunk of a name start, and their
// length, among the chunks between two offsets. The length is 0 if there is none. A chunk
// is a name of four bytes, a length, and contents padded to an even length.
func webpChunk(file *io.SectionReader, from, to uint64, name string) (at, n uint64) {
	const around = 8
	for at := from; at+around <= to; {
		b := bytesAt(file, at, around)
		if b == nil {
			return 0, 0
		}
		n := uint64(binary.LittleEndian.Uint32(b[4:]))
		if n > to-at-around {
			return 0, 0
		}
		if string(b[:4]) == name {
			return at + around, n
		}
		at += around + n + n%2
	}
	return 0, 0
}

// A webpFrame is the first picture of an animated WebP, as a still WebP.
type webpFrame struct {
	file   *io.SectionReader
	at     image.Point // its corner on the canvas
	canvas image.Point // the size of the canvas
}

// animatedWebP returns the first frame of an animated WebP, nil for any other file. A
// frame is a chunk ANMF (RFC 9649, section 2.7.1.2): corner and size, a duration, flags,
// and the chunks of a still picture.
func animatedWebP(file *io.SectionReader) (*webpFrame, error) {
	const (
		animated = 1 << 1 // flags of VP8X
		alpha    = 1 << 4
		perFrame = 16
	)
	b := head(file, 30)
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WEBPVP8X" || b[20]&animated == 0 {
		return nil, nil
	}
	at, n := webpChunk(file, webpHeader, uint64(file.Size()), "ANMF")
	frame := bytesAt(file, at, n)
	if len(frame) < perFrame {
		return nil, fmt.Errorf("the webp is cut off: an animation without a frame")
	}
	three := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	f := &webpFrame{
		at:     image.Pt(2*three(frame), 2*three(frame[3:])),
		canvas: image.Pt(three(b[24:])+1, three(b[27:])+1),
	}
	chunks := frame[perFrame:]
	flags := byte(0)
	if len(chunks) >= 4 && string(chunks[:4]) == "ALPH" {
		flags = alpha
	}
	still := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), flags, 0, 0, 0)
	still = append(still, frame[6:12]...) // width and height, less one
	still = append(still, chunks...)
	binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
	f.file = bytesSource(still)
	return f, nil
}
