package dataset

import (
	"fmt"
	"io"
	"os"
	"slices"

	"anomem/imageio"
)

// The layouts, as Options.Layout and Dataset.Layout name them.
const (
	Manifest = "manifest"
	CIFAR10  = "cifar10"
	CIFAR100 = "cifar100"
	IDX      = "idx"
	SVHN     = "svhn"
	CUB      = "cub"
	MVTec    = "mvtec"
	VisA     = "visa"
	KSDD     = "ksdd"
	Classes  = "classes"
	Flat     = "flat"
)

// The values of Item.Split, beside "" for unknown.
const (
	Train = "train"
	Test  = "test"
)

// Item describes one image of a dataset.
type Item struct {
	Path     string // a file, or "file#index" in an archive, from 0
	Class    string // its folder or label; "": unknown
	Normal   bool   // y = 1
	Labelled bool   // training may use it: normal, or a known anomaly
	Split    string // Train, Test or "": unknown
	Group    string // shared by shots of one part; "": a group of its own
	Mask     string // path of its mask; "": none
	ROI      string // path of the mask of its region of interest; "": all of it

	// MoreMasks are paths of further masks, of other defects of the image, which mark it
	// together with Mask.
	MoreMasks []string

	rel     string  // the path below the root with "/" between parts, by which items are sorted
	archive archive // the file that holds it; nil: a file of its own
	index   int     // within archive
	line    int     // in the manifest; 0: none
	defect  bool    // from Options.Defects: an anomaly whichever classes are normal
	marked  bool    // where masks label: its masks mark something
}

// file returns the path of the file that holds the item's bytes.
func (it *Item) file() string {
	if it.archive != nil {
		return it.archive.path()
	}
	return it.Path
}

// archive is a file of many images.
type archive interface {
	path() string
	image(index int) (*imageio.Image, error)
	resident() int64 // bytes held in memory
}

// Dataset is a list of images, in the order that the package comment gives.
type Dataset struct {
	Name    string // of the folder or the manifest
	Layout  string
	Root    string   // the folder of relative paths
	Items   []Item   // at least one
	Classes []string // sorted by name, in an archive by label; without those of Options.Defects
	Passed  Passed

	known    bool // anomalies of the training split are known ones
	byMask   bool // masks say which images are normal
	warnings []string
	folders  []string // layout flat: the folders within the root that have images
	mixed    string   // layout flat: those of them that divide it into kinds by their names
	decode   func(io.Reader) (*imageio.Image, error)
	regions  regions
	common   *imageio.Mask    // Options.Region
	decoder  *imageio.Decoder // its Decode is decode; nil: Options.Decode is
}

// Options says how Open reads a dataset. The zero value recognises its layout.
type Options struct {
	Layout  string   // forces a layout; "" recognises it
	Normal  []string // the normal classes; none: as the package comment says
	Fine    bool     // cifar100: its 100 classes, not the 20 super-classes
	Defects string   // a folder of known anomalies: CLASS/*.png, or images of one class
	Masks   string   // the masks of Defects: NAME_mask.png or NAME.png for NAME
	ROI     string   // masks of regions of interest: a file for all images, or a folder with NAME.png

	// Region is the region of interest of images without a mask in ROI, all of one size;
	// nil: all of an image counts.
	Region *imageio.Mask

	// Columns name the columns of a manifest that are called otherwise: path, label, split,
	// group, mask and object. A column with an empty name is not read.
	Columns map[string]string
	Object  string // of a manifest with several: the one whose rows are read

	defects    bool // no class need be normal
	unlabelled bool // no class is asked to be normal

	// Decode reads an image file; nil: imageio.Decode, and TrainingSet sets the range of
	// 16-bit values.
	Decode func(io.Reader) (*imageio.Image, error)
}

// Warnings returns what Open found that may be read in another way than it was meant.
func (d *Dataset) Warnings() []string { return slices.Clone(d.warnings) }

func (d *Dataset) warn(format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf(format, args...))
}

// decodeItem decodes an item, by itself or from its archive.
func (d *Dataset) decodeItem(it *Item) (*imageio.Image, error) {
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
