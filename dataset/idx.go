package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"anomem/imageio"
)

// An IDX file (LeCun, Cortes, Burges: the MNIST files) begins with two zero bytes,
// the type of its elements (8: unsigned bytes), the number of axes, and each axis as
// four bytes, the highest first.
const (
	idxLabels = 0x00000801
	idxImages = 0x00000803

	maxSide     = 1 << 16 // pixels
	maxUnpacked = 1 << 31 // bytes of one packed file, which is held in memory
)

// idxName matches the name of an image file: a prefix such as EMNIST's, the split, the
// character after "images", and .gz.
var idxName = regexp.MustCompile(`^(.*?)(train|t10k|test)-images([-.])idx3-ubyte(\.gz)?$`)

func hasIDX(f *folder) bool { return slices.ContainsFunc(f.files, idxName.MatchString) }

// readIDX reads pairs of image and label files. Classes are named by their numbers.
func readIDX(r *reader) error {
	var present [256]bool
	prefix := ""
	first := true
	seen := map[string]string{}
	for _, name := range r.dir.files {
		m := idxName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		if !first && m[1] != prefix {
			return fmt.Errorf("%s has more than one dataset, %q and %q: give each a folder", r.path, prefix, m[1])
		}
		first, prefix = false, m[1]
		split := Train
		if m[2] != Train {
			split = Test
		}
		other := seen[split]
		if other != "" && name == other+".gz" {
			continue // the other was unpacked from it
		}
		if other != "" {
			return fmt.Errorf("%s has %s and %s: remove one", r.path, other, name)
		}
		seen[split] = name
		labels, err := r.idxLabels(m[1] + m[2] + "-labels" + m[3] + "idx1-ubyte")
		if err != nil {
			return err
		}
		images := &idxFile{file: filepath.Join(r.Root, name)}
		if err := images.read(); err != nil {
			return fmt.Errorf("%s: %w", images.file, err)
		}
		if images.n != len(labels) {
			return fmt.Errorf("%s has %d images, but %d labels", images.file, images.n, len(labels))
		}
		for i, label := range labels {
			present[label] = true
			r.Items = append(r.Items, Item{
				Path: fmt.Sprintf("%s#%d", images.file, i), Class: strconv.Itoa(int(label)), Split: split,
				rel: name, archive: images, index: i,
			})
		}
	}
	for label, is := range present {
		if is {
			r.Classes = append(r.Classes, strconv.Itoa(label))
		}
	}
	return nil
}

// idxLabels reads a file of labels, .gz or not.
func (r *reader) idxLabels(name string) ([]byte, error) {
	for _, name := range []string{name, name + ".gz"} {
		if !r.dir.has(name) {
			continue
		}
		path := filepath.Join(r.Root, name)
		in, size, err := openIDX(path)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		axes, err := idxHeader(in, idxLabels, size)
		var b []byte
		if err == nil {
			b, err = idxData(in, axes)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return b, nil
	}
	return nil, fmt.Errorf("%s has no %s, .gz or not, beside its images", r.path, name)
}

// idxFile is an archive of grey images. A packed one is held in memory, because an image
// in it is found only by unpacking all before.
type idxFile struct {
	file     string
	n, w, h  int
	unpacked []byte
}

func (x *idxFile) path() string    { return x.file }
func (x *idxFile) resident() int64 { return int64(len(x.unpacked)) }

// read reads the sizes, and the pixels of a packed file.
func (x *idxFile) read() error {
	in, size, err := openIDX(x.file)
	if err != nil {
		return err
	}
	defer in.Close()
	axes, err := idxHeader(in, idxImages, size)
	if err != nil {
		return err
	}
	x.n, x.h, x.w = int(axes[0]), int(axes[1]), int(axes[2])
	if size < 0 {
		if idxTotal(axes) > maxUnpacked {
			return fmt.Errorf("axes %d are too large to unpack into memory: run gunzip on it", axes)
		}
		x.unpacked, err = idxData(in, axes)
	}
	return err
}

func (x *idxFile) image(index int) (*imageio.Image, error) {
	grey := x.w * x.h
	at := index * grey
	if x.unpacked != nil {
		return greyImage(x.w, x.h, x.unpacked[at:at+grey]), nil
	}
	f, err := os.Open(x.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, grey)
	if _, err := f.ReadAt(b, int64(idxHeaderSize(idxImages)+at)); err != nil {
		return nil, err
	}
	return greyImage(x.w, x.h, b), nil
}

func greyImage(w, h int, grey []byte) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i, v := range grey {
		img.Pix[3*i], img.Pix[3*i+1], img.Pix[3*i+2] = v, v, v
	}
	return img
}

// idxReader reads a file, unpacked.
type idxReader struct {
	io.Reader
	file *os.File
}

func (r *idxReader) Close() error { return r.file.Close() }

// openIDX opens a file, and unpacks it if it begins as gzip does, whatever its name. It
// returns the size of the file, or -1 for a packed one.
func openIDX(path string) (*idxReader, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	in, packed, err := unpack(f)
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	size := info.Size()
	if packed {
		size = -1
	}
	return &idxReader{in, f}, size, nil
}

// unpack returns a reader of what r holds, and whether that is packed by gzip.
func unpack(r io.Reader) (in io.Reader, packed bool, err error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return b, false, nil
	}
	in, err = gzip.NewReader(b)
	return in, true, err
}

func idxAxes(magic uint32) int       { return int(magic & 0xff) }
func idxHeaderSize(magic uint32) int { return 4 + 4*idxAxes(magic) }

// idxHeader reads the axes of a file that must have that magic number. It compares them
// with the size of the file, unless that is negative.
func idxHeader(in io.Reader, magic uint32, size int64) ([]int64, error) {
	b := make([]byte, idxHeaderSize(magic))
	n, err := io.ReadFull(in, b)
	if got := binary.BigEndian.Uint32(b); n >= 4 && got != magic {
		return nil, fmt.Errorf("the magic number is %#08x, want %#08x: unsigned bytes along %d axes", got, magic, idxAxes(magic))
	}
	if err != nil {
		return nil, fmt.Errorf("the header of an IDX file has %d bytes: %w", len(b), err)
	}
	axes := make([]int64, idxAxes(magic))
	for i := range axes {
		axes[i] = int64(binary.BigEndian.Uint32(b[4+4*i:]))
		if axes[i] == 0 || i > 0 && axes[i] > maxSide {
			return nil, fmt.Errorf("axis %d has length %d: images cannot have that size", i, axes[i])
		}
	}
	total := idxTotal(axes)
	if total < 0 {
		return nil, fmt.Errorf("axes %d: too large for this machine", axes)
	}
	if want := int64(len(b)) + total; size >= 0 && size != want {
		return nil, fmt.Errorf("axes %d need %d bytes, but the file has %d", axes, want, size)
	}
	return axes, nil
}

// idxTotal returns the product of the axes, or -1 if it is too large for an int. Each axis
// is below 2³² and all but the first are at most maxSide: two fit an int64, three may
// not.
func idxTotal(axes []int64) int64 {
	total := int64(1)
	for _, a := range axes {
		if total > int64(maxInt-idxHeaderSize(idxImages))/a {
			return -1
		}
		total *= a
	}
	return total
}

const maxInt = int(^uint(0) >> 1)

// idxData reads what follows the header, and fails if the file does not end there. Its
// memory grows with what it reads, whatever the header claims.
func idxData(in io.Reader, axes []int64) ([]byte, error) {
	want := idxTotal(axes)
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(in, want+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("after %d of the %d bytes that axes %d need: %w", n, want, axes, err)
	case n < want:
		return nil, fmt.Errorf("axes %d need %d bytes, but it has %d", axes, want, n)
	case n > want:
		return nil, fmt.Errorf("axes %d need %d bytes, but more follow", axes, want)
	}
	return b.Bytes(), nil
}
