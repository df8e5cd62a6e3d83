package tiff

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	xtiff "golang.org/x/image/tiff"

	"anomem/imageio"
)

// built packs a TIFF of one directory: shorts by their tags, and data as its only strip.
func built(order binary.AppendByteOrder, tags map[uint16]uint16, data []byte) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	all := map[uint16]uint16{256: 3, 257: 2, 258: 8, 259: 1, 262: 1, 277: 1, 278: 2, 279: uint16(len(data))}
	for tag, v := range tags {
		all[tag] = v
	}
	b = order.AppendUint16(b, uint16(len(all)+1))
	all[273] = uint16(len(b) + 12*(len(all)+1))
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		v := all[tag]
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, v)
		b = append(b, 0, 0)
	}
	return append(b, data...)
}

func TestErrors(t *testing.T) {
	data := []byte{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		what, want string
		tags       map[uint16]uint16
	}{
		{"Zstandard", "unsupported feature: compression Zstandard", map[uint16]uint16{259: 50000}},
		{"a new compression", "unsupported feature: compression number 777", map[uint16]uint16{259: 777}},
		{"old JPEG", "unsupported feature: compression JPEG of TIFF 6.0", map[uint16]uint16{259: 6}},
		{"L*a*b*", "unsupported feature: colours in CIE L*a*b*", map[uint16]uint16{262: 8}},
		{"photometric 99", "unsupported feature: photometric interpretation 99", map[uint16]uint16{262: 99}},
		{"32 bits", "unsupported feature: integers of 32 bits", map[uint16]uint16{258: 32}},
		{"a sign", "unsupported feature: 8-bit samples of format 2", map[uint16]uint16{339: 2}},
		{"a raw photograph", "unsupported feature: a raw photograph (DNG)", map[uint16]uint16{50706: 1}},
		{"other inks", "unsupported feature: other inks", map[uint16]uint16{262: 5, 277: 4, 332: 2}},
		{"fax in two dimensions", "unsupported feature: a fax of group 3", map[uint16]uint16{259: 3, 258: 1, 292: 1}},
		{"no width", "no pixels: 0×2", map[uint16]uint16{256: 0}},
		{"two samples for RGB", "2 samples a pixel for photometric interpretation 2", map[uint16]uint16{262: 2, 277: 2}},
		{"a short strip", "5 of 6 bytes of a strip or tile: unexpected EOF", map[uint16]uint16{279: 5}},
		{"too few strips", "1 of 2 strips or tiles", map[uint16]uint16{278: 1}},
		{"tiles of 0", "tiles of 0×0", map[uint16]uint16{324: 8}},
		{"a file cut off", "unexpected EOF", map[uint16]uint16{257: 20, 278: 20, 279: 60}},
	} {
		m, err := Decode(bytes.NewReader(built(binary.LittleEndian, c.tags, data)))
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.what, err, c.want)
		}
	}
	for _, b := range []string{"", "II*\x00", "IM*\x00\x08\x00\x00\x00", "II,\x00\x08\x00\x00\x00", "II+\x00\x04\x00\x00\x00........", "II*\x00\xff\xff\xff\xff"} {
		if m, err := Decode(strings.NewReader(b)); err == nil || m != nil {
			t.Errorf("%q: %v, %v", b, m, err)
		}
	}
}

// Any reader gives the same picture, and lengths of strips may be missing.
func TestReaders(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := built(order, nil, []byte{1, 2, 3, 4, 5, 6})
		m, err := Decode(io.MultiReader(bytes.NewReader(data)))
		if err != nil {
			t.Fatal(err)
		}
		if g := m.(*image.Gray); g.Rect != image.Rect(0, 0, 3, 2) || !bytes.Equal(g.Pix, []byte{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%v", g)
		}
		c, err := DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != 3 || c.Height != 2 {
			t.Errorf("%v, %v", c, err)
		}
	}
}

// What golang.org/x/image/tiff writes and reads rightly is the same picture here.
func TestAsXImage(t *testing.T) {
	r := image.Rect(0, 0, 37, 23)
	grey, grey16, rgba, nrgba, nrgba64 := image.NewGray(r), image.NewGray16(r), image.NewRGBA(r), image.NewNRGBA(r), image.NewNRGBA64(r)
	for _, pix := range [][]byte{grey.Pix, grey16.Pix, rgba.Pix, nrgba.Pix, nrgba64.Pix} {
		for i := range pix {
			pix[i] = byte(i*i*7 + i*13)
		}
	}
	for _, m := range []image.Image{grey, grey16, rgba, nrgba, nrgba64} {
		for _, o := range []*xtiff.Options{nil, {Compression: xtiff.Deflate}, {Compression: xtiff.Deflate, Predictor: true}} {
			var b bytes.Buffer
			if err := xtiff.Encode(&b, m, o); err != nil {
				t.Fatal(err)
			}
			want, err := xtiff.Decode(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Errorf("%T, %v: %v", m, o, err)
			} else if !bytes.Equal(imageio.FromImage(got).Pix, imageio.FromImage(want).Pix) {
				t.Errorf("%T, %v: other pixels", m, o)
			}
		}
	}
}

// A picture in one strip takes its own memory, that of the strip and, of a compressed strip,
// that of what the file holds: a photograph's are each of 100 MB and more.
func TestMemoryOfOneStrip(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 700, 500))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.IntN(16)) // noise, compressed to a half
	}
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	for _, c := range []xtiff.CompressionType{xtiff.Uncompressed, xtiff.Deflate} {
		var file bytes.Buffer
		if err := xtiff.Encode(&file, m, &xtiff.Options{Compression: c}); err != nil {
			t.Fatal(err)
		}
		most := uint64(2 * len(m.Pix))
		if c == xtiff.Deflate {
			most += uint64(file.Len())
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(bytes.NewReader(file.Bytes()))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err != nil || took > most+1<<17 {
			t.Errorf("compression %d, a file of %d bytes: took %d bytes, want at most %d; %v", c, file.Len(), took, most, err)
		}
	}
}

func TestFloats(t *testing.T) {
	for v, want := range map[uint16]float32{0: 0, 0x8000: 0, 1: 0x1p-24, 0x3c00: 1, 0xbc00: -1, 0x3800: 0.5, 0x7bff: 65504, 0x5bf8: 255} {
		if got := half(v); got != want {
			t.Errorf("%#x is %g, want %g", v, got, want)
		}
	}
	p := map[uint16]uint16{256: 2, 257: 1, 258: 16, 339: 3}
	for _, c := range []struct {
		a, b   uint16
		v1, v2 byte
		want   string
	}{
		{0x3800, 0x3c00, 128, 255, ""}, {0x3c00, 0x5bf8, 1, 255, ""}, {0, 0x3c00, 0, 255, ""},
		{0xbc00, 0x3c00, 0, 0, "floating point from -1 to 1"}, {0, 0x7bff, 0, 0, "floating point from 0 to 65504"},
		{0, 0x7e00, 0, 0, "no numbers"}, {0, 0x7c00, 0, 0, "to +Inf"},
	} {
		data := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, c.a), c.b)
		m, err := Decode(bytes.NewReader(built(binary.LittleEndian, p, data)))
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%x, %x: %v, want %q", c.a, c.b, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%x, %x: %v", c.a, c.b, err)
			continue
		}
		if got := imageio.FromImage(m); got.Pix[0] != c.v1 || got.Pix[3] != c.v2 {
			t.Errorf("%x, %x: %v, want %d and %d", c.a, c.b, got.Pix, c.v1, c.v2)
		}
	}
}

// FuzzDecode: nothing panics, and a picture has the size that the header says.
func FuzzDecode(f *testing.F) {
	data := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, tags := range []map[uint16]uint16{
			nil, {258: 1}, {258: 16}, {258: 12}, {262: 2, 277: 3}, {262: 2, 277: 4, 338: 2, 284: 2}, {262: 3, 320: 8}, {262: 5, 277: 4},
			{262: 6, 277: 3, 530: 2}, {259: 5, 317: 2}, {259: 8}, {259: 32773}, {258: 1, 259: 4}, {258: 1, 259: 3}, {258: 32, 339: 3}, {259: 7}, {322: 16, 323: 16, 324: 8, 325: 9},
		} {
			f.Add(built(order, tags, data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeConfig(bytes.NewReader(data))
		if err == nil && c.Width*c.Height > 1<<18 {
			t.Skip("large")
		}
		m, err2 := Decode(bytes.NewReader(data))
		if err2 != nil {
			if m != nil {
				t.Errorf("%v, %v", m, err2)
			}
			return
		}
		if err != nil || m.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
			t.Errorf("%v of %d×%d, %v", m.Bounds(), c.Width, c.Height, err)
		}
	})
}
