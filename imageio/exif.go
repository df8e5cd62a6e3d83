package imageio

import (
	"bytes"
	"encoding/binary"
	"io"
)

// orientation returns the EXIF orientation of an image file, 1 to 8. It returns 1 if the
// file has no EXIF data or broken ones, beside which the pixels may be sound.
func orientation(format string, file *io.SectionReader) int {
	switch format {
	case "jpeg":
		return exifOrientation(bytesSource(jpegExif(file)))
	case "png":
		return exifOrientation(bytesSource(pngExif(file)))
	case "webp":
		return exifOrientation(bytesSource(webpExif(file)))
	case "tiff":
		return exifOrientation(file) // EXIF data are a TIFF without pixels
	}
	return 1
}

// jpegExif returns the EXIF data of a JPEG: the first segment APP1 that starts with
// their name (CIPA DC-008, section 4.7.2), or nil.
func jpegExif(file *io.SectionReader) []byte {
	const (
		app1 = 0xe1
		sos  = 0xda // the pixels start
		name = "Exif\x00\x00"
	)
	for at := uint64(2); ; { // after SOI
		b := bytesAt(file, at, 4)
		if b == nil || b[0] != 0xff {
			return nil
		}
		marker, n := b[1], uint64(binary.BigEndian.Uint16(b[2:]))
		if marker == 0xff { // padding
			at++
			continue
		}
		if marker == sos || n < 2 || at+2+n > uint64(file.Size()) {
			return nil
		}
		if marker == app1 {
			if exif, ok := bytes.CutPrefix(bytesAt(file, at+4, n-2), []byte(name)); ok {
				return exif
			}
		}
		at += 2 + n
	}
}

// pngExif returns the chunk eXIf of a PNG, or nil.
func pngExif(file *io.SectionReader) []byte {
	const signature, around = 8, 12 // length, type and checksum of a chunk
	size := uint64(file.Size())
	for at := uint64(signature); at+around <= size; {
		b := bytesAt(file, at, 8)
		if b == nil {
			return nil
		}
		n := uint64(binary.BigEndian.Uint32(b))
		if n > size-at-around {
			return nil
		}
		if string(b[4:]) == "eXIf" {
			return bytesAt(file, at+8, n)
		}
		at += around + n
	}
	return nil
}

// webpExif returns the chunk EXIF of a WebP, or nil. Some programs start it with the
// name that JPEG has.
func webpExif(file *io.SectionReader) []byte {
	at, n := webpChunk(file, webpHeader, uint64(file.Size()), "EXIF")
	return bytes.TrimPrefix(bytesAt(file, at, n), []byte("Exif\x00\x00"))
}

// exifOrientation reads the orientation from a TIFF structure (TIFF 6.0, section 2):
// byte order, 42 and the offset of the first directory; there, the number of entries and
// 12 bytes for each: tag, type, count, value. BigTIFF has 43, the size of its offsets, 8
// bytes for offsets and numbers, and 20 bytes for each entry. It returns 1 if there is
// none.
func exifOrientation(file *io.SectionReader) int {
	const (
		tag         = 0x0112
		short, long = 3, 4
	)
	order, items, big := exifDirectory(file)
	perItem, value := 12, 8
	if big {
		perItem, value = 20, 12
	}
	for ; len(items) >= perItem; items = items[perItem:] {
		if order.Uint16(items) != tag {
			continue
		}
		count := uint64(order.Uint32(items[4:]))
		if big {
			count = order.Uint64(items[4:])
		}
		v := uint32(0)
		switch order.Uint16(items[2:]) {
		case short:
			v = uint32(order.Uint16(items[value:]))
		case long: // against the standard, but some programs write it
			v = order.Uint32(items[value:])
		}
		if count != 1 || v < 1 || v > 8 {
			return 1
		}
		return int(v)
	}
	return 1
}

// exifDirectory returns the entries of the first directory, nil if there is none. Of more
// entries than there are it returns those that are there.
func exifDirectory(file *io.SectionReader) (order binary.ByteOrder, items []byte, big bool) {
	start := head(file, 16)
	if len(start) < 8 {
		return nil, nil, false
	}
	order = binary.LittleEndian
	switch string(start[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	case "II+\x00":
		big = true
	case "MM\x00+":
		order, big = binary.BigEndian, true
	default:
		return nil, nil, false
	}
	at, perCount, perItem := uint64(order.Uint32(start[4:])), uint64(2), uint64(12)
	if big {
		if len(start) < 16 {
			return nil, nil, false
		}
		at, perCount, perItem = order.Uint64(start[8:]), 8, 20
	}
	b := bytesAt(file, at, perCount)
	if b == nil {
		return nil, nil, false
	}
	n := uint64(order.Uint16(b))
	if big {
		n = order.Uint64(b)
	}
	at += perCount
	n = min(n, (uint64(file.Size())-at)/perItem, 1<<16)
	return order, bytesAt(file, at, n*perItem), big
}
