package imageio

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Kind says what a file is. The zero value says that this is not known.
type Kind struct {
	Name     string   // short, as package image names its formats: "jpeg", "heic", "html"
	What     string   // with an article: "an HEIC photograph"
	Advice   string   // what to do with it: "convert it to PNG or JPEG"
	Suffixes []string // of the names of such files: ".heic"
}

const convert = "convert it to PNG or JPEG"

// signatures start files. A '?' stands for any byte.
var signatures = []struct {
	start string
	kind  Kind
}{
	{"\x89PNG\r\n\x1a\n", Kind{"png", "a PNG picture", convert, []string{".png"}}},
	{"\xff\xd8\xff", Kind{"jpeg", "a JPEG picture", convert, []string{".jpg", ".jpeg", ".jpe", ".jfif"}}},
	{"GIF87a", Kind{"gif", "a GIF picture", convert, []string{".gif"}}},
	{"GIF89a", Kind{"gif", "a GIF picture", convert, []string{".gif"}}},
	{"RIFF????WEBP", Kind{"webp", "a WebP picture", convert, []string{".webp"}}},
	{"II*\x00????CR", Kind{"cr2", "a raw photograph of a Canon camera", "develop it to PNG or JPEG", []string{".cr2"}}},
	{"II*\x00", Kind{"tiff", "a TIFF picture", convert, []string{".tif", ".tiff"}}},
	{"MM\x00*", Kind{"tiff", "a TIFF picture", convert, []string{".tif", ".tiff"}}},
	{"II+\x00\x08\x00\x00\x00", Kind{"tiff", "a BigTIFF picture", convert, []string{".tif", ".tiff", ".btf", ".tf8"}}},
	{"MM\x00+\x00\x08\x00\x00", Kind{"tiff", "a BigTIFF picture", convert, []string{".tif", ".tiff", ".btf", ".tf8"}}},
	{"BM????\x00\x00\x00\x00", Kind{"bmp", "a BMP picture", convert, []string{".bmp", ".dib"}}},
	{"(\x00\x00\x00????????\x01\x00", Kind{"dib", "a BMP picture without its file header (DIB)", convert, []string{".dib"}}},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", Kind{"jp2", "a JPEG 2000 picture", convert, []string{".jp2", ".jpf", ".jpx"}}},
	{"\xff\x4f\xff\x51", Kind{"j2k", "a JPEG 2000 codestream", convert, []string{".j2k", ".j2c", ".jpc"}}},
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", Kind{"jxl", "a JPEG XL picture", convert, []string{".jxl"}}},
	{"\xff\x0a", Kind{"jxl", "a JPEG XL picture", convert, []string{".jxl"}}},
	{"II\xbc", Kind{"jxr", "a JPEG XR picture", convert, []string{".jxr", ".wdp", ".hdp"}}},
	{"8BPS", Kind{"psd", "a Photoshop document", "export it as PNG", []string{".psd", ".psb"}}},
	{"gimp xcf", Kind{"xcf", "a GIMP document", "export it as PNG", []string{".xcf"}}},
	{"\x76\x2f\x31\x01", Kind{"exr", "an OpenEXR picture", "convert it to PNG of 8 or 16 bits", []string{".exr"}}},
	{"#?RADIANCE", Kind{"hdr", "a Radiance HDR picture", "convert it to PNG of 8 or 16 bits", []string{".hdr"}}},
	{"qoif", Kind{"qoi", "a QOI picture", convert, []string{".qoi"}}},
	{"DDS ", Kind{"dds", "a DirectDraw texture", convert, []string{".dds"}}},
	{"SIMPLE  =", Kind{"fits", "a FITS picture", "convert it to PNG of 8 or 16 bits", []string{".fits", ".fit"}}},
	{"\x00\x00\x01\x00", Kind{"ico", "a Windows icon", convert, []string{".ico"}}},
	{"FUJIFILMCCD-RAW", Kind{"raf", "a raw photograph of a Fujifilm camera", "develop it to PNG or JPEG", []string{".raf"}}},
	{"\x93NUMPY", Kind{"npy", "a NumPy array", "save it as PNG", []string{".npy"}}},
	{"\x89HDF\r\n\x1a\n", Kind{"hdf5", "an HDF5 file", "export its pictures as PNG", []string{".h5", ".hdf5", ".mat"}}},
	{"%PDF-", Kind{"pdf", "a PDF document", "export its pages as PNG", []string{".pdf"}}},
	{"%!PS", Kind{"ps", "a PostScript document", "export its pages as PNG", []string{".ps", ".eps"}}},
	{"PK\x03\x04", Kind{"zip", "a ZIP archive", "unpack it", []string{".zip", ".npz", ".ora"}}},
	{"\x1f\x8b", Kind{"gzip", "a gzip archive", "unpack it", []string{".gz", ".tgz"}}},
	{"7z\xbc\xaf\x27\x1c", Kind{"7z", "a 7-Zip archive", "unpack it", []string{".7z"}}},
	{"Rar!\x1a\x07", Kind{"rar", "a RAR archive", "unpack it", []string{".rar"}}},
	{"RIFF????AVI ", Kind{"avi", "an AVI video", "save its frames as PNG", []string{".avi"}}},
	{"\x1a\x45\xdf\xa3", Kind{"mkv", "a Matroska or WebM video", "save its frames as PNG", []string{".mkv", ".webm"}}},
	{"version https://git-lfs.github.com/", Kind{"git-lfs", "a Git LFS pointer", "run git lfs pull", nil}},
	{"\x00\x05\x16\x07", Kind{"appledouble", "macOS metadata of another file", "delete it", nil}},
}

// brands name what a file of the ISO base media format is (ISO/IEC 14496-12, ftyp).
var brands = []struct {
	names []string
	kind  Kind
}{
	{[]string{"avif", "avis"}, Kind{"avif", "an AVIF picture", convert, []string{".avif"}}},
	{[]string{"heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"}, Kind{"heic", "an HEIC photograph", convert, []string{".heic", ".heif", ".hif"}}},
	{[]string{"crx "}, Kind{"cr3", "a raw photograph of a Canon camera", "develop it to PNG or JPEG", []string{".cr3"}}},
	{nil, Kind{"mp4", "a video", "save its frames as PNG", []string{".mp4", ".mov", ".m4v"}}},
}

// Sniff says what a file is by its first bytes; 512 suffice. It looks at nothing else, so
// a file that is recognised may still be broken.
func Sniff(head []byte) Kind {
	for _, s := range signatures {
		if starts(head, s.start) {
			return s.kind
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		for _, b := range brands {
			if b.names == nil || slices.Contains(b.names, string(head[8:12])) {
				return b.kind
			}
		}
	}
	if len(head) >= 132 && string(head[128:132]) == "DICM" {
		return Kind{"dicom", "a DICOM file", "export its pictures as PNG", []string{".dcm"}}
	}
	if len(head) >= 3 && head[0] == 'P' && '1' <= head[1] && head[1] <= '7' && bytes.IndexByte([]byte(" \t\r\n#"), head[2]) >= 0 {
		return Kind{"pnm", "a Netpbm picture", convert, []string{".pnm", ".pbm", ".pgm", ".ppm", ".pam"}}
	}
	return sniffText(head)
}

// starts compares the start of a file with a signature.
func starts(head []byte, signature string) bool {
	if len(head) < len(signature) {
		return false
	}
	for i := range len(signature) {
		if signature[i] != '?' && signature[i] != head[i] {
			return false
		}
	}
	return true
}

// sniffText recognises text, and files without content.
func sniffText(head []byte) Kind {
	if len(head) >= 16 && len(bytes.Trim(head, "\x00")) == 0 {
		return Kind{"zeros", "a file of zero bytes, whose contents were lost", "copy it again", nil}
	}
	text := head
	for range utf8.UTFMax { // the last rune may be cut
		if utf8.Valid(text) || len(text) == 0 {
			break
		}
		text = text[:len(text)-1]
	}
	if len(text) == 0 || !utf8.Valid(text) || bytes.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1b", r) || r == 0x7f
	}) {
		return Kind{}
	}
	lower := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(text), "\ufeff"), " \t\r\n"))
	switch {
	case strings.HasPrefix(lower, "<!doctype html") || strings.HasPrefix(lower, "<html") || strings.HasPrefix(lower, "<head") || strings.HasPrefix(lower, "<body"):
		return Kind{"html", "a web page (HTML)", "download the picture itself", []string{".html", ".htm"}}
	case strings.Contains(lower, "<svg"):
		return Kind{"svg", "an SVG drawing", "export it as PNG", []string{".svg"}}
	case strings.HasPrefix(lower, "<?xml"):
		return Kind{"xml", "an XML document", "replace it by the picture", []string{".xml"}}
	case strings.HasPrefix(lower, "{") || strings.HasPrefix(lower, "["):
		return Kind{"json", "text, perhaps JSON", "replace it by the picture", []string{".json"}}
	}
	return Kind{"text", "text", "replace it by the picture", []string{".txt", ".csv", ".md"}}
}

// sniffFile also looks at the end, where a Targa file has its name.
func sniffFile(file *io.SectionReader) Kind {
	k := Sniff(head(file, 512))
	const footer = "TRUEVISION-XFILE.\x00"
	if n := uint64(file.Size()); k.Name == "" && n > 44 && string(bytesAt(file, n-uint64(len(footer)), uint64(len(footer)))) == footer {
		k = targa
	} else if k.Name == "" && looksTarga(head(file, 18)) {
		k = targa
	}
	if k.Name == "" {
		k.What = fmt.Sprintf("a file that starts with %q, unlike any format that this program knows", head(file, 8))
	}
	return k
}

var targa = Kind{"tga", "a Targa picture (TGA)", convert, []string{".tga"}}

// looksTarga checks the header of a file without a signature: a kind of pixels, the sizes
// of the picture and the bits of a pixel, in the combinations that exist.
func looksTarga(h []byte) bool {
	if len(h) < 18 {
		return false
	}
	mapped, kind, bits := h[1], h[2], h[16]
	size := h[12]|h[13] != 0 && h[14]|h[15] != 0
	switch kind {
	case 1, 9:
		return mapped == 1 && size && (bits == 8 || bits == 16)
	case 2, 10:
		return mapped == 0 && size && (bits == 15 || bits == 16 || bits == 24 || bits == 32)
	case 3, 11:
		return mapped == 0 && size && (bits == 8 || bits == 16)
	}
	return false
}

// A FormatError reports a file that no registered decoder takes. It wraps
// image.ErrFormat.
type FormatError struct {
	Kind   Kind
	suffix string // of the file's name
}

func (e *FormatError) Error() string {
	k := e.Kind
	named := ""
	if e.suffix != "" && k.Name != "" && !slices.Contains(k.Suffixes, strings.ToLower(e.suffix)) {
		named = " named " + e.suffix
	}
	switch {
	case k.Name == "":
		return fmt.Sprintf("%v: %s", image.ErrFormat, k.What)
	case k.Name == "text" || k.Name == "json":
		return fmt.Sprintf("%v: %s%s: %s", image.ErrFormat, k.What, named, k.Advice)
	}
	return fmt.Sprintf("%s%s: %s", k.What, named, k.Advice)
}

// Unwrap returns image.ErrFormat.
func (e *FormatError) Unwrap() error { return image.ErrFormat }

// suffix returns the suffix of a reader's name, if it has one.
func suffix(r io.Reader) string {
	switch f := r.(type) {
	case interface{ Name() string }:
		return filepath.Ext(f.Name())
	case interface{ Stat() (fs.FileInfo, error) }:
		if info, err := f.Stat(); err == nil {
			return filepath.Ext(info.Name())
		}
	}
	return ""
}
