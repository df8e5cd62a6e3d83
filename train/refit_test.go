package train

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"

	"anomem"
)

func format(v float64) string { return fmt.Sprintf("%.4f", v) }

// onlyDefects returns pictures with a red stain, which no training has seen.
func onlyDefects(name string, n int) *drawing {
	d := &drawing{}
	for i := range n {
		img := upright(name, i, 16, 16)
		for y := 5; y < 12; y++ {
			for x := 4 + i%3; x < 11+i%3; x++ {
				copy(img.Pix[3*(16*y+x):], []byte{200, 0, 0})
			}
		}
		d.add(img, false, nil)
	}
	return d
}

// TestRefit plants a defect of a kind that training has not seen. The new heads find others
// of its kind better than the old ones, the rest of the model stays the same, and a second
// Refit gives the same file. Where images are scored against their rotated copies, which
// have the stain, too, it counts for less.
func TestRefit(t *testing.T) {
	t.Run("by itself", func(t *testing.T) { testRefit(t, false, false) })
	t.Run("against rotated copies", func(t *testing.T) { testRefit(t, true, false) })
	t.Run("local heads", func(t *testing.T) { testRefit(t, false, true) })
	t.Run("local heads against rotated copies", func(t *testing.T) { testRefit(t, true, true) })
}

func testRefit(t *testing.T, turns, local bool) {
	ctx := context.Background()
	r := smallRun(t, uprights("normal", 16))
	r.Options.Rotations, r.Config.Head.Local = turns, local
	if local { // as for parts, whose views lose little
		r.Options.Augment.CropArea = [2]float64{0.8, 1}
	}
	r.Options.Heads.Epochs = 10
	m, err := r.Train(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := r.Options
	o.Heads.Epochs, o.Seed = 80, 9
	var said []string
	next, err := Refit(ctx, m, onlyDefects("new", 5), o, func(text string) { said = append(said, text) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	// How often an unseen defect scores above a normal image.
	auroc := func(m *anomem.Model) float64 {
		normal := scoresOf(m, uprights("test", 20))
		defect := scoresOf(m, onlyDefects("test", 20))
		n := 0
		for _, a := range normal {
			for _, b := range defect {
				if b > a {
					n++
				}
			}
		}
		return float64(n) / 400
	}
	before, after := auroc(m), auroc(next)
	if !turns && (after < 0.95 || after <= before) || after < 0.9 {
		t.Errorf("AUROC %v before and %v after the refit", before, after)
	}
	if len(said) != 7 || !strings.Contains(said[0], "refit on 5 more known anomalies, seed 9") || !strings.HasPrefix(said[5], "known anomaly 5 of 5, unseen") {
		t.Errorf("notes %q", said)
	}
	p, was := next.Provenance(), m.Provenance()
	if p.Known != 5 || p.Images != 21 || p.Seed != was.Seed || !slices.Equal(p.Notes, slices.Concat(was.Notes, said)) || len(was.Notes) != 0 {
		t.Errorf("provenance %+v", p)
	}
	if next.Parts().Encoder != m.Parts().Encoder || &m.Parts().Heads[0].Hidden.Weight.Data()[0] == &next.Parts().Heads[0].Hidden.Weight.Data()[0] {
		t.Error("another encoder, or the same heads")
	}
	if turns && !local && &m.Parts().Heads[0].Hidden.Weight.Data()[0] != &next.Parts().RotationHeads[0].Hidden.Weight.Data()[0] {
		t.Error("the heads for rotated copies are others")
	}
	if next.Config().Head.Paired() != (turns && !local) || next.Config().Score.Rotations != next.Config().Head.Paired() {
		t.Errorf("heads %+v, score %+v", next.Config().Head, next.Config().Score)
	}
	again, err := Refit(ctx, m, onlyDefects("new", 5), o, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(fileOf(t, again)) != string(fileOf(t, next)) {
		t.Error("the second refit is another")
	}
	// Calibration by stored cells is calibration by the images.
	scores := scoresOf(next, r.Held.(*drawing))
	slices.Sort(scores)
	if _, alpha := next.Threshold(); !slices.Equal(scores, next.Calibration().Scores) || alpha != 0.1 {
		t.Errorf("calibrated by %v for %v, and the held-out images score %v", next.Calibration().Scores, alpha, scores)
	}
	// Refit again: the anomalies of the first refit are kept.
	third, err := Refit(ctx, next, onlyDefects("newer", 2), o, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	images := map[int32]bool{}
	for k, role := range third.Replay().Role {
		if role == anomem.RoleKnown || role == anomem.RoleBag { // local heads do not know where
			images[third.Replay().Image[k]] = true
		}
	}
	if len(images) != 7 || third.Provenance().Known != 7 {
		t.Errorf("%d known anomalies after two refits, %d by the file", len(images), third.Provenance().Known)
	}
	if !next.Config().Head.Paired() {
		return
	}
	for k, role := range next.Replay().Role {
		if role == anomem.RoleHeld {
			next.Replay().Quarters[k] = 0
		}
	}
	if _, err := Refit(ctx, next, onlyDefects("newer", 2), o, nil, nil); err == nil || !strings.Contains(err.Error(), "in four rotations") {
		t.Errorf("held-out images without their turns: %v", err)
	}
}

// Tiles of new anomalies are bags and are stored as such.
func TestRefitOfTiles(t *testing.T) {
	ctx := context.Background()
	d := &drawing{}
	for i := range 6 {
		d.add(upright("normal", i, 28, 28), true, nil)
	}
	img, mask := spotted(upright("known", 0, 28, 28), 20, 4, 6)
	d.add(img, false, mask)
	img, _ = spotted(upright("known", 1, 28, 28), 4, 20, 6)
	d.add(img, false, nil)
	r := smallRun(t, d)
	r.Config = tiledConfig()
	r.Held = &drawing{images: d.images[:3], normal: []bool{true, true, true}}
	r.Promise.Alpha, r.Options.Epochs = 0, 1
	m, err := r.Train(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	count := func(m *anomem.Model) map[anomem.Role]int {
		n := map[anomem.Role]int{}
		for _, role := range m.Replay().Role {
			n[role]++
		}
		return n
	}
	// There are two views. 6 images have 4 tiles each, 3 of the fourth are normal; the bag
	// has 4. Held-out images are stored in four rotations, and heads for rotated copies are
	// not trained again.
	want := map[anomem.Role]int{anomem.RoleNormal: 2 * 27, anomem.RoleKnown: 2, anomem.RoleBag: 8, anomem.RoleHeld: 4 * 12}
	if got := count(m); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	img, _ = spotted(upright("new", 1, 28, 28), 18, 20, 6)
	fresh := &drawing{images: []*imageio.Image{img}, normal: []bool{false}}
	next, err := Refit(ctx, m, fresh, r.Options, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want[anomem.RoleBag] += 4
	if got := count(next); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after the refit kept %v, want %v", got, want)
	}
}

// A file is not trusted with its held-out images: with fewer than four rotations of each,
// the scores of several images would be taken for those of one.
func TestInFourTurns(t *testing.T) {
	for _, c := range []struct {
		image, turn []int
		want        bool
	}{
		{nil, nil, true},
		{[]int{0, 0, 0, 0, 2, 2, 2, 2}, []int{0, 1, 2, 3, 0, 1, 2, 3}, true},
		{[]int{0, 0, 0, 0, 0, 0, 0, 0}, []int{0, 0, 1, 1, 2, 2, 3, 3}, true},
		{[]int{0, 1, 2, 3}, []int{0, 0, 0, 0}, false},
		{[]int{0, 0, 0, 0}, []int{0, 1, 3, 2}, false},
		{[]int{0, 0, 0}, []int{0, 1, 2}, false},
		{[]int{0, 0, 0, 1}, []int{0, 1, 2, 3}, false},
		{[]int{0, 0, 0, 0}, []int{1, 2, 3, 0}, false},
	} {
		if got := inFourTurns(&Cells{Image: c.image, Quarters: c.turn}); got != c.want {
			t.Errorf("images %v in turns %v: %v", c.image, c.turn, got)
		}
	}
}

func TestRefitRefuses(t *testing.T) {
	ctx := context.Background()
	m := modelOf(t, smallConfig())
	o := smallOptions()
	if _, err := Refit(ctx, m, onlyDefects("a", 1), o, nil, nil); err == nil || !strings.Contains(err.Error(), "keeps nothing") {
		t.Errorf("a model without replay: %v", err)
	}
	cells, err := CellsOf(ctx, m, uprights("a", 4), smallOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetReplay(replayOf(m.Config().Head, 0, cells, nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := Refit(ctx, m, &drawing{}, o, nil, nil); err == nil || !strings.Contains(err.Error(), "no image to learn from") {
		t.Errorf("no defects: %v", err)
	}
	o.Heads.Epochs = 1 << 50
	if _, err := Refit(ctx, m, onlyDefects("a", 1), o, nil, nil); err == nil || !strings.Contains(err.Error(), "epochs") {
		t.Errorf("options of a hostile file: %v", err)
	}
}

// Where a defect has a mask, local heads learn from the cells that it marks, and its other
// cells are normal ones. A defect without one is a bag beside it.
func TestRefitByMasks(t *testing.T) {
	r := smallRun(t, uprights("normal", 16))
	r.Options.Rotations, r.Config.Head.Local = false, true
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defects := onlyDefects("new", 3)
	for i := range 2 {
		mask := &imageio.Mask{W: 16, H: 16, Pix: make([]bool, 256)}
		for y := 5; y < 12; y++ {
			for x := 4 + i; x < 11+i; x++ {
				mask.Pix[16*y+x] = true
			}
		}
		defects.masks[i] = mask
	}
	next, err := Refit(t.Context(), m, defects, r.Options, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[int32]map[anomem.Role]int{}
	for k, role := range next.Replay().Role {
		if i := next.Replay().Image[k]; role == anomem.RoleKnown || role == anomem.RoleBag {
			if roles[i] == nil {
				roles[i] = map[anomem.Role]int{}
			}
			roles[i][role]++
		}
	}
	var known, bags int
	for _, of := range roles {
		switch {
		case of[anomem.RoleKnown] > 0 && of[anomem.RoleBag] == 0:
			known++
		case of[anomem.RoleBag] > 0 && of[anomem.RoleKnown] == 0:
			bags++
		}
	}
	if known != 2 || bags != 1 || next.Provenance().Known != 3 {
		t.Errorf("%d known, %d bags: %v", known, bags, roles)
	}
}

// A promise that the kept held-out images cannot keep is refused before anything is trained,
// one that they can keep is not, and a model that promises nothing is refitted by few.
func TestRefitChecksThePromise(t *testing.T) {
	bytes := heldBytes
	defer func() { heldBytes = bytes }()
	heldBytes = 1
	r := smallRun(t, uprights("normal", 16))
	var said []string
	r.OnNote = func(s string) { said = append(said, s) }
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if KeptHeld(m) != 1 || !slices.Contains(said, "the model keeps 1 of 10 held-out images for a refit") {
		t.Fatalf("%d held-out images are kept, said %q", KeptHeld(m), said)
	}
	said = nil
	refit := func(p anomem.Promise) (*anomem.Model, error) {
		if err := m.Calibrate(m.Calibration().Scores, p); err != nil {
			t.Fatal(err)
		}
		return Refit(t.Context(), m, onlyDefects("new", 5), r.Options, func(s string) { said = append(said, s) }, nil)
	}
	if _, err = refit(anomem.Promise{Alpha: 0.1}); err == nil || !strings.Contains(err.Error(), "1 held-out normal image cannot promise a false-alarm rate of 0.1, which takes 9") || len(said) > 0 {
		t.Errorf("%v after %q", err, said)
	}
	for _, alpha := range []float64{0.5, 0} {
		next, err := refit(anomem.Promise{Alpha: alpha})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(next.Calibration().Scores); n != 1 || next.Promise().Alpha != alpha || !slices.Contains(said, "calibrated by the 1 held-out images that the model keeps, not by 10 as before") {
			t.Errorf("a rate of %g: calibrated by %d, for %v, said %q", alpha, n, next.Promise(), said)
		}
	}
	if KeptHeld(modelOf(t, smallConfig())) != 0 {
		t.Error("a model without replay keeps images")
	}
}
