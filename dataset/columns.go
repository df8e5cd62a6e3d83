package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// columns are those of a manifest. The first two are required.
var columns = [...]string{"path", "label", "split", "group", "mask", "object"}

// The places of columns.
const (
	pathColumn = iota
	labelColumn
	splitColumn
	groupColumn
	maskColumn
	objectColumn
	columnCount
)

// aliases are further names of the columns, in lower case, which count where a header has
// none of the proper name.
var aliases = [columnCount][]string{
	pathColumn:  {"image", "image_path", "imagepath", "img", "img_path", "file", "filename", "file_name", "filepath", "file_path"},
	labelColumn: {"class"},
	maskColumn:  {"mask_path", "maskpath"},
}

// columnNames returns the proper names of the columns, for messages.
func columnNames() string { return strings.Join(columns[:], ",") }

// csvTable says where the columns of a manifest are.
type csvTable struct {
	comma  rune
	header []string // as written
	at     [columnCount]int
}

// locate returns the place of each column in a header, -1 for a missing one. named are
// the names in Options.Columns.
func locate(header []string, named map[string]string) (at [columnCount]int, err error) {
	plain := make([]string, len(header))
	for i, name := range header {
		plain[i] = strings.ToLower(strings.TrimSpace(name))
	}
	find := func(name string) (int, error) {
		name = strings.ToLower(strings.TrimSpace(name))
		i := slices.Index(plain, name)
		if i >= 0 && slices.Contains(plain[i+1:], name) {
			return i, fmt.Errorf("column %s occurs twice", name)
		}
		return i, nil
	}
	for c, name := range columns {
		given, renamed := named[name]
		if renamed {
			if at[c] = -1; given == "" {
				continue
			}
			if at[c], err = find(given); err == nil && at[c] < 0 {
				err = fmt.Errorf("no column %s for %s; there are %s", given, name, list(header))
			}
		} else if at[c], err = find(name); err == nil && at[c] < 0 {
			at[c], err = findAlias(aliases[c], find)
		}
		if err != nil {
			return at, err
		}
	}
	for c, name := range columns[:2] {
		if at[c] < 0 {
			return at, fmt.Errorf("no column %s among %s; the first line names the columns, such as %s, "+
				"or --columns says which is which, such as %s=NAME", name, list(header), columnNames(), name)
		}
	}
	return at, nil
}

// findAlias returns the place of the only column that has one of the names, or -1.
func findAlias(names []string, find func(string) (int, error)) (int, error) {
	at, first := -1, ""
	for _, name := range names {
		i, err := find(name)
		switch {
		case err != nil:
			return -1, err
		case i >= 0 && at >= 0:
			return -1, fmt.Errorf("columns %s and %s may both be meant: say which with --columns", first, name)
		case i >= 0:
			at, first = i, name
		}
	}
	return at, nil
}

// checkNamed fails if Options.Columns names a column that manifests do not have.
func checkNamed(named map[string]string) error {
	for name := range named {
		if !slices.Contains(columns[:], name) {
			return fmt.Errorf("a manifest has no column %q to be called %q; it has %s", name, named[name], columnNames())
		}
	}
	return nil
}

// ignored returns the names of the columns that are not read.
func (t *csvTable) ignored() []string {
	var names []string
	for i, name := range t.header {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(t.at[:], i) {
			names = append(names, name)
		}
	}
	return names
}

// blank reports whether all fields of a record are empty.
func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(f string) bool { return strings.TrimSpace(f) != "" })
}

// fit checks the number of a record's fields. Empty ones may follow the last column.
func (t *csvTable) fit(record []string) error {
	switch {
	case len(record) < len(t.header):
	case blank(record[len(t.header):]):
		return nil
	}
	return fmt.Errorf("%d fields for the %d columns %s: a field with %q in it needs quotes around it",
		len(record), len(t.header), strings.Join(t.header, string(t.comma)), t.comma)
}

var errNoHeader = errors.New("no header: the first line must name the columns, such as path,label,split,group,mask")
