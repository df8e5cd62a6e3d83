package dataset

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const manifestName = "manifest.csv"

// columns are those of a manifest. The first two are required.
var columns = []string{"path", "label", "split", "group", "mask"}

func hasManifest(f *folder) bool { return f.has(manifestName) }

// row is one image of a manifest.
type row struct {
	path, label, split, group, mask string
	line                            int
}

// readManifest reads a CSV file of images. Relative paths start from its folder.
func readManifest(r *reader) error {
	file := r.path
	if r.dir != nil {
		file = filepath.Join(r.Root, manifestName)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := parseManifest(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	r.path, r.known = file, true
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return err
	}
	for _, row := range rows {
		it := Item{Class: row.label, Split: row.split, Group: row.group, line: row.line}
		if it.Path, err = r.listed(row.path); err != nil {
			return fmt.Errorf("%s: line %d: %w", file, row.line, err)
		}
		if row.mask != "" {
			if it.Mask, err = r.listed(row.mask); err != nil {
				return fmt.Errorf("%s: line %d: mask: %w", file, row.line, err)
			}
		}
		it.rel = relative(root, row.path)
		r.addClass(it.Class)
		r.Items = append(r.Items, it)
	}
	return nil
}

// listed returns the file that a path of the manifest names.
func (r *reader) listed(name string) (string, error) {
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.Root, name)
	}
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	return filepath.Clean(name), err
}

// relative returns name relative to root, with "/" between the parts.
func relative(root, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		if rel, err := filepath.Rel(root, name); err == nil {
			name = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(name))
}

// parseManifest reads the rows of a CSV file (RFC 4180), which may begin with a byte order
// mark. The header names the columns, in any order and any case. Fields may be quoted;
// spaces around them are dropped.
//
// A path and a label must not be empty. A split is train, test or empty.
func parseManifest(in io.Reader) ([]row, error) {
	b := bufio.NewReader(in)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(len(mark))
	}
	r := csv.NewReader(b)
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("no header: the first line must name the columns, such as %s", strings.Join(columns, ","))
	}
	if err != nil {
		return nil, err
	}
	at, err := columnsOf(header)
	if err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err // names the line
		}
		var fields [5]string
		for i := range columns {
			if at[i] >= 0 {
				// A record is cut from one string; a clone keeps a row from holding all.
				fields[i] = strings.Clone(strings.TrimSpace(record[at[i]]))
			}
		}
		row := row{path: fields[0], label: fields[1], split: strings.ToLower(fields[2]), group: fields[3], mask: fields[4]}
		row.line, _ = r.FieldPos(0)
		switch {
		case row.path == "":
			return nil, fmt.Errorf("line %d: no path", row.line)
		case row.label == "":
			return nil, fmt.Errorf("line %d: no label for %s: %s, or the name of a defect",
				row.line, row.path, strings.Join(normalWords, ", "))
		case row.split != "" && row.split != Train && row.split != Test:
			return nil, fmt.Errorf("line %d: split %q: want %s, %s or nothing", row.line, row.split, Train, Test)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, errors.New("no rows below the header")
	}
	return rows, nil
}

// columnsOf returns the place of each of columns in a header, -1 for a missing one.
func columnsOf(header []string) ([5]int, error) {
	at := [5]int{-1, -1, -1, -1, -1}
	for i, name := range header {
		c := slices.Index(columns, strings.ToLower(strings.TrimSpace(name)))
		if c < 0 {
			return at, fmt.Errorf("line 1: column %q is none of %s, between commas", name, strings.Join(columns, ","))
		}
		if at[c] >= 0 {
			return at, fmt.Errorf("line 1: column %s occurs twice", columns[c])
		}
		at[c] = i
	}
	for c, name := range columns[:2] {
		if at[c] < 0 {
			return at, fmt.Errorf("line 1: no column %s; the line names the columns, such as %s", name, strings.Join(columns, ","))
		}
	}
	return at, nil
}
