package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Log is a training log: a CSV file whose first line names its columns.
type Log struct {
	names []string
	rows  [][]string
}

// ReadLog reads a log. An error names the line that is not CSV, or says that the log is
// empty.
func ReadLog(r io.Reader) (*Log, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("report: training log: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("report: training log: empty: want a first line that names the columns")
	}
	return &Log{rows[0], rows[1:]}, nil
}

// ReadLogFile reads a log from a file. Its errors are ReadLog's and the file system's.
func ReadLogFile(path string) (*Log, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadLog(f)
}

// column returns the numbers of a column, with NaN for an empty cell.
func (l *Log) column(name string) ([]float64, error) {
	at := slices.Index(l.names, name)
	if at < 0 {
		return nil, fmt.Errorf("report: training log: no column %q among %s", name, strings.Join(l.names, ", "))
	}
	numbers := make([]float64, len(l.rows))
	for i, row := range l.rows {
		if row[at] == "" {
			numbers[i] = math.NaN()
			continue
		}
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			return nil, fmt.Errorf("report: training log: row %d, column %q: %q is no number", i+1, name, row[at])
		}
		numbers[i] = v
	}
	return numbers, nil
}

// Plot returns a chart of the columns ys over the column x. An error names a column that
// is missing, or the row and column that hold no number.
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

// Plots returns a chart for each column over the column x, with the column's name as its
// title. Its errors are Plot's.
func (l *Log) Plots(x string, columns ...string) ([]Plot, error) {
	plots := make([]Plot, len(columns))
	for i, name := range columns {
		var err error
		if plots[i], err = l.Plot(name, x, name); err != nil {
			return nil, err
		}
	}
	return plots, nil
}
