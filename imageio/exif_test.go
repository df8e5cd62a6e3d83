package imageio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"testing"
)

// An exifItem is an entry of a TIFF directory.
type exifItem struct {
	tag, kind uint16
	count     uint32
	value     uint32 // for kind 3 the first two bytes
}

// exifData builds a TIFF structure whose only directory holds the items.
func exifData(order binary.AppendByteOrder, items ...exifItem) []byte {
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, uint16(len(items)))
	for _, e := range items {
		b = order.AppendUint16(b, e.tag)
		b = order.AppendUint16(b, e.kind)
		b = order.AppendUint32(b, e.count)
		if e.kind == 3 {
			b = order.AppendUint16(b, uint16(e.value))
			b = append(b, 0xff, 0xff) // what is there must not matter
		} else {
			b = order.AppendUint32(b, e.value)
		}
	}
	return order.AppendUint32(b, 0)
}

var byteOrders = []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}

// oriented is the EXIF data of an image held like that, behind another tag.
func oriented(order binary.AppendByteOrder, o uint32) []byte {
	return exifData(order, exifItem{0x0100, 4, 1, 640}, exifItem{0x0112, 3, 1, o})
}

// segment is one of a JPEG, length included.
func segment(marker byte, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(payload)))
	return append(b, payload...)
}

// withSegments puts segments behind the start of a JPEG.
func withSegments(data []byte, segments ...[]byte) []byte {
	return bytes.Join([][]byte{data[:2], bytes.Join(segments, nil), data[2:]}, nil)
}

func app1(exif []byte) []byte { return segment(0xe1, append([]byte("Exif\x00\x00"), exif...)) }

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A JPEG held in all eight ways: where its first row and its first column are to be
// seen, as CIPA DC-008 has it in the table of tag 274.
func TestDecodeOrientation(t *testing.T) {
	stored := encodeJPEG(t, noise(5, 7).ToImage())
	m, err := Decode(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	right, bottom := m.W-1, m.H-1
	for o, at := range []func(x, y int) (column, row int){
		1: func(x, y int) (int, int) { return x, y },                  // top, left
		2: func(x, y int) (int, int) { return right - x, y },          // top, right
		3: func(x, y int) (int, int) { return right - x, bottom - y }, // bottom, right
		4: func(x, y int) (int, int) { return x, bottom - y },         // bottom, left
		5: func(x, y int) (int, int) { return y, x },                  // left, top
		6: func(x, y int) (int, int) { return y, bottom - x },         // right, top
		7: func(x, y int) (int, int) { return right - y, bottom - x }, // right, bottom
		8: func(x, y int) (int, int) { return right - y, x },          // left, bottom
	} {
		if o == 0 {
			continue
		}
		for _, order := range byteOrders {
			got, err := Decode(bytes.NewReader(withSegments(stored, app1(oriented(order, uint32(o))))))
			if err != nil {
				t.Errorf("%v, orientation %d: %v", order, o, err)
				continue
			}
			w, h := 5, 7
			if o >= 5 {
				w, h = h, w
			}
			if got.W != w || got.H != h || !same(got, m, at) {
				t.Errorf("%v, orientation %d: %d×%d, want %d×%d and the pixels to match", order, o, got.W, got.H, w, h)
			}
		}
	}
}

// The data lie behind other segments; what is no EXIF data is passed over, and the
// first that are count.
func TestJPEGExif(t *testing.T) {
	stored := encodeJPEG(t, noise(5, 7).ToImage())
	six, eight := app1(oriented(binary.BigEndian, 6)), app1(oriented(binary.LittleEndian, 8))
	xmp := segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00Exif\x00\x00"))
	jfif := segment(0xe0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"))
	comment := segment(0xfe, oriented(binary.BigEndian, 3))
	for _, c := range []struct {
		what     string
		segments [][]byte
		want     int
	}{
		{"none", nil, 1},
		{"alone", [][]byte{six}, 6},
		{"behind others", [][]byte{jfif, comment, xmp, six}, 6},
		{"two", [][]byte{eight, six}, 8},
		{"behind padding", [][]byte{jfif, {0xff, 0xff, 0xff}, six}, 6},
		{"XMP alone", [][]byte{xmp}, 1},
		{"empty", [][]byte{app1(nil)}, 1},
		{"in another segment", [][]byte{segment(0xe2, six[4:])}, 1},
	} {
		data := withSegments(stored, c.segments...)
		if got := orientation("jpeg", bytesSource(data)); got != c.want {
			t.Errorf("%s: orientation %d, want %d", c.what, got, c.want)
		}
		if _, err := Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	// Behind the start of the pixels nothing is a segment any more.
	if got := orientation("jpeg", bytesSource(append(bytes.Clone(stored), six...))); got != 1 {
		t.Errorf("behind the pixels: %d", got)
	}
}

// Broken data are no data, and the image decodes as it lies there.
func TestBrokenExif(t *testing.T) {
	stored := encodeJPEG(t, noise(5, 7).ToImage())
	plain, err := Decode(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range byteOrders {
		good := oriented(order, 6)
		patched := func(at int, b ...byte) []byte {
			p := bytes.Clone(good)
			copy(p[at:], b)
			return p
		}
		broken := map[string][]byte{
			"no data":           {},
			"byte order alone":  good[:2],
			"another order":     patched(0, 'I', 'M'),
			"another number":    patched(2, 43, 43),
			"directory beyond":  patched(4, 0xff, 0xff, 0xff, 0xff),
			"directory at end":  patched(4, 0x27, 0x27, 0x27, 0x27),
			"cut in the entry":  good[:len(good)-5],
			"no entries":        patched(8, 0, 0),
			"value 0":           oriented(order, 0),
			"value 9":           oriented(order, 9),
			"value 65535":       oriented(order, 65535),
			"value 6 + 2¹⁶":     exifData(order, exifItem{0x0112, 4, 1, 1<<16 + 6}),
			"none of a value":   exifData(order, exifItem{0x0112, 3, 0, 6}),
			"two values":        exifData(order, exifItem{0x0112, 3, 2, 6}),
			"a text":            exifData(order, exifItem{0x0112, 2, 1, 6}),
			"a type of its own": exifData(order, exifItem{0x0112, 99, 1, 6}),
			"another tag":       exifData(order, exifItem{0x0111, 3, 1, 6}),
		}
		for what, exif := range broken {
			if got := exifOrientation(bytesSource(exif)); got != 1 {
				t.Errorf("%v, %s: orientation %d, want 1", order, what, got)
			}
			m, err := Decode(bytes.NewReader(withSegments(stored, app1(exif))))
			if err != nil {
				t.Errorf("%v, %s: %v", order, what, err)
			} else if m.W != 5 || !bytes.Equal(m.Pix, plain.Pix) {
				t.Errorf("%v, %s: the image is another", order, what)
			}
		}
		if got := exifOrientation(bytesSource(good)); got != 6 {
			t.Errorf("%v: orientation %d, want 6", order, got)
		}
		if got := exifOrientation(bytesSource(exifData(order, exifItem{0x0112, 4, 1, 7}))); got != 7 {
			t.Errorf("%v: in 32 bits: %d, want 7", order, got)
		}
		// More entries claimed than there are: those that are there count.
		if got := exifOrientation(bytesSource(patched(8, 0xff, 0xff))); got != 6 {
			t.Errorf("%v: cut directory: orientation %d, want 6", order, got)
		}
	}
}

// Chunks whose lengths lie, of PNG and WebP.
func TestBrokenChunks(t *testing.T) {
	exif := oriented(binary.BigEndian, 6)
	png := func(n uint32, rest []byte) []byte {
		b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x02tEXtab...."), n)
		return append(append(b, "eXIf"...), rest...)
	}
	webp := func(n uint32, rest []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte("RIFF....WEBPANIM\x03\x00\x00\x00abc.EXIF"), n)
		return append(b, rest...)
	}
	n := uint32(len(exif))
	for _, c := range []struct {
		format string
		data   []byte
		want   int
	}{
		{"png", png(n, append(exif[:n:n], "crc."...)), 6},
		{"png", png(n, exif), 1}, // no checksum
		{"png", png(n+1, append(exif[:n:n], "crc."...)), 1},
		{"png", png(1<<32-1, append(exif[:n:n], "crc."...)), 1},
		{"png", png(1<<32-12, append(exif[:n:n], "crc."...)), 1},
		{"webp", webp(n, exif), 6},
		{"webp", webp(n+6, append([]byte("Exif\x00\x00"), exif...)), 6},
		{"webp", webp(n+1, exif), 1},
		{"webp", webp(1<<32-1, exif), 1},
		{"webp", webp(1<<32-8, exif), 1},
		{"tiff", exif, 6},
		{"gif", exif, 1},
	} {
		if got := orientation(c.format, bytesSource(c.data)); got != c.want {
			t.Errorf("%s %q: orientation %d, want %d", c.format, c.data, got, c.want)
		}
	}
}

// FuzzOrientation: whatever the bytes, the answer is 1 to 8.
func FuzzOrientation(f *testing.F) {
	for i, order := range byteOrders {
		exif := oriented(order, uint32(5+i))
		f.Add("tiff", exif)
		f.Add("tiff", exif[:20])
		f.Add("jpeg", append([]byte("\xff\xd8"), app1(exif)...))
		f.Add("png", append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x26eXIf"), append(exif, "crc."...)...))
		f.Add("webp", append([]byte("RIFF....WEBPEXIF\x26\x00\x00\x00"), exif...))
	}
	for _, line := range fixture(f, "files.txt") {
		var format, data string
		var o int
		if _, err := fmt.Sscan(line, &format, &o, &data); err != nil {
			f.Fatal(err)
		}
		f.Add(format, unhex(f, data))
	}
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		if o := orientation(format, bytesSource(data)); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
