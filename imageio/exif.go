package imageio

import (
	"bytes"
	"encoding/binary"
)

// orientation returns the EXIF orientation of an image file, 1 to 8. It returns 1 if the
// file has no EXIF data or broken ones, beside which the pixels may be sound.
func orientation(format string, data []byte) int {
	switch format {
	case "jpeg":
		return exifOrientation(jpegExif(data))
	case "png":
		return exifOrientation(pngExif(data))
	case "webp":
		return exifOrientation(webpExif(data))
	case "tiff":
		return exifOrientation(data) // EXIF data are a TIFF without pixels
	}
	return 1
}

// jpegExif returns the EXIF data of a JPEG: the first segment APP1 that starts with
// their name (CIPA DC-008, section 4.7.2), or nil.
func jpegExif(data []byte) []byte {
	const (
		app1 = 0xe1
		sos  = 0xda // the pixels start
	)
	if len(data) < 2 {
		return nil
	}
	data = data[2:] // SOI
	for len(data) >= 4 && data[0] == 0xff {
		marker := data[1]
		if marker == 0xff { // padding
			data = data[1:]
			continue
		}
		n := 2 + int(binary.BigEndian.Uint16(data[2:]))
		if marker == sos || n < 4 || n > len(data) {
			return nil
		}
		if exif, ok := bytes.CutPrefix(data[4:n], []byte("Exif\x00\x00")); ok && marker == app1 {
			return exif
		}
		data = data[n:]
	}
	return nil
}

// pngExif returns the chunk eXIf of a PNG, or nil.
func pngExif(data []byte) []byte {
	const signature, around = 8, 12 // length, type and checksum of a chunk
	for at := uint64(signature); at+around <= uint64(len(data)); {
		n := uint64(binary.BigEndian.Uint32(data[at:]))
		if n > uint64(len(data))-at-around {
			return nil
		}
		if string(data[at+4:at+8]) == "eXIf" {
			return data[at+8 : at+8+n]
		}
		at += around + n
	}
	return nil
}

// webpExif returns the chunk EXIF of a WebP, or nil. Some programs start it with the
// name that JPEG has.
func webpExif(data []byte) []byte {
	const signature, around = 12, 8 // type and length of a chunk
	for at := uint64(signature); at+around <= uint64(len(data)); {
		n := uint64(binary.LittleEndian.Uint32(data[at+4:]))
		if n > uint64(len(data))-at-around {
			return nil
		}
		if string(data[at:at+4]) == "EXIF" {
			exif := data[at+8 : at+8+n]
			return bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
		}
		at += around + n + n%2
	}
	return nil
}

// exifOrientation reads the orientation from a TIFF structure (TIFF 6.0, section 2):
// byte order, 42 and the offset of the first directory; there, the number of entries and
// 12 bytes for each: tag, type, count, value. It returns 1 if there is none.
func exifOrientation(tiff []byte) int {
	const (
		tag             = 0x0112
		short, long     = 3, 4
		header, perItem = 8, 12
	)
	if len(tiff) < header {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	items := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(items) < perItem {
			break
		}
		if order.Uint16(items) == tag {
			value := uint32(0)
			switch order.Uint16(items[2:]) {
			case short:
				value = uint32(order.Uint16(items[8:]))
			case long: // against the standard, but some programs write it
				value = order.Uint32(items[8:])
			}
			if order.Uint32(items[4:]) != 1 || value < 1 || value > 8 {
				return 1
			}
			return int(value)
		}
		items = items[perItem:]
	}
	return 1
}
