package dataset

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
)

// ClassesOf returns the classes that the dataset at path has images of, in the order of
// Dataset.Classes. It does not ask which of them are normal. Its other errors are Open's.
func ClassesOf(path string, o Options) ([]string, error) {
	o.Normal, o.unlabelled = nil, true
	d, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for i := range d.Items {
		has[d.Items[i].Class] = true
	}
	var classes []string
	for _, c := range d.Classes {
		if has[c] {
			classes = append(classes, c)
		}
	}
	return classes, nil
}

// Part is one of the datasets of a collection, such as an object of MVTec AD: a folder, or
// the rows of one object of a table.
type Part struct {
	Name   string // of the folder or the object
	Path   string // for Open
	Object string // for Options.Object; "": Path has one object
}

// PartsOf returns the datasets at path: the objects of a table, the folders up to two levels
// below path that are datasets of their own, or path alone if it is one. Open says what is
// wrong with a path that is none.
func PartsOf(path string, o Options) ([]Part, error) {
	parts, err := partsOf(path, o)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return parts, nil
}

func partsOf(path string, o Options) ([]Part, error) {
	r, err := newReader(path, o)
	if err != nil {
		return nil, err
	}
	alone := []Part{{Name: cmp.Or(o.Object, r.Name), Path: path, Object: o.Object}}
	if r.dir == nil || hasManifest(r.dir) {
		objects, err := r.objects()
		if err != nil || o.Object != "" || len(objects) < 2 {
			return alone, err
		}
		var parts []Part
		for _, name := range objects {
			parts = append(parts, Part{Name: name, Path: path, Object: name})
		}
		return parts, nil
	}
	if l, known := recognise(r.dir); o.Layout != "" || known && (l.own || r.dir.hasNormal()) {
		return alone, nil
	}
	var parts []Part
	for _, f := range r.dir.layoutsBelow(2) {
		rel, err := filepath.Rel(r.Root, f.path)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{Name: filepath.ToSlash(rel), Path: f.path})
	}
	if len(parts) == 0 {
		return alone, nil
	}
	return parts, nil
}

// objects returns the objects of the table that r reads, in byte order.
func (r *reader) objects() ([]string, error) {
	f, err := os.Open(r.table())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, _, err := parseManifest(f, r.options.Columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.table(), err)
	}
	return objectsOf(rows), nil
}
