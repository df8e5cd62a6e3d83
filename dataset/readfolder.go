package dataset

import (
	"context"
	"fmt"
)

// ReadFolder decodes all images of a folder and of the folders below it, without their
// masks, as normal ones. The layout of the options does not count. An image whose mask marks something is an anomaly. It fails if
// no image can be decoded, or if folders within it are named as normal and as anomalous
// ones.
func ReadFolder(ctx context.Context, path string, of Options, o ReadOptions) (*Images, error) {
	d, err := openOneKind(path, of)
	if err != nil {
		return nil, err
	}
	im, err := d.Read(ctx, d.all(), o)
	if err == nil && im.Len() == 0 {
		err = fmt.Errorf("dataset: %s: none of its images can be decoded", path)
	}
	return im, err
}

// ReadNormals decodes the normal images of a folder as ReadFolder does. It leaves out the
// images whose masks mark something, and notes their number. It also fails if the folders
// within it are named as anomalous ones.
func ReadNormals(ctx context.Context, path string, of Options, o ReadOptions) (*Images, error) {
	d, err := openOneKind(path, of)
	if err != nil {
		return nil, err
	}
	normal := d.where(func(it *Item) bool { return it.Normal })
	if n := len(d.Items) - len(normal); n > 0 && o.Note != nil {
		o.Note(fmt.Sprintf("left out %d images of %s whose masks mark defects", n, path))
	}
	for _, name := range d.folders {
		if isBad(name) {
			return nil, fmt.Errorf("dataset: %s has a folder %s, which is not normal by its name: give the folder of the normal images", path, name)
		}
	}
	im, err := d.Read(ctx, normal, o)
	if err == nil && im.Len() == 0 {
		err = fmt.Errorf("dataset: %s: it has no normal images that can be decoded", path)
	}
	return im, err
}

// openOneKind opens a folder in the layout flat. It fails if the names of the folders
// within it divide its images into kinds.
func openOneKind(path string, o Options) (*Dataset, error) {
	o.Layout = Flat
	d, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	if d.mixed != "" {
		return nil, fmt.Errorf("dataset: %s holds normal images and others (%s): give the folder of one kind", path, d.mixed)
	}
	return d, nil
}
