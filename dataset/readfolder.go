package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// ReadDefects decodes the images of defects at path. In a folder that is all images of it
// and of the folders below it, without their masks, which lie beside them, in a folder of
// masks within, or in o.Masks. In a table it is the rows that are not normal: by o.Normal
// or, where that names no class and no class is normal by its name, all of them.
//
// It fails if no image can be decoded, or if folders within the folder are named as normal
// and as anomalous ones.
func ReadDefects(ctx context.Context, path string, o Options, read ReadOptions) (*Images, error) {
	d, err := openDefects(path, o)
	if err != nil {
		return nil, err
	}
	defects := d.all()
	if d.Layout == Manifest {
		defects = d.leaveOut(func(it *Item) bool { return !it.Normal }, read.Note, "that are normal")
	}
	im, err := d.Read(ctx, defects, read)
	if err == nil && im.Len() == 0 {
		err = fmt.Errorf("dataset: %s: none of its images can be decoded", path)
	}
	return im, err
}

// ReadNormals decodes the normal images at path. In a folder that is all images of it and of
// the folders below it but those whose masks mark something. In a table it is the rows that
// are normal: by o.Normal, or by the name of their class. ReadNormals notes how many images
// it leaves out.
//
// It fails if no image is left or can be decoded, and if the folders within the folder are
// named as anomalous ones.
func ReadNormals(ctx context.Context, path string, o Options, read ReadOptions) (*Images, error) {
	d, err := openOneKind(path, o)
	if err != nil {
		return nil, err
	}
	why := "whose masks mark defects"
	if d.Layout == Manifest {
		why = "that are not normal"
	}
	normal := d.leaveOut(func(it *Item) bool { return it.Normal }, read.Note, why)
	for _, name := range d.folders {
		if isBad(name) {
			return nil, fmt.Errorf("dataset: %s has a folder %s, which is not normal by its name: give the folder of the normal images", path, name)
		}
	}
	im, err := d.Read(ctx, normal, read)
	if err == nil && im.Len() == 0 {
		err = fmt.Errorf("dataset: %s: it has no normal images that can be decoded", path)
	}
	return im, err
}

// leaveOut returns the indices of the items that keep holds for, and notes the number of the
// others, with why.
func (d *Dataset) leaveOut(keep func(*Item) bool, note func(string), why string) []int {
	kept := d.where(keep)
	if n := len(d.Items) - len(kept); n > 0 && note != nil {
		note(fmt.Sprintf("left out %s of %s %s", imageCount(n), d.Name, why))
	}
	return kept
}

// imageCount returns "1 image", "2 images".
func imageCount(n int) string { return counted(n, "1 image", "%d images") }

// counted returns the text for one or, with n in it, that for many.
func counted(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

// openOneKind opens a table, or a folder in the layout flat. It fails if the names of the
// folders within that divide its images into kinds.
func openOneKind(path string, o Options) (*Dataset, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() && isTable(path) {
		return Open(path, o)
	}
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

// openDefects opens a table or a folder of defects, with o.Masks for their masks.
func openDefects(path string, o Options) (*Dataset, error) {
	masks := o.Masks
	o.Masks, o.defects = "", true
	d, err := openOneKind(path, o)
	if err != nil || masks == "" {
		return d, err
	}
	if d.Layout == Manifest {
		return nil, fmt.Errorf("dataset: %s: a table names the masks itself, in its column mask", path)
	}
	o.Defects, o.Masks = path, masks
	r := &reader{Dataset: &Dataset{Name: d.Name, Layout: Flat, Root: filepath.Clean(path), decode: d.decode}, options: o}
	if err := r.skipFolders(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if err := r.addDefects(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return r.Dataset, nil
}
