package report

import "fmt"

// Report is the content of a page. The page shows each part that is not empty, in this
// order.
type Report struct {
	Title string
	Lead  string // a sentence or two on what was done

	Figures []Figure
	Tables  []Table

	// The scores of the test's images, which of them are anomalies (nil: not known),
	// and the threshold above which an image is flagged (NaN: none).
	Scores    []float64
	Anomalous []bool
	Threshold float64

	Plots []Plot // of the training

	// Pictures with their heatmaps, shown from the highest score, and the values of the
	// first and the last colour. If both are 0, these are the lowest and the highest value
	// of all heatmaps.
	Gallery []Example
	Lo, Hi  float32

	Sections []Section
}

// Figure is a number worth reading first.
type Figure struct {
	Name, Value string
	Note        string // what qualifies it: the interval, the number of images
}

// Table is text in rows, with a cell for each column.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]string
}

// AddPercents appends a row of rates, from 0 to 1, as percentages with one decimal, and
// returns it.
func (t *Table) AddPercents(name string, rates ...float64) []string {
	row := []string{name}
	for _, r := range rates {
		row = append(row, fmt.Sprintf("%.1f", 100*r))
	}
	t.Rows = append(t.Rows, row)
	return row
}
