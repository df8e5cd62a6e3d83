package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const manifestName = "manifest.csv"

func hasManifest(f *folder) bool { return f.has(manifestName) }

// readManifest reads a CSV file of images. Relative paths start from its folder, or from
// the one above if the first image is there.
func readManifest(r *reader) error {
	file := r.table()
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, ignored, err := parseManifest(f, r.options.Columns)
	if err == nil {
		rows, err = r.ofObject(rows)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if len(ignored) > 0 {
		r.warn("%s: columns that are not read: %s", file, list(ignored))
	}
	r.path, r.known = file, true
	r.findRoot(rows[0].path)
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return err
	}
	var errs []error
	for _, row := range rows {
		it, err := r.itemOf(row, root)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: line %d: %w", file, row.line, err))
			continue
		}
		r.addClass(it.Class)
		r.Items = append(r.Items, it)
	}
	return faults(errs)
}

// table returns the path of the manifest.
func (r *reader) table() string {
	if r.dir != nil {
		return filepath.Join(r.Root, manifestName)
	}
	return r.path
}

// itemOf returns the item of a row.
func (r *reader) itemOf(row row, root string) (it Item, err error) {
	it = Item{Class: row.label, Split: row.split, Group: row.group, line: row.line}
	if it.Path, err = r.listed(row.path); err != nil {
		return it, err
	}
	if row.mask != "" {
		if it.Mask, err = r.listed(row.mask); err != nil {
			return it, fmt.Errorf("mask: %w", err)
		}
	}
	name := row.path
	if !filepath.IsAbs(name) {
		name = filepath.Join(root, r.relative(name))
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		rel, err = name, nil // on another volume
	}
	it.rel = filepath.ToSlash(filepath.Clean(rel))
	return it, err
}

// ofObject returns the rows of Options.Object.
func (r *reader) ofObject(rows []row) ([]row, error) {
	objects, object := objectsOf(rows), r.options.Object
	switch {
	case object == "" && len(objects) < 2:
		return rows, nil
	case object == "":
		return nil, fmt.Errorf("it has several objects, %s: name one with --object, or all with --columns object=", list(objects))
	case !slices.Contains(objects, object):
		return nil, fmt.Errorf("it has no object %q; it has %s", object, list(objects))
	}
	return slices.DeleteFunc(rows, func(row row) bool { return row.object != object }), nil
}

// objectsOf returns the objects of rows, in byte order.
func objectsOf(rows []row) (objects []string) {
	for _, row := range rows {
		if i, found := slices.BinarySearch(objects, row.object); !found {
			objects = slices.Insert(objects, i, row.object)
		}
	}
	return objects
}

// findRoot makes the folder above the manifest's the root if a path leads to a file from
// there alone, as those of VisA's split_csv do.
func (r *reader) findRoot(path string) {
	if filepath.IsAbs(path) {
		return
	}
	if _, err := r.listed(path); err == nil {
		return
	}
	own := r.Root
	r.Root = filepath.Join(own, "..")
	if _, err := r.listed(path); err != nil {
		r.Root = own
	}
}

// relative returns a relative path of the manifest with this system's separators. One
// that was written on Windows has others.
func (r *reader) relative(name string) string {
	name = filepath.FromSlash(name)
	if strings.Contains(name, `\`) && filepath.Separator != '\\' {
		if _, err := os.Stat(filepath.Join(r.Root, name)); err != nil {
			name = strings.ReplaceAll(name, `\`, "/")
		}
	}
	return name
}

// listed returns the file that a path of the manifest names.
func (r *reader) listed(name string) (string, error) {
	if !filepath.IsAbs(filepath.FromSlash(name)) {
		name = filepath.Join(r.Root, r.relative(name))
	}
	name = filepath.Clean(filepath.FromSlash(name))
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		err = fmt.Errorf("%s is not a file", name)
	case errors.Is(err, os.ErrNotExist):
		near := ""
		if r.hints++; r.hints <= 20 { // a hint reads a folder
			near = inOtherCase(name)
		}
		if near != "" {
			near = "the folder has " + near
		} else {
			near = "relative paths start from " + r.Root
		}
		err = fmt.Errorf("%w (%s)", err, near)
	}
	return name, err
}

// inOtherCase returns the name of a file that is called like a missing one but for the
// case of letters; "" if there is none.
func inOtherCase(missing string) string {
	entries, err := os.ReadDir(filepath.Dir(missing))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), filepath.Base(missing)) {
			return e.Name()
		}
	}
	return ""
}
