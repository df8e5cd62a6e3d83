package describe

import (
	"encoding/json"
	"image"
	"math"
	"strings"
	"testing"

	"anomem/imageio"

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

// A name that would break a line or command a terminal is quoted; any other stays as it is.
func TestLineOfOddPath(t *testing.T) {
	for path, want := range map[string]string{
		"a\nb.png": `"a\nb.png"`, "\x1b[2J.png": `"\x1b[2J.png"`, "\u009b2J.png": `"\u009b2J.png"`,
		`ü "b".png`: `ü "b".png`, "\xff.png": "\xff.png",
	} {
		if got := Scored(path, anomem.Result{Score: 1}).String(); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("%q, want %q at its end", got, want)
		}
	}
}

// A threshold by hand decides the verdict, and every output says so.
func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		score, pvalue, threshold float64
		line, json               string
	}{
		{1.25, 0.01, 1.25, "normal         1.25000    0.0100  (threshold 1.25 by hand)  a.png",
			`{"path":"a.png","score":1.25,"scales":null,"p_value":0.01,"anomalous":false,"threshold_by_hand":1.25}`},
		{1.25, 0.5, 1, "anomalous      1.25000    0.5000  (threshold 1 by hand)  a.png",
			`{"path":"a.png","score":1.25,"scales":null,"p_value":0.5,"anomalous":true,"threshold_by_hand":1}`},
		{-1, math.NaN(), 0, "normal        -1.00000         -  (threshold 0 by hand)  a.png",
			`{"path":"a.png","score":-1,"scales":null,"p_value":null,"anomalous":false,"threshold_by_hand":0}`},
	} {
		d := Scored("a.png", anomem.Result{Score: tt.score, PValue: tt.pvalue, Anomalous: tt.pvalue < 0.05})
		d.Judge(tt.threshold)
		if got := d.String(); got != tt.line {
			t.Errorf("%q, want %q", got, tt.line)
		}
		if got, err := json.Marshal(d); err != nil || string(got) != tt.json {
			t.Errorf("%s, %v, want %s", got, err, tt.json)
		}
	}
}

func TestRegions(t *testing.T) {
	got := Regions([]imageio.Region{{Bounds: image.Rect(3, 4, 10, 6), Area: 9, Peak: 0.25, At: image.Pt(5, 5)}})
	if want := (Region{3, 4, 7, 2, 9, 0.25}); len(got) != 1 || got[0] != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if got, want := got[0].String(), "region x 3 y 4 w 7 h 2  area 9  peak 0.25000"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, tt := range []struct {
		regions []Region
		json    string
	}{
		{got, `{"path":"","score":0,"scales":null,"p_value":null,"anomalous":false,"regions":[{"x":3,"y":4,"w":7,"h":2,"area":9,"peak":0.25}]}`},
		{Regions(nil), `{"path":"","score":0,"scales":null,"p_value":null,"anomalous":false,"regions":[]}`},
	} {
		if b, err := json.Marshal(Image{Regions: tt.regions}); err != nil || string(b) != tt.json {
			t.Errorf("%s, %v, want %s", b, err, tt.json)
		}
	}
}
