package describe

import (
	"encoding/json"
	"math"
	"testing"

	"anomem"
)

func TestScored(t *testing.T) {
	for _, tt := range []struct {
		r          anomem.Result
		line, json string
	}{
		{anomem.Result{Score: 1.25, Scales: []float64{1, 2}, PValue: 0.5}, "normal         1.25000    0.5000  a.png",
			`{"path":"a.png","score":1.25,"scales":[1,2],"p_value":0.5,"anomalous":false}`},
		{anomem.Result{Score: 12, Scales: []float64{12}, PValue: 0.01, Anomalous: true}, "anomalous     12.00000    0.0100  a.png",
			`{"path":"a.png","score":12,"scales":[12],"p_value":0.01,"anomalous":true}`},
		{anomem.Result{Score: 0.5, PValue: math.NaN()}, "-              0.50000         -  a.png",
			`{"path":"a.png","score":0.5,"scales":null,"p_value":null,"anomalous":false}`},
	} {
		d := Scored("a.png", tt.r)
		if got := d.String(); got != tt.line {
			t.Errorf("%q, want %q", got, tt.line)
		}
		if got, err := json.Marshal(d); err != nil || string(got) != tt.json {
			t.Errorf("%s, %v, want %s", got, err, tt.json)
		}
	}
}
