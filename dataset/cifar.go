package dataset

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anomem/imageio"
)

// A CIFAR record is one or two label bytes and three planes of 32×32 bytes: red,
// green, blue (Krizhevsky 2009; the binary version of the published archives).
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarPixels = 3 * cifarPlane
)

// The folders that the published archives unpack to.
const (
	cifar10Folder  = "cifar-10-batches-bin"
	cifar100Folder = "cifar-100-binary"
)

const cifar10Batches = 5

func cifar10Batch(i int) string { return fmt.Sprintf("data_batch_%d.bin", i) }

func hasCIFAR10(f *folder) bool {
	return cifarFiles(f) || f.hasDir(cifar10Folder) && cifarFiles(f.in(cifar10Folder))
}

func cifarFiles(f *folder) bool { return f.has(cifar10Batch(1)) || f.has("test_batch.bin") }

func hasCIFAR100(f *folder) bool {
	return cifar100Files(f) || f.hasDir(cifar100Folder) && cifar100Files(f.in(cifar100Folder))
}

func cifar100Files(f *folder) bool { return f.has("train.bin") || f.has("test.bin") }

// readCIFAR10 reads records of one label byte.
func readCIFAR10(r *reader) error {
	f, err := r.unpackedAt(cifar10Folder, cifarFiles)
	if err != nil {
		return err
	}
	names, err := classNames(filepath.Join(f.path, "batches.meta.txt"), cifar10Names)
	if err != nil {
		return err
	}
	r.Classes = names
	last := 0
	for i := 1; i <= cifar10Batches; i++ {
		if !f.has(cifar10Batch(i)) {
			continue
		}
		if last != i-1 {
			return fmt.Errorf("%s has %s, but not %s", f.path, cifar10Batch(i), cifar10Batch(i-1))
		}
		last = i
		if err := r.addCIFAR(f, cifar10Batch(i), Train, 1, 0); err != nil {
			return err
		}
	}
	return r.addCIFAR(f, "test_batch.bin", Test, 1, 0)
}

// readCIFAR100 reads records of two label bytes: super-class, class.
func readCIFAR100(r *reader) error {
	f, err := r.unpackedAt(cifar100Folder, cifar100Files)
	if err != nil {
		return err
	}
	file, published, which := "coarse_label_names.txt", cifar100Coarse, 0
	if r.options.Fine {
		file, published, which = "fine_label_names.txt", cifar100Fine, 1
	}
	if r.Classes, err = classNames(filepath.Join(f.path, file), published); err != nil {
		return err
	}
	if err := r.addCIFAR(f, "train.bin", Train, 2, which); err != nil {
		return err
	}
	return r.addCIFAR(f, "test.bin", Test, 2, which)
}

// unpackedAt returns the folder that has the files: the dataset's, or the one of that name
// within it.
func (r *reader) unpackedAt(name string, has func(*folder) bool) (*folder, error) {
	if has(r.dir) || !r.dir.hasDir(name) {
		return r.dir, nil
	}
	f, err := r.look(filepath.Join(r.Root, name))
	if err == nil {
		r.Root = f.path
	}
	return f, err
}

// addCIFAR adds the records of a file, if there is one. Their class is label number which
// of each.
func (r *reader) addCIFAR(f *folder, name, split string, labels, which int) error {
	if !f.has(name) {
		return nil
	}
	c := &cifarFile{file: filepath.Join(f.path, name), labels: labels}
	file, err := os.Open(c.file)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	classes, err := c.classes(file, info.Size(), which, len(r.Classes))
	if err != nil {
		return fmt.Errorf("%s: %w", c.file, err)
	}
	for i, class := range classes {
		r.Items = append(r.Items, Item{
			Path: fmt.Sprintf("%s#%d", c.file, i), Class: r.Classes[class], Split: split,
			rel: name, archive: c, index: i,
		})
	}
	return nil
}

// cifarFile is an archive of records.
type cifarFile struct {
	file   string
	labels int // label bytes of a record
}

func (c *cifarFile) path() string    { return c.file }
func (c *cifarFile) resident() int64 { return 0 }
func (c *cifarFile) record() int64   { return int64(c.labels + cifarPixels) }

// classes reads label number which of each record, one of n classes.
func (c *cifarFile) classes(file io.ReaderAt, size int64, which, n int) ([]byte, error) {
	if size == 0 || size%c.record() != 0 {
		return nil, fmt.Errorf("%d bytes are not a whole number of records of %d bytes: is the file complete?", size, c.record())
	}
	classes := make([]byte, size/c.record())
	for i := range classes {
		label := classes[i : i+1]
		if _, err := file.ReadAt(label, int64(i)*c.record()+int64(which)); err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		if int(label[0]) >= n {
			return nil, fmt.Errorf("record %d has label %d: the %d classes have 0 to %d", i, label[0], n, n-1)
		}
	}
	return classes, nil
}

func (c *cifarFile) image(index int) (*imageio.Image, error) {
	f, err := os.Open(c.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b [cifarPixels]byte
	if _, err := f.ReadAt(b[:], int64(index)*c.record()+int64(c.labels)); err != nil {
		return nil, err
	}
	return cifarImage(&b), nil
}

// cifarImage interleaves three planes.
func cifarImage(b *[cifarPixels]byte) *imageio.Image {
	img := imageio.NewImage(cifarSide, cifarSide)
	for i := range cifarPlane {
		img.Pix[3*i] = b[i]
		img.Pix[3*i+1] = b[cifarPlane+i]
		img.Pix[3*i+2] = b[2*cifarPlane+i]
	}
	return img
}

// classNames reads one name a line from a file. It returns the published names if there
// is no file, and fails if the file has another number of names.
func classNames(file string, published []string) ([]string, error) {
	const most = 1 << 16
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return slices.Clone(published), nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(b))
	if len(names) != len(published) {
		return nil, fmt.Errorf("%s has %d names, want %d, one a line", file, len(names), len(published))
	}
	if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
		return nil, fmt.Errorf("%s has a name twice", file)
	}
	return names, nil
}
