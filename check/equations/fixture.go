package equations

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"

	"anomem/testdata"
)

// fixture is one stored case: see testdata/equations/generate.py.
type fixture struct {
	Name   string           `json:"name"`
	Func   string           `json:"func"`
	Config config           `json:"config"`
	Inputs map[string]array `json:"inputs"`
	Output array            `json:"output"`
	Grads  map[string]array `json:"grads"`
	// Float64Only says why float32 cannot resolve the case; empty for most.
	Float64Only string `json:"float64_only"`
}

type array struct {
	Shape []int     `json:"shape"`
	Data  []float64 `json:"data"`
}

type config struct {
	Beta       float64    `json:"beta"`
	Updates    int        `json:"updates"`
	Eps        float64    `json:"eps"`
	Similarity string     `json:"similarity"`
	Normal     []bool     `json:"normal"`
	Tau        float64    `json:"tau"`
	Pair       string     `json:"pair"`
	Hinge      float64    `json:"hinge"`
	PerRow     bool       `json:"per_row"`
	LambdaV    float64    `json:"lambda_v"`
	Weights    []float64  `json:"weights"`
	Positions  [][][2]int `json:"positions"`
	Negatives  string     `json:"negatives"`
	Pool       int        `json:"pool"`
	Margin     float64    `json:"margin"`
}

// fixtures reads all stored cases, in the order of the files' names.
func fixtures() ([]fixture, error) {
	files, err := fs.Glob(testdata.Equations, "equations/*.jsonl")
	if err != nil {
		return nil, err
	}
	var all []fixture
	for _, name := range files {
		data, err := testdata.Equations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, len(data)+1)
		for n := 1; lines.Scan(); n++ {
			d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
			d.DisallowUnknownFields() // a setting that is not read would not be checked
			var f fixture
			if err := d.Decode(&f); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path.Base(name), n, err)
			}
			all = append(all, f)
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return all, nil
}
