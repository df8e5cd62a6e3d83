package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anomem/imageio"
)

// The layouts, as Options.Layout and Dataset.Layout name them.
const (
	Manifest = "manifest"
	CIFAR10  = "cifar10"
	CIFAR100 = "cifar100"
	IDX      = "idx"
	MVTec    = "mvtec"
	Classes  = "classes"
	Flat     = "flat"
)

// The values of Item.Split beside "", not said.
const (
	Train = "train"
	Test  = "test"
)

// Item is one image of a dataset, not decoded.
type Item struct {
	Path     string // where the user finds it again: a file, or "file#index" in an archive, from 0
	Class    string // name of its folder or label; "" unknown
	Normal   bool   // y = 1
	Labelled bool   // training may use it: normal, or an anomaly given as a known one
	Split    string // Train, Test or "": not said
	Group    string // shots of one part have one group; "" stands by itself
	Mask     string // path of its mask; "" none

	rel     string  // the path that orders and names it: "/" between parts, from the root
	archive archive // where its bytes are; nil: a file of its own
	index   int     // within archive
	line    int     // in the manifest; 0: none
	defect  bool    // from Options.Defects: an anomaly whatever is normal
}

// file returns the path of the file that holds the item's bytes.
func (it *Item) file() string {
	if it.archive != nil {
		return it.archive.path()
	}
	return it.Path
}

// archive is a file with many images.
type archive interface {
	path() string
	image(index int) (*imageio.Image, error)
	resident() int64 // bytes of it held in memory
}

// Dataset is a list of images, ordered as the package's comment says.
type Dataset struct {
	Name    string // of the folder, or of the manifest
	Layout  string
	Root    string   // the folder that relative paths start from
	Items   []Item   // at least one
	Classes []string // by name, in an archive by label; without those of Options.Defects
	Passed  Passed

	known  bool // anomalies of the training split are known ones
	decode func(io.Reader) (*imageio.Image, error)
}

// Options says how to read a dataset. The zero value recognises all by itself.
type Options struct {
	Layout  string   // forces a layout; "" recognises it
	Normal  []string // the normal classes; none: as the package's comment says
	Fine    bool     // cifar100: its 100 classes, not the 20 super-classes
	Defects string   // a folder of known anomalies: CLASS/*.png, or images of one class
	Masks   string   // the masks of Defects: NAME_mask.png or NAME.png for NAME

	// Decode reads an image file; nil: one that knows the formats registered with
	// package image.
	Decode func(io.Reader) (*imageio.Image, error)
}

// layout is one way to lay out a dataset.
type layout struct {
	name       string
	looksFor   string
	recognised func(f *folder) bool
	read       func(r *reader) error
}

// layouts returns all, in the order in which they are tried: those with names of
// their own first.
func layouts() []layout {
	return []layout{
		{Manifest, "a CSV file with a header (path,label,split,group,mask), or manifest.csv in the folder",
			hasManifest, readManifest},
		{CIFAR10, "data_batch_1.bin, test_batch.bin", hasCIFAR10, readCIFAR10},
		{CIFAR100, "train.bin, test.bin", hasCIFAR100, readCIFAR100},
		{IDX, "train-images-idx3-ubyte and train-labels-idx1-ubyte, .gz or not", hasIDX, readIDX},
		{MVTec, "train/good/*.png, test/DEFECT/*.png", hasMVTec, readMVTec},
		{Classes, "CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png", hasClasses, readClasses},
		{Flat, "images in the folder itself: " + strings.Join(extensions, ", "), hasFlat, readFlat},
	}
}

// reader is a dataset being read.
type reader struct {
	*Dataset
	options Options
	dir     *folder // nil: path is a file
	path    string  // as given
	walker          // skips the folders of defects and masks
}

// Open finds the images at path, a folder or a CSV file, without decoding any.
//
// It fails where path has no known layout (the error says what was looked for), where
// a class has no images, where a name in o.Normal is no class, where two items have
// one path, and where an archive or a manifest contradicts itself.
func Open(path string, o Options) (*Dataset, error) {
	d, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return d, nil
}

func open(path string, o Options) (*Dataset, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	r := &reader{
		Dataset: &Dataset{Root: filepath.Clean(path), decode: o.Decode},
		options: o,
		path:    path,
	}
	if r.decode == nil {
		r.decode = imageio.Decode
	}
	if r.Name, err = baseName(path); err != nil {
		return nil, err
	}
	if o.Masks != "" && o.Defects == "" {
		return nil, errors.New("masks were given without the folder of defects that they belong to")
	}
	if err := r.skipOthers(info); err != nil {
		return nil, err
	}
	if !info.IsDir() {
		r.Root = filepath.Dir(path)
	} else if r.dir, err = r.look(r.Root); err != nil {
		return nil, err
	}
	l, err := r.choose()
	if err != nil {
		return nil, err
	}
	r.Layout = l.name
	if err := l.read(r); err != nil {
		return nil, err
	}
	if len(r.Items) == 0 {
		return nil, fmt.Errorf("%s: no images for the layout %s, which looks for %s", path, l.name, l.looksFor)
	}
	sortItems(r.Items)
	if o.Defects != "" {
		if err := r.addDefects(); err != nil {
			return nil, err
		}
	}
	if err := r.checkPaths(); err != nil {
		return nil, err
	}
	normal := o.Normal
	if len(normal) == 0 {
		if normal, err = r.defaultNormal(); err != nil {
			return nil, err
		}
	}
	if err := r.setNormal(normal); err != nil {
		return nil, err
	}
	return r.Dataset, nil
}

// baseName names a dataset by its folder, even if that is given as "." or "..".
func baseName(path string) (string, error) {
	abs, err := filepath.Abs(path)
	return filepath.Base(abs), err
}

// skipOthers keeps the folders of defects and masks out of the dataset's own images,
// below which they may lie.
func (r *reader) skipOthers(root os.FileInfo) error {
	for _, dir := range []string{r.options.Defects, r.options.Masks} {
		if dir == "" {
			continue
		}
		info, err := os.Stat(dir)
		switch {
		case err != nil:
			return err
		case !info.IsDir():
			return fmt.Errorf("%s is not a folder", dir)
		case os.SameFile(info, root):
			return fmt.Errorf("%s is the dataset itself: its images cannot be normal and defects at once", dir)
		}
		r.skip = append(r.skip, info)
	}
	return nil
}

// choose returns the layout that was asked for, or else the first that is recognised.
func (r *reader) choose() (layout, error) {
	all := layouts()
	if name := r.options.Layout; name != "" {
		names := make([]string, len(all))
		for i, l := range all {
			if names[i] = l.name; l.name == name {
				if r.dir == nil && name != Manifest {
					return layout{}, fmt.Errorf("%s is a file: the layout %s needs a folder", r.path, name)
				}
				return l, nil
			}
		}
		return layout{}, fmt.Errorf("layout %q is none of %s", name, strings.Join(names, ", "))
	}
	if r.dir == nil {
		if !strings.EqualFold(filepath.Ext(r.path), ".csv") {
			return layout{}, fmt.Errorf("%s is a file: give a folder or a CSV manifest (an archive must be unpacked first)", r.path)
		}
		return all[0], nil
	}
	for _, l := range all {
		if l.recognised(r.dir) {
			return l, nil
		}
	}
	return layout{}, r.unrecognised(all)
}

// unrecognised says what was looked for and what is there instead.
func (r *reader) unrecognised(all []layout) error {
	f := r.dir
	if len(f.images) > 0 && len(f.filled()) > 0 {
		return fmt.Errorf("%s has images of its own (%s) and in folders (%s): move one or the other, "+
			"or force the layout %s (all below it is normal) or %s (images of no class are left out)",
			r.path, list(f.images), list(f.filled()), Flat, Classes)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s has no known layout; looked for", r.path)
	for _, l := range all {
		fmt.Fprintf(&b, "\n\t%-9s %s", l.name, l.looksFor)
	}
	fmt.Fprintf(&b, "\nfound files: %s; folders: %s", list(f.files), list(f.dirs))
	for _, dir := range f.dirs {
		if sub, err := r.look(filepath.Join(f.path, dir)); err == nil {
			for _, l := range all {
				if l.name != Classes && l.name != Flat && l.recognised(sub) {
					fmt.Fprintf(&b, "\n%s has the layout %s: give that folder", sub.path, l.name)
					break
				}
			}
		}
	}
	return errors.New(b.String())
}

// list prints some names of a folder.
func list(names []string) string {
	const most = 20
	switch n := len(names); {
	case n == 0:
		return "none"
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	}
	return strings.Join(names, ", ")
}

func sortItems(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.rel, b.rel), cmp.Compare(a.index, b.index))
	})
}

// checkPaths makes sure that no two items are the same file, or the same image of an
// archive: it would be normal and anomalous, or trained on and tested, at once.
func (r *reader) checkPaths() error {
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return err
	}
	defects, err := filepath.Abs(r.options.Defects)
	if err != nil {
		return err
	}
	type place struct {
		file  string
		index int
	}
	first := make(map[place]int, len(r.Items))
	for i := range r.Items {
		it := &r.Items[i]
		base := root
		if it.defect {
			base = defects
		}
		p := place{filepath.Join(base, filepath.FromSlash(it.rel)), it.index}
		j, twice := first[p]
		if !twice {
			first[p] = i
			continue
		}
		if before := &r.Items[j]; it.line > 0 && before.line > 0 {
			return fmt.Errorf("%s: lines %d and %d have the same path %s", r.path, before.line, it.line, it.Path)
		}
		return fmt.Errorf("%s is in the dataset twice, first as %s", it.Path, r.Items[j].Path)
	}
	return nil
}

// read decodes an item.
func (d *Dataset) read(it *Item) (*imageio.Image, error) {
	if it.archive != nil {
		return it.archive.image(it.index)
	}
	f, err := os.Open(it.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return d.decode(f)
}
