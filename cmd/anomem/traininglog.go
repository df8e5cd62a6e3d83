package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"

	"anomem/train"
)

// trainingLog writes a CSV file with a line for each step. Columns that are measured once an
// epoch are empty in other lines.
type trainingLog struct {
	file   *os.File
	csv    *csv.Writer
	scales int
}

// openLog opens the log at path. Its content stays until begin.
func openLog(path string) (*trainingLog, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--log: %w", err)
	}
	return &trainingLog{file: f, csv: csv.NewWriter(f)}, nil
}

// begin writes the head of the table and keeps the lines of the given number of steps, which
// an earlier run has made.
func (l *trainingLog) begin(scales, steps int) error {
	l.scales = scales
	head := []string{"step", "epoch", "loss", "learning_rate", "gradient_norm"}
	for i := range scales {
		head = append(head, fmt.Sprintf("patterns_used_%d", i+1), fmt.Sprintf("sharpness_%d", i+1), fmt.Sprintf("spread_%d", i+1))
	}
	rows := [][]string{head}
	if steps > 0 {
		rows = append(rows, l.before(steps, head)...)
	}
	if info, err := l.file.Stat(); err == nil && info.Mode().IsRegular() { // not a pipe
		if err := l.file.Truncate(0); err != nil {
			return fmt.Errorf("--log: %w", err)
		}
		if _, err := l.file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("--log: %w", err)
		}
	}
	return l.csv.WriteAll(rows)
}

// before returns the rows of the first steps; none if the file has another head.
func (l *trainingLog) before(steps int, head []string) [][]string {
	r := csv.NewReader(l.file)
	first, err := r.Read()
	if err != nil || fmt.Sprint(first) != fmt.Sprint(head) {
		return nil
	}
	var rows [][]string
	for {
		row, err := r.Read()
		if err != nil { // the end, or a line that was cut off
			return rows
		}
		if step, err := strconv.Atoi(row[0]); err != nil || step >= steps {
			return rows
		}
		rows = append(rows, row)
	}
}

// step adds a line.
func (l *trainingLog) step(s train.Progress) {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
	row := []string{strconv.Itoa(s.Step), strconv.Itoa(s.Epoch), number(s.Loss), number(s.LR), number(s.GradNorm)}
	for i := range l.scales {
		if i < len(s.Diagnostics) {
			w := s.Diagnostics[i]
			row = append(row, number(w.EffectivePatterns), number(w.PeakWeight), number(w.FeatureSpread))
		} else {
			row = append(row, "", "", "")
		}
	}
	l.csv.Write(row)
	l.csv.Flush() // who looks at it wants to see the last step; close tells of errors
}

func (l *trainingLog) close() error {
	err := l.csv.Error()
	if closed := l.file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	return nil
}
