package eval

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Log is a training log: a CSV file whose first line names its columns.
type Log struct {
	names []string
	rows  [][]string
}

// ReadLog reads a log. An error says on which line it is no CSV, or that it is empty.
func ReadLog(r io.Reader) (*Log, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("eval: training log: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("eval: training log: empty: want a first line that names the columns")
	}
	return &Log{rows[0], rows[1:]}, nil
}

// column returns the numbers of a column; an empty cell is NaN.
func (l *Log) column(name string) ([]float64, error) {
	at := slices.Index(l.names, name)
	if at < 0 {
		return nil, fmt.Errorf("eval: training log: no column %q among %s", name, strings.Join(l.names, ", "))
	}
	numbers := make([]float64, len(l.rows))
	for i, row := range l.rows {
		if row[at] == "" {
			numbers[i] = math.NaN()
			continue
		}
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			return nil, fmt.Errorf("eval: training log: row %d, column %q: %q is no number", i+1, name, row[at])
		}
		numbers[i] = v
	}
	return numbers, nil
}

// Plot returns the columns ys over the column x. An error says which column is missing
// or where it has something else than a number.
func (l *Log) Plot(title, x string, ys ...string) (Plot, error) {
	p := Plot{Title: title, X: x}
	at, err := l.column(x)
	if err != nil {
		return Plot{}, err
	}
	for _, name := range ys {
		y, err := l.column(name)
		if err != nil {
			return Plot{}, err
		}
		p.Lines = append(p.Lines, Line{Name: name, X: at, Y: y})
	}
	return p, nil
}
