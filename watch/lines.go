package watch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"anomem/describe"
)

// format writes records as lines, and reads them.
type format interface {
	head() []byte
	line(*Record) []byte
	// read calls take with each record of a text that ends with the end of a line, and returns
	// the length of those that are whole. It is an error if anything but the last record is
	// not whole.
	read(text io.Reader, take func(*Record)) (whole int64, err error)
	// torn reports whether a text can be the beginning of a line.
	torn(text []byte) bool
}

// jsonLines are objects, one a line. That of an image is what score --json prints, with some
// fields more.
type jsonLines struct{}

// The fields of records beside those of describe.Image.
type jsonFile struct {
	Part     string    `json:"part,omitempty"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

type jsonImage struct {
	describe.Image
	jsonFile
}

type jsonBroken struct {
	Path  string `json:"path"`
	Error string `json:"error"`
	jsonFile
}

type jsonPart struct {
	Part      string   `json:"part"`
	Shots     []string `json:"shots"`
	Score     *float64 `json:"score"`
	PValue    *float64 `json:"p_value"`
	Anomalous bool     `json:"anomalous"`
	Error     string   `json:"error,omitempty"`
}

func (jsonLines) head() []byte { return nil }

func (jsonLines) line(r *Record) []byte {
	file := jsonFile{r.Part, r.Size, r.Modified}
	var v any = jsonImage{r.Image, file}
	switch {
	case r.Shots != nil:
		part := jsonPart{Part: r.Part, Shots: r.Shots, PValue: r.PValue, Anomalous: r.Anomalous, Error: r.Error}
		if r.judged() {
			part.Score = &r.Score
		}
		v = part
	case r.Error != "":
		v = jsonBroken{r.Path, r.Error, file}
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("watch: %v", err)) // scores are finite, and times have a year
	}
	return append(text, '\n')
}

func (jsonLines) read(text io.Reader, take func(*Record)) (whole int64, err error) {
	in := bufio.NewReader(text)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return whole, nil
		}
		var r *Record
		if err == nil {
			r, err = jsonRecord(line)
		}
		if err != nil {
			return whole, fmt.Errorf("line %d: %w", n, err)
		}
		take(r)
		whole += int64(len(line))
	}
}

// jsonRecord reads a line.
func jsonRecord(line []byte) (*Record, error) {
	var v struct {
		describe.Image
		jsonFile
		Shots []string `json:"shots"`
		Score *float64 `json:"score"`
		Error string   `json:"error"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return nil, err
	}
	r := &Record{Image: v.Image, Part: v.Part, Shots: v.Shots, Error: v.Error, Size: v.Size, Modified: v.Modified}
	if r.Score = math.NaN(); v.Score != nil {
		r.Score = *v.Score
	}
	return r, r.check()
}

// torn takes a beginning of all objects, or the zeros that a power failure leaves.
func (jsonLines) torn(text []byte) bool {
	const begin = `{"pa` // of "path" and "part"
	return bytes.HasPrefix(text, []byte(begin)) || bytes.HasPrefix([]byte(begin), text) || text[0] == 0
}

// csvLines are rows, below the names of their columns.
type csvLines struct{}

var csvColumns = []string{"path", "part", "shots", "score", "p_value", "anomalous", "error", "size", "modified"}

func (csvLines) head() []byte { return csvRow(csvColumns) }

func csvRow(fields []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(fields) // to memory
	w.Flush()
	return b.Bytes()
}

func (csvLines) line(r *Record) []byte {
	row := []string{r.Path, r.Part, "", "", "", "", r.Error, "", ""}
	if r.judged() {
		row[3], row[5] = strconv.FormatFloat(r.Score, 'g', -1, 64), strconv.FormatBool(r.Anomalous)
		if r.PValue != nil {
			row[4] = strconv.FormatFloat(*r.PValue, 'g', -1, 64)
		}
	}
	if r.Shots != nil {
		row[2] = strconv.Itoa(len(r.Shots))
	} else {
		row[7], row[8] = strconv.FormatInt(r.Size, 10), stamp(r.Modified)
	}
	return csvRow(row)
}

func (csvLines) read(text io.Reader, take func(*Record)) (whole int64, err error) {
	c := csv.NewReader(text)
	c.FieldsPerRecord = -1 // which csvRecord checks
	for first := true; ; first = false {
		row, err := c.Read()
		switch {
		case err == io.EOF:
			return whole, nil
		case err == nil && first && strings.Join(row, ",") != strings.Join(csvColumns, ","):
			return 0, fmt.Errorf("line 1: its columns are not %s", strings.Join(csvColumns, ","))
		case err == nil && !first:
			var r *Record
			if r, err = csvRecord(row); err == nil {
				take(r)
			} else {
				line, _ := c.FieldPos(0)
				err = fmt.Errorf("line %d: %w", line, err)
			}
		}
		if err != nil {
			if _, more := c.Read(); !first && more == io.EOF {
				return whole, nil // torn within a path that has ends of lines
			}
			return whole, err
		}
		whole = c.InputOffset()
	}
}

// torn takes any text below the head, and the beginning of the head.
func (csvLines) torn(text []byte) bool { return true }

// csvRecord reads a row.
func csvRecord(row []string) (*Record, error) {
	if len(row) != len(csvColumns) {
		return nil, fmt.Errorf("%d columns, not %d", len(row), len(csvColumns))
	}
	r := &Record{Image: describe.Image{Path: row[0], Score: math.NaN()}, Part: row[1], Error: row[6]}
	var errs []error
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		errs = append(errs, err)
		return v
	}
	if row[2] != "" {
		n, err := strconv.Atoi(row[2])
		errs = append(errs, err)
		r.Shots = make([]string, max(0, min(n, 1<<20))) // whose paths stand in rows before
	} else {
		var err error
		r.Size, err = strconv.ParseInt(row[7], 10, 64)
		errs = append(errs, err)
		r.Modified, err = time.Parse(time.RFC3339Nano, row[8])
		errs = append(errs, err)
	}
	if row[3] != "" {
		r.Score = number(row[3])
		r.Anomalous = row[5] == "true"
	}
	if row[4] != "" {
		p := number(row[4])
		r.PValue = &p
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, r.check()
}

// check returns an error unless r is a record of an image or of a part.
func (r *Record) check() error {
	if r.Shots == nil && (r.Path == "" || r.Error == "" && math.IsNaN(r.Score)) || r.Shots != nil && r.Part == "" {
		return errors.New("it is no record of an image or a part")
	}
	return nil
}
