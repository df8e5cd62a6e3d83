package dataset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// row is one image of a manifest.
type row struct {
	path, label, split, group, mask, object string
	line                                    int
}

// parseManifest reads the rows of a CSV file (RFC 4180) as spreadsheets write them: see
// readText. Commas, semicolons or tabs separate fields. The header names the columns, in
// any order and any case; named are other names of them (Options.Columns). Fields may be
// quoted; spaces around them are dropped. Lines that begin with # before the header, or
// have another number of fields than it, are comments. It returns the columns that are
// not read, too.
//
// A path and a label must not be empty. A split is train, test or empty.
func parseManifest(in io.Reader, named map[string]string) (rows []row, ignored []string, err error) {
	if err := checkNamed(named); err != nil {
		return nil, nil, err
	}
	text, err := readText(in)
	if err != nil {
		return nil, nil, err
	}
	t, r, err := readHeader(text, named)
	if err != nil {
		return nil, nil, err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err // names the line
		}
		if blank(record) || len(record) != len(t.header) && strings.HasPrefix(record[0], "#") {
			continue
		}
		line, _ := r.FieldPos(0)
		row, err := t.row(record)
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", line, err)
		}
		row.line = line
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, nil, errors.New("no rows below the header")
	}
	return rows, t.ignored(), nil
}

// separators are those of fields, in the order in which they are tried.
const separators = ",;\t"

// readHeader reads the header with the first separator that gives it all columns. The
// reader stands behind it.
func readHeader(text []byte, named map[string]string) (*csvTable, *csv.Reader, error) {
	most := 0
	var worst error
	for _, comma := range separators {
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.TrimLeadingSpace, r.ReuseRecord, r.FieldsPerRecord = comma, comma != '\t', true, -1
		t, err := findHeader(r, named)
		if err == nil {
			t.comma = comma
			return t, r, nil
		}
		n := 0
		if t != nil {
			n = len(t.header)
		}
		if worst == nil || n > most {
			worst, most = err, n
		}
	}
	return nil, nil, worst
}

// findHeader reads comments, what Excel writes to say the separator, and the header.
func findHeader(r *csv.Reader, named map[string]string) (*csvTable, error) {
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil, errNoHeader
		}
		if err != nil {
			return nil, err
		}
		first := strings.ToLower(record[0])
		if blank(record) || strings.HasPrefix(first, "sep=") {
			continue
		}
		for len(record) > 1 && strings.TrimSpace(record[len(record)-1]) == "" {
			record = record[:len(record)-1]
		}
		t := &csvTable{header: slices.Clone(record)}
		line, _ := r.FieldPos(0)
		if t.at, err = locate(t.header, named); err == nil {
			return t, nil
		}
		if !strings.HasPrefix(first, "#") {
			return t, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// row returns the row that a record holds.
func (t *csvTable) row(record []string) (row, error) {
	if err := t.fit(record); err != nil {
		return row{}, err
	}
	var fields [columnCount]string
	for c, i := range t.at {
		if i >= 0 {
			// A record is cut from one string; a clone keeps a row from holding all.
			fields[c] = strings.Clone(strings.TrimSpace(record[i]))
		}
	}
	r := row{
		path: fields[pathColumn], label: fields[labelColumn], split: strings.ToLower(fields[splitColumn]),
		group: fields[groupColumn], mask: fields[maskColumn], object: fields[objectColumn],
	}
	switch {
	case r.path == "":
		return row{}, errors.New("no path")
	case r.label == "":
		return row{}, fmt.Errorf("no label for %s: normal, good or ok, or the name of a defect", r.path)
	case r.split != "" && r.split != Train && r.split != Test:
		return row{}, fmt.Errorf("split %q: want %s, %s or nothing", r.split, Train, Test)
	}
	return r, nil
}
