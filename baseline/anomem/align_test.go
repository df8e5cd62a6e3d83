package anomem

import (
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// Parts in any pose are aligned unless it is said otherwise.
func TestFitAligns(t *testing.T) {
	var learn dataset.Samples
	for i := range 10 {
		img := imageio.NewImage(80, 80)
		for k := range img.Pix {
			u, v := k/3%80-40, k/240-40
			if img.Pix[k] = byte(60 + 7*(i+k)%9); u > -20 && u < -8 && v > -26 && v < 22 || v > 10 && v < 22 && u > -20 && u < 16 {
				img.Pix[k] += 100
			}
		}
		learn = append(learn, dataset.Sample{Image: img.Rotate90(i % 4), Normal: true})
	}
	for set, aligned := range map[string]bool{"align=auto": true, "align=never": false, "kind=texture": false} {
		d := New()
		for _, s := range []string{"preset=quick", "train.steps=1", "train.batch=8", "train.heads.epochs=1", set} {
			if err := d.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Fit(t.Context(), learn, baseline.Options{}); err != nil {
			t.Fatal(err)
		}
		if got := d.model.Template() != nil; got != aligned {
			t.Errorf("%s: aligned %t", set, got)
		}
		if m := d.Map(learn[1].Image); m.W != 80 || m.H != 80 {
			t.Errorf("%s: a map of %d×%d", set, m.W, m.H)
		}
	}
	if New().Set("align=sometimes") == nil {
		t.Error("it aligns sometimes")
	}
}
