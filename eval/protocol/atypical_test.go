package protocol

import (
	"context"
	"slices"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/simd/pool"
)

// flat returns an image of one grey.
func flat(grey byte) *imageio.Image {
	img := imageio.NewImage(10, 12)
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	return img
}

// Of twenty normal images two are unlike all that were trained on; known anomalies do not make
// images like them typical. They are rejected from 6 on, which 19 of the 20 anomalies reach.
func TestAtypical(t *testing.T) {
	learn := dataset.Samples{{Image: flat(100), Normal: true}, {Image: flat(110), Normal: true}, {Image: flat(200)}}
	p := pool.New(2)
	defer p.Close()
	for _, c := range []struct {
		scores [2]float64 // of the two
		want   float64
	}{{[2]float64{9, 8}, 1}, {[2]float64{5.5, 6}, 0.5}, {[2]float64{5.5, 0}, 0}} {
		var a atypical
		for i := range 18 {
			a.add(flat(byte(96+i)), false, 1)
		}
		a.add(flat(200), false, c.scores[0])
		a.add(flat(20), false, c.scores[1])
		for i := range 20 {
			a.add(flat(0), true, 5+float64(i))
		}
		if got, err := a.measure(context.Background(), learn, p); err != nil || got != c.want {
			t.Errorf("scores %v: %v, %v, want %v", c.scores, got, err, c.want)
		}
	}
	rows := slices.Concat(thumb(flat(100)), thumb(flat(20)), thumb(flat(200)))
	if got := farthest(rows, thumb(flat(105))); !slices.Equal(got, []int{2}) {
		t.Errorf("%v is the farthest of three", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := thumbsOf(ctx, learn, p); err != context.Canceled {
		t.Error(err)
	}
}

// Results of an ablation have the false rejections of atypical images, and their table shows them;
// those of other protocols do not.
func TestAtypicalOfAResult(t *testing.T) {
	g := grid(OneVsAll, classes(t, 8))
	run := mustPlan(t, g)[0]
	for _, protocol := range []string{OneVsAll, Ablation} {
		if run.Protocol = protocol; protocol == Ablation {
			run.Vary, run.Value = Row, "x"
		}
		r, err := Execute(context.Background(), &run, Options{New: func(string) (baseline.Detector, error) { return stubs("ok") }})
		if err != nil {
			t.Fatal(err)
		}
		tables, err := Tables(Summarise([]*Result{r}), "")
		if err != nil {
			t.Fatal(err)
		}
		has := slices.Contains(tables[1].Columns, "FPR at 95 of atypical")
		if is := protocol == Ablation; (r.Metrics.Atypical != nil) != is || has != is || has && tables[1].Rows[0][len(tables[1].Columns)-1] == "" {
			t.Errorf("%s: %v, %v", protocol, r.Metrics.Atypical, tables[1])
		}
	}
}
