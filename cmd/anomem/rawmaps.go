package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"strconv"

	"anomem/describe"
	"anomem/imageio"
)

// The formats of --raw.
const (
	rawPNG = "png"
	rawNPY = "npy"
)

// newRawMaps returns a folder of the values of heatmaps.
func newRawMaps(dir, format string, c *describe.Colours) (*pictures, error) {
	if format == rawNPY {
		return newPictures(dir, ".npy", func(path string, _ *imageio.Image, heat *imageio.Map) error {
			return os.WriteFile(path, npyFile(heat), 0o666)
		})
	}
	return newPictures(dir, ".png", func(path string, _ *imageio.Image, heat *imageio.Map) error {
		lo, hi := c.Of(heat)
		file, err := grey16File(heat, lo, hi)
		if err != nil {
			return err
		}
		return os.WriteFile(path, file, 0o666)
	})
}

// grey16File returns a PNG file of a heatmap's values as 16-bit grey: 0 for values up to lo
// and for NaN, 65535 for those from hi on, straight between them. Its tEXt chunk anomem:range
// holds lo and hi.
func grey16File(heat *imageio.Map, lo, hi float32) ([]byte, error) {
	grey := image.NewGray16(image.Rect(0, 0, heat.W, heat.H))
	for i, v := range heat.Value {
		binary.BigEndian.PutUint16(grey.Pix[2*i:], grey16(v, lo, hi))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, grey); err != nil {
		return nil, err
	}
	const head = 8 + 25 // the signature and IHDR, which comes first
	number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	text := pngChunk("tEXt", "anomem:range\x00"+number(lo)+" "+number(hi))
	return append(append(file.Bytes()[:head:head], text...), file.Bytes()[head:]...), nil
}

// grey16 returns v between lo and hi as a level of 16 bits.
func grey16(v, lo, hi float32) uint16 {
	switch {
	case !(v > lo):
		return 0
	case v >= hi:
		return 65535
	}
	return uint16(65535*(float64(v)-float64(lo))/(float64(hi)-float64(lo)) + 0.5)
}

// pngChunk returns a chunk of a PNG file: length, type, data and the checksum of both.
func pngChunk(kind, data string) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// npyFile returns a heatmap as a file of NumPy, version 1.0: float32, [H W].
func npyFile(heat *imageio.Map) []byte {
	const magic = "\x93NUMPY\x01\x00"
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", heat.H, heat.W)
	// Spaces fill the head, which ends with a line break, to a multiple of 64 bytes.
	size := (len(magic) + 2 + len(head) + 1 + 63) / 64 * 64
	file := make([]byte, 0, size+4*len(heat.Value))
	file = append(file, magic...)
	file = binary.LittleEndian.AppendUint16(file, uint16(size-len(magic)-2))
	file = fmt.Appendf(file, "%-*s\n", size-len(magic)-3, head)
	file, err := binary.Append(file, binary.LittleEndian, heat.Value)
	if err != nil {
		panic(err) // they are numbers
	}
	return file
}
