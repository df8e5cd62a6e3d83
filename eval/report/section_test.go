package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"anomem/imageio"
)

// sectioned is a report with two sections.
func sectioned() *Report {
	return &Report{Title: "Runs", Sections: []Section{
		{
			Title: "one-vs-all, <set>", Note: "Means.",
			Tables: []Table{{"AUROC", []string{"detector", "mean"}, [][]string{{"a", "75"}}}},
			Plots: []Plot{
				{Title: "Recall", X: "false alarms", Percent: true, Chance: true, Lines: []Line{{Name: "a", X: []float64{0, 50, 100}, Y: []float64{0, 80, 100}}}},
				{Title: "AUROC", X: "memory", Points: true, Places: []string{"64", "a long name"}, Lines: []Line{
					{Name: "a", X: []float64{0, 1}, Y: []float64{60, 70}}, {Name: "quoted", X: []float64{1}, Y: []float64{65}, Dashed: true, Colour: 1},
				}},
			},
		},
		{
			Title: "a, γ 0", Folded: true,
			Ridges:     []Ridges{{"By class", []Ridge{{"good", false, []float64{1, 2, 3}, ""}, {"print_contamination", true, []float64{3, 4}, "87.5"}}}},
			Thumbnails: []Thumbnails{{"Missed", []Thumbnail{{[]byte("file"), []byte("heat"), "crack/1.png", "crack", true, 0.25}}}},
			Scatters:   []Scatter{{"Scale 2 against 1", "scale 1", Points{[]float64{0, 1}, []float64{0, 5}}, Points{[]float64{2}, []float64{10}}}},
			Patches:    []Patches{{"Memory", []Patch{{[]byte("rows"), "pattern 7", "normal 3 %", "anomalies 1 %"}}}},
		},
	}}
}

func TestSections(t *testing.T) {
	page := written(t, sectioned())
	for _, want := range []string{
		"<h2>one-vs-all, &lt;set&gt;</h2>", `<p class="note">Means.</p>`, "<caption>AUROC</caption>",
		`<path class="chance" d="M48 220L388 12"/>`, `<path class="line series0" d="M48 220L218 53.6L388 12"/>`,
		`<path class="line series0 dashed" d="M`, `<circle class="mark series0" cx="133"`, "<title>a: 60</title>", ">64</text>", ">a long name</text>",
		"<details><summary>a, γ 0</summary>", "<title>print_contamination</title>", ">print_contamin…</text>", ">87.5</text>", `<path class="ridge anomalies" d="M110 `,
		`<li class="anomalies"><img src="data:image/jpeg;base64,ZmlsZQ==" alt="crack/1.png"`, `<span class="score">0.25</span>`,
		`<img class="heat" src="data:image/jpeg;base64,aGVhdA==" alt="heatmap of crack/1.png"`,
		`<path class="dots normals" d="M48 220h0M218 116h0"/>`, `<path class="dots anomalies" d="M388 12h0"/>`, `<span class="key anomalies">1 anomalies</span>`,
		"<b>Memory</b>", `<img src="data:image/jpeg;base64,cm93cw==" alt="pattern 7"`, `<span class="key normals">normal 3 %</span><span class="key anomalies">anomalies 1 %</span>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "NaN") {
		t.Error("the page has a value that the template refused")
	}
}

// Each score is in a bin, far ones in the outermost.
func TestRidgeOutline(t *testing.T) {
	d := outline([]float64{0, 0.1, 5, 99, -7}, 0, 10, 100)
	// Three of five in the first bin of 40, one in bin 20, one in the last.
	if want := "M110 100H110V81H115.9V100H227.5V93.7H233.4V100H339.1V93.7H345V100Z"; d != want {
		t.Errorf("%s, want %s", d, want)
	}
}

func TestRidgesThatCannotBeShown(t *testing.T) {
	for want, r := range map[string]Ridge{
		"report: R: a has no scores": {Name: "a"},
		"report: R: a score is NaN":  {Name: "a", Scores: []float64{1, math.NaN()}},
		"report: R: a score is +Inf": {Name: "a", Scores: []float64{1, math.Inf(1)}},
		"report: R: a score is -Inf": {Name: "a", Scores: []float64{math.Inf(-1), 2}},
		"report: R: b has no scores": {Name: "b"},
	} {
		page := &Report{Sections: []Section{{Ridges: []Ridges{{"R", []Ridge{r}}}}}}
		if err := page.WriteHTML(io.Discard); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// Lines have a colour each; beyond the last the first returns, dashed.
func TestLineClass(t *testing.T) {
	var got []string
	for _, i := range []int{0, 7, 8, 15, 16} {
		got = append(got, Line{}.class(i))
	}
	if fmt.Sprint(got) != "[series0 series7 series0 dashed series7 dashed series0]" {
		t.Errorf("%q", got)
	}
	if c := (Line{Colour: 3, Dashed: true}).class(0); c != "series2 dashed" {
		t.Errorf("%q", c)
	}
}

// A point beyond nearly all others stands at the edge; what cannot be placed is an error.
func TestScatter(t *testing.T) {
	s := Scatter{Title: "S"}
	for i := range 1000 {
		s.Normal.X, s.Normal.Y = append(s.Normal.X, float64(i)/999), append(s.Normal.Y, 0)
	}
	s.Anomalous = Points{[]float64{1e9}, []float64{0}}
	c, err := s.chart()
	if err != nil || c.Frame.x1 > 1 || c.Paths[1].D != "M388 116h0" {
		t.Errorf("%v, to %v, %v", c.Paths[1].D, c.Frame.x1, err)
	}
	for want, s := range map[string]Scatter{
		"report: S: no points":                {Title: "S"},
		"report: S: a score is no number":     {Title: "S", Normal: Points{[]float64{1}, []float64{math.NaN()}}},
		"report: S: 2 places across for 1 up": {Title: "S", Normal: Points{[]float64{1, 2}, []float64{1}}},
		"report: S: 2 places across for 2 up": {Title: "S", Normal: Points{[]float64{1, 2}, []float64{1}}, Anomalous: Points{nil, []float64{1}}},
	} {
		page := &Report{Sections: []Section{{Scatters: []Scatter{s}}}}
		if err := page.WriteHTML(io.Discard); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	page := &Report{Sections: []Section{{Ridges: []Ridges{{Title: "R"}}}}}
	if err := page.WriteHTML(io.Discard); err == nil || err.Error() != "report: R: no classes" {
		t.Errorf("error %v", err)
	}
}

// A small heatmap has the mask's outline, and its longer side fits.
func TestSmall(t *testing.T) {
	for _, c := range []struct{ w, h, wantW, wantH int }{{40, 20, 80, 40}, {96, 10, 96, 10}, {300, 100, 96, 32}} {
		mask := imageio.NewMask(c.w, c.h)
		for i := range mask.Pix {
			mask.Pix[i] = true
		}
		heat := &imageio.Map{W: 2, H: 1, Value: []float32{0, 1}}
		out := Small(imageio.NewImage(c.w, c.h), heat, 0, 1, mask, 96)
		if b := out.Rect; b.Dx() != c.wantW || b.Dy() != c.wantH {
			t.Errorf("%d×%d becomes %v", c.w, c.h, b)
		}
		if out.NRGBAAt(0, 0) != MaskColour || out.NRGBAAt(c.wantW/2, c.wantH/2) == MaskColour {
			t.Errorf("%d×%d: no outline", c.w, c.h)
		}
		if out := Small(imageio.NewImage(c.w, c.h), heat, 1, 1, nil, 96); out.NRGBAAt(0, 0) == MaskColour {
			t.Errorf("%d×%d: an outline without a mask", c.w, c.h)
		}
	}
}
