package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// full is a report with everything in it, and names that would break a page.
func full() *Report {
	r := rng.New(1)
	nan := math.NaN()
	heat := &imageio.Map{W: 2, H: 2, Value: []float32{0.25, 1, 2, 8}}
	mask := imageio.NewMask(900, 600)
	mask.Pix[300*900+450] = true
	return &Report{
		Title: `Tiles <script>alert("x")</script>`, Lead: "Two & two.",
		Figures: []Figure{{"AUROC", "75.0 %", "95 %: 20 to 97"}, {"images", "4", ""}},
		Tables:  []Table{{"Beside", []string{"", "AUROC"}, [][]string{{"anomem", "75"}, {"mean colour", "50"}}}},
		Scores:  []float64{0, 1, 2, 3}, Anomalous: []bool{false, true, false, true}, Threshold: 1.5,
		Plots: []Plot{{Title: "Loss", X: "step", Lines: []Line{{Name: "loss", X: []float64{0, 1, 2}, Y: []float64{3, nan, 1}}}}},
		Gallery: []Example{
			{Name: "low.png", Image: noise(&r, 20, 30), Heat: heat, Score: 1, PValue: 0.5, Label: "good"},
			{Name: `"><img src=x>.png`, Image: noise(&r, 900, 600), Heat: heat, Mask: mask, Score: 3, PValue: nan, Label: "crack", Anomalous: true, Flagged: true},
			{Name: "false.png", Image: noise(&r, 5, 5), Heat: heat, Score: 2, PValue: 0.0123456, Label: "good", Flagged: true},
			{Name: "missed.png", Image: noise(&r, 5, 5), Heat: heat, Score: 1, PValue: 0.5, Label: "crack", Anomalous: true},
			{Name: "unknown.png", Image: noise(&r, 5, 5), Heat: heat, Score: -1, PValue: 0.5, Flagged: true},
		},
	}
}

func written(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The page is well-formed, whatever the names, and refers to nothing outside itself.
func TestPageIsWholeAndAlone(t *testing.T) {
	page := written(t, full())
	if again := written(t, full()); again != page {
		t.Error("the same report gave another page")
	}
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	var titles []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "script", "link", "iframe", "object", "base":
			t.Errorf("a %s in the page", start.Name.Local)
		case "h1":
			var s string
			if err := d.DecodeElement(&s, &start); err != nil {
				t.Fatal(err)
			}
			titles = append(titles, s)
		}
		for _, a := range start.Attr {
			if (a.Name.Local == "src" || a.Name.Local == "href") && !strings.HasPrefix(a.Value, "data:image/png;base64,") {
				t.Errorf("%s refers to %s", start.Name.Local, a.Value)
			}
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "ZgotmplZ") {
				t.Errorf("%s=%q in %s", a.Name.Local, a.Value, start.Name.Local)
			}
		}
	}
	if len(titles) != 1 || titles[0] != full().Title {
		t.Errorf("titles %q", titles)
	}
	if strings.Contains(page, "url(") || strings.Contains(page, "@import") || strings.Count(page, "http") != strings.Count(page, "http-equiv") {
		t.Error("the page refers to something outside")
	}
}

func TestPageShowsEverything(t *testing.T) {
	page := written(t, full())
	for _, want := range []string{
		"Two &amp; two.", "75.0 %", "95 %: 20 to 97", "mean colour", "threshold 1.5", "ROC curve, area 75.0 %",
		"the threshold recalls 50.0 % of the anomalies at 50.0 % false alarms", ">Loss<", ">0.25<", ">8<", "p <b>0.01235</b>", "key mask",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 3 {
		t.Errorf("%d charts, want 3", n)
	}
	// From the highest score, of equal ones in their order.
	shown := regexp.MustCompile(`class="name">([^<]*)<`).FindAllStringSubmatch(page, -1)
	verdicts := regexp.MustCompile(`class="verdict (\w+)">([^<]*)<`).FindAllStringSubmatch(page, -1)
	var got []string
	for i, s := range shown {
		got = append(got, fmt.Sprint(s[1], " ", verdicts[i][1], " ", verdicts[i][2]))
	}
	want := []string{
		"&#34;&gt;&lt;img src=x&gt;.png right found", "false.png wrong false alarm", "low.png right passed",
		"missed.png wrong missed", "unknown.png flagged flagged",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("gallery %q, want %q", got, want)
	}
	// The palette, then each picture beside its heatmap, no larger than 256 pixels and
	// no smaller than 128.
	sizes := ""
	for _, m := range regexp.MustCompile(`data:image/png;base64,([^"]*)"`).FindAllStringSubmatch(page, -1) {
		file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(m[1], "&#43;", "+"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		sizes += fmt.Sprint(img.Bounds().Dx(), "×", img.Bounds().Dy(), " ")
	}
	if want := "256×1 516×171 264×130 204×150 264×130 264×130 "; sizes != want {
		t.Errorf("pictures of %s, want %s", sizes, want)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := full().WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if file, err := os.ReadFile(path); err != nil || string(file) != written(t, full()) {
		t.Errorf("the file is not the page, %v", err)
	}
	if err := full().WriteFile(filepath.Join(path, "below")); err == nil {
		t.Error("a file below a file")
	}
}

func TestAddPercents(t *testing.T) {
	var table Table
	table.AddPercents("a", 0.5, 0.98765)
	row := table.AddPercents("b", 1, 0)
	if got := fmt.Sprint(table.Rows, row); got != "[[a 50.0 98.8] [b 100.0 0.0]] [b 100.0 0.0]" {
		t.Error(got)
	}
}

// A report of nothing but a title is a page without parts; one without labels has a
// histogram alone.
func TestPageLeavesOutWhatIsNotThere(t *testing.T) {
	page := written(t, &Report{Title: "Nothing"})
	for _, part := range []string{"<h2>", "<svg", "<dl", "<table", "<ul", "<img"} {
		if strings.Contains(page, part) {
			t.Errorf("an empty report has %s", part)
		}
	}
	page = written(t, &Report{Title: "Unlabelled", Scores: []float64{1, 2, 3}, Threshold: math.NaN()})
	if strings.Count(page, "<svg") != 1 || strings.Contains(page, "ROC") || strings.Contains(page, `class="rule"`) {
		t.Error("wrong charts without labels")
	}
}

func TestReportsThatCannotBeShown(t *testing.T) {
	img := imageio.NewImage(2, 2)
	heat := &imageio.Map{W: 1, H: 1, Value: []float32{1}}
	for want, r := range map[string]*Report{
		"report: score 1 of 2 is NaN":                            {Scores: []float64{0, math.NaN()}},
		"report: 2 scores with 1 labels":                         {Scores: []float64{0, 1}, Anomalous: []bool{true}},
		"report: a.png: an image without pixels":                 {Gallery: []Example{{Name: "a.png", Heat: heat}}},
		"report: a.png: 1 values in a heatmap of 2×1":            {Gallery: []Example{{Name: "a.png", Image: img, Heat: &imageio.Map{W: 2, H: 1, Value: []float32{1}}}}},
		"report: a.png: no heatmap":                              {Gallery: []Example{{Name: "a.png", Image: img}}},
		"report: a.png: a mask of 2×2, 3 values, for 2×2 pixels": {Gallery: []Example{{Name: "a.png", Image: img, Heat: heat, Mask: &imageio.Mask{W: 2, H: 2, Pix: make([]bool, 3)}}}},
		"report: a.png: a mask of 4×1, 4 values, for 2×2 pixels": {Gallery: []Example{{Name: "a.png", Image: img, Heat: heat, Mask: imageio.NewMask(4, 1)}}},
	} {
		if err := r.WriteHTML(io.Discard); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	full := errors.New("disk full")
	if err := (&Report{}).WriteHTML(failing{full}); err != full {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
