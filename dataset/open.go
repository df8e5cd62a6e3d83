package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"anomem/imageio"
)

// reader is a dataset being read.
type reader struct {
	*Dataset
	options Options
	dir     *folder // nil: path is a file
	path    string  // as given
	walker          // skips the folders of defects and masks, and regions of interest

	outside []string   // images outside the layout, below the root
	open    []openMask // masks that wait for labels
	hints   int        // how often a missing file of a manifest was looked for
}

// Open finds the images at path, a folder or a CSV file, without decoding any. It decodes
// masks where these say which images are normal.
//
// It fails if path has no known layout (the error lists what was looked for), if a class
// has no images, if no class is known to be normal, if a name in o.Normal is no class, if
// two items have one path, or if an archive or a manifest contradicts itself.
func Open(path string, o Options) (*Dataset, error) {
	d, err := open(path, o)
	if several := (*FaultsError)(nil); errors.As(err, &several) {
		return nil, several
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return d, nil
}

func open(path string, o Options) (*Dataset, error) {
	r, err := newReader(path, o)
	if err != nil {
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
	if err := r.pair(); err != nil {
		return nil, err
	}
	if len(r.Items) == 0 {
		return nil, fmt.Errorf("%s: no images for the layout %s, which looks for %s", r.path, l.name, l.looksFor)
	}
	sortItems(r.Items)
	if err := r.labelByMasks(); err != nil {
		return nil, err
	}
	if o.Defects != "" {
		if err := r.addDefects(); err != nil {
			return nil, err
		}
	}
	if err := r.checkPaths(); err != nil {
		return nil, err
	}
	if err := r.label(); err != nil {
		return nil, err
	}
	r.settleMasks()
	if err := r.findROI(); err != nil {
		return nil, err
	}
	r.warnOfTables()
	return r.Dataset, nil
}

// warnOfTables warns of tables beside the images, which may have their labels.
func (r *reader) warnOfTables() {
	if r.dir == nil || r.Layout == Manifest {
		return
	}
	var tables []string
	for _, name := range r.dir.files {
		if isTable(name) {
			tables = append(tables, name)
		}
	}
	if len(tables) > 0 {
		r.warn("the tables in %s are not read (%s): give the one with the labels itself, if there is one", r.path, list(tables))
	}
}

// newReader returns a reader of path that has read nothing but the path's own folder.
func newReader(path string, o Options) (*reader, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	r := &reader{
		Dataset: &Dataset{Root: filepath.Clean(path), decode: o.Decode, common: o.Region},
		options: o,
		path:    path,
		walker:  walker{normal: o.Normal},
	}
	if r.decode == nil {
		r.decodeBy(imageio.Range{})
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
	return r, nil
}

// label makes the normal classes of the options, or else those that are normal by name,
// normal.
func (r *reader) label() (err error) {
	if r.options.unlabelled {
		return nil
	}
	normal := r.options.Normal
	if len(normal) == 0 {
		if normal, err = r.defaultNormal(); err != nil && !(r.options.defects && r.noneIsNormal()) {
			return err
		}
	}
	return r.setNormal(normal)
}

// baseName returns the name of a folder or file, even if it is given as "." or "..".
func baseName(path string) (string, error) {
	abs, err := filepath.Abs(path)
	return filepath.Base(abs), err
}

// skipOthers makes r skip the folders of defects and masks and the regions of interest,
// which may lie below the dataset's own folder.
func (r *reader) skipOthers(root os.FileInfo) error {
	if err := r.skipFolders(); err != nil {
		return err
	}
	for i, dir := range []string{r.options.Defects, r.options.Masks} {
		if dir != "" && os.SameFile(r.skip[i], root) {
			return fmt.Errorf("%s is the dataset itself: its images cannot be normal and defects at once", dir)
		}
	}
	if roi := r.options.ROI; roi != "" {
		info, err := os.Stat(roi)
		if err != nil {
			return err
		}
		if os.SameFile(info, root) {
			return fmt.Errorf("%s is the dataset itself: its images cannot be regions of interest", roi)
		}
		r.skip = append(r.skip, info)
	}
	return nil
}

// skipFolders makes r skip the folders of defects and of masks.
func (r *reader) skipFolders() error {
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
		}
		r.skip = append(r.skip, info)
	}
	return nil
}

// sortItems sorts items by path, then by index.
func sortItems(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.rel, b.rel), cmp.Compare(a.index, b.index))
	})
}

// checkPaths returns an error if two items are the same file, or the same image of an
// archive: it could be normal and anomalous, or trained on and tested, at once.
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
