package dataset

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem"
)

// classes opens a dataset of normal images and of anomalies of two classes, none of
// them known.
func classes(t *testing.T, normals, cut, dent int) *Dataset {
	content := map[string]string{}
	for class, n := range map[string]int{"good": normals, "cut": cut, "dent": dent} {
		for i := range n {
			content[fmt.Sprintf("%s/%03d.png", class, i)] = ""
		}
	}
	return mustOpen(t, files(t, content), Options{Layout: Classes})
}

func mustTrain(t *testing.T, d *Dataset, o TrainingOptions) *TrainingSet {
	t.Helper()
	set, err := d.TrainingSet(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A false-alarm rate of 0.05 takes 19 normal images, and of 0.01 it takes 99.
func TestHoldOutShares(t *testing.T) {
	d := classes(t, 40, 1, 1)
	for _, c := range []struct {
		o    TrainingOptions
		want int // of 40
	}{
		{TrainingOptions{}, 0},
		{TrainingOptions{HoldOut: 0.1}, 4},
		{TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 0.05}}, 19},
		{TrainingOptions{HoldOut: 0.45, Promise: anomem.Promise{Alpha: 0.05}}, 19},
		{TrainingOptions{HoldOut: 0.475, Promise: anomem.Promise{Alpha: 0.05}}, 19},
		{TrainingOptions{HoldOut: 0.5, Promise: anomem.Promise{Alpha: 0.05}}, 20},
		{TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 0.25}}, 4},
		{TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 0.01}}, 20}, // half
		{TrainingOptions{HoldOut: 0.6, Promise: anomem.Promise{Alpha: 0.01}}, 20},
		{TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 1e-300}}, 20},
		{TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 0.05}, Fixed: true}, 4},
		{TrainingOptions{HoldOut: 0.6, Promise: anomem.Promise{Alpha: 0.01}, Fixed: true}, 24},
		{TrainingOptions{HoldOut: 0, Promise: anomem.Promise{Alpha: 0.05}, Fixed: true}, 0},
	} {
		set := mustTrain(t, d, c.o)
		if set.Held.Len() != c.want || set.All.Len() != 40-c.want {
			t.Errorf("%+v: %d held, %d left; want %d held", c.o, set.Held.Len(), set.All.Len(), c.want)
		}
		both := slices.Sorted(slices.Values(slices.Concat(set.All.items, set.Held.items)))
		if !slices.Equal(both, d.Train()) || Anomalies(set.All)+Anomalies(set.Held) != 0 {
			t.Errorf("%+v: held %v, left %v", c.o, set.Held.items, set.All.items)
		}
	}
	if _, err := d.TrainingSet(t.Context(), TrainingOptions{HoldOut: 1}); err == nil {
		t.Error("every image is held out")
	}
}

// Half of the normal images are held out where a rate takes more, and no more than half, for
// any number of them: 6 of 13, though 6/13 of 13 is above 6 in float64.
func TestHoldOutIsHalf(t *testing.T) {
	for n := 2; n <= 40; n++ {
		d := classes(t, n, 1, 1)
		set := mustTrain(t, d, TrainingOptions{HoldOut: 0.1, Promise: anomem.Promise{Alpha: 0.01}})
		if set.Held.Len() != n/2 {
			t.Errorf("%d of %d images held out", set.Held.Len(), n)
		}
	}
}

// Which images are held out depends on the seed.
func TestTrainingSetSeed(t *testing.T) {
	d := classes(t, 20, 5, 5)
	o := TrainingOptions{HoldOut: 0.3, Gamma: 0.2, Seed: 1}
	first, again := mustTrain(t, d, o), mustTrain(t, d, o)
	o.Seed = 2
	other := mustTrain(t, d, o)
	if !slices.Equal(first.All.items, again.All.items) || !slices.Equal(first.Held.items, again.Held.items) {
		t.Error("the same seed trains on other images")
	}
	if slices.Equal(first.Held.items, other.Held.items) {
		t.Errorf("seeds 1 and 2 hold out %v", first.Held.items)
	}
}

// Most takes the first normal images, and leaves the known anomalies.
func TestTrainingSetMost(t *testing.T) {
	root := files(t, images("good/0.png", "good/1.png", "good/2.png", "good/3.png", "bad/a.png", "bad/b.png"))
	d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad")})
	for most, want := range map[int][]int{0: {0, 1, 2, 3, 4, 5}, 1: {0, 4, 5}, 3: {0, 1, 2, 4, 5}, 9: {0, 1, 2, 3, 4, 5}} {
		set := mustTrain(t, d, TrainingOptions{Most: most})
		if !slices.Equal(set.All.items, want) || Anomalies(set.All) != 2 {
			t.Errorf("most %d: items %v, %d anomalies; want %v and 2", most, set.All.items, Anomalies(set.All), want)
		}
	}
}

// Gamma draws known anomalies: a share of the images that training sees, which those held
// out are not.
func TestTrainingSetGamma(t *testing.T) {
	d := classes(t, 16, 3, 4)
	for _, c := range []struct {
		o    TrainingOptions
		want int
	}{
		{TrainingOptions{}, 0},
		{TrainingOptions{Gamma: 0.2}, 4},
		{TrainingOptions{Gamma: 0.2, HoldOut: 0.5}, 2},
		{TrainingOptions{Gamma: 0.2, HoldOut: 0.25}, 3},
		{TrainingOptions{Gamma: 0.45, HoldOut: 0.5}, 6}, // beside 16 there are too few
		{TrainingOptions{Gamma: 0.2, Most: 8}, 2},
		{TrainingOptions{Gamma: 0.2, Most: 8, HoldOut: 0.5}, 1},
		{TrainingOptions{Gamma: 0.2, GammaClass: "dent"}, 4},
		{TrainingOptions{Gamma: 0.01}, 0},
	} {
		d.Label(nil)
		set := mustTrain(t, d, c.o)
		if n := Anomalies(set.All); n != c.want || Anomalies(set.Held) != 0 {
			t.Errorf("%+v: %d known anomalies, want %d; %d are held", c.o, n, c.want, Anomalies(set.Held))
		}
		for k := range set.All.Len() {
			if it := set.All.Item(k); !it.Labelled || !it.Normal && c.o.GammaClass != "" && it.Class != c.o.GammaClass {
				t.Errorf("%+v: drew %+v", c.o, it)
			}
		}
	}
	_, err := d.TrainingSet(t.Context(), TrainingOptions{Gamma: 0.2, GammaClass: "cut"})
	wantError(t, err, "4 known anomalies were asked for")
	_, err = d.TrainingSet(t.Context(), TrainingOptions{Gamma: 0.2, GammaClass: "none"})
	wantError(t, err, `class "none"`)
}

// Gamma adds to the defects that are given, which stay known and count in the share.
func TestTrainingSetGammaBesideDefects(t *testing.T) {
	content := map[string]string{}
	for i := range 16 {
		content[fmt.Sprintf("all/good/%02d.png", i)] = ""
	}
	for i := range 4 {
		content[fmt.Sprintf("all/cut/%02d.png", i)] = ""
	}
	for i := range 2 {
		content[fmt.Sprintf("given/%02d.png", i)] = ""
	}
	root := files(t, content)
	d := mustOpen(t, filepath.Join(root, "all"), Options{Layout: Classes, Defects: filepath.Join(root, "given")})
	for gamma, want := range map[float64]int{0: 2, 0.2: 4, 0.12: 2} {
		set := mustTrain(t, d, TrainingOptions{Gamma: gamma})
		given, drawn := 0, 0
		for k := range set.All.Len() {
			switch it := set.All.Item(k); {
			case it.defect:
				given++
			case !it.Normal:
				drawn++
			}
		}
		if given != 2 || given+drawn != want {
			t.Errorf("gamma %v: %d defects given, %d drawn; want 2 and %d", gamma, given, drawn, want-2)
		}
		d.Label(d.given())
	}
	_, err := d.TrainingSet(t.Context(), TrainingOptions{Gamma: 0.1})
	wantError(t, err, "a share 0.1 of known anomalies beside 16 normal images is 1, and 2 defects were given")
}

// What cannot be decoded is left out before images are held out.
func TestTrainingSetSkipsBrokenImages(t *testing.T) {
	d, _ := sized(t, 1, 0, 1, 1, 0, 1)
	var notes []string
	o := TrainingOptions{HoldOut: 0.5, Read: ReadOptions{SkipBroken: true, Note: func(s string) { notes = append(notes, s) }}}
	set := mustTrain(t, d, o)
	if set.All.Len() != 2 || set.Held.Len() != 2 || len(notes) != 1 || !strings.Contains(notes[0], "001.png") || !strings.Contains(notes[0], "004.png") {
		t.Errorf("%d left, %d held, notes %q", set.All.Len(), set.Held.Len(), notes)
	}
	o.Read.SkipBroken = false
	_, err := d.TrainingSet(t.Context(), o)
	wantError(t, err, "001.png")
	d, _ = sized(t, 0, 0)
	o.Read.SkipBroken = true
	if _, err = d.TrainingSet(t.Context(), o); err == nil || !strings.Contains(err.Error(), "no normal images to train on") {
		t.Error(err)
	}
}

// A mask that does not fit its image ends a training before it begins.
func TestTrainingSetChecksMasks(t *testing.T) {
	d := masked(t)
	if _, err := d.TrainingSet(t.Context(), TrainingOptions{}); err == nil || !strings.Contains(err.Error(), "a mask of 4×3 pixels") {
		t.Error(err)
	}
	d.Label([]int{1, 4}) // those whose masks are sound
	set := mustTrain(t, d, TrainingOptions{})
	for k, has := range []bool{false, true, false} {
		if m, err := set.All.Mask(k); err != nil || (m != nil) != has {
			t.Errorf("image %d: %v, %v", k, m, err)
		}
	}
}

// The digest is that of the images, and a hash of a line an image with its role.
func TestTrainingSetDigest(t *testing.T) {
	d := classes(t, 4, 2, 0)
	known := d.drawable("")
	digest := func(o TrainingOptions) string {
		t.Helper()
		d.Label(known)
		s, err := mustTrain(t, d, o).Digest(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	o := TrainingOptions{HoldOut: 0.25}
	got := digest(o)
	set := mustTrain(t, d, o)
	data, err := d.Digest(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for i := range d.Items {
		switch {
		case slices.Contains(set.Held.items, i):
			fmt.Fprintln(h, "held")
		case d.Items[i].Normal:
			fmt.Fprintln(h, "normal")
		default:
			fmt.Fprintln(h, "known")
		}
	}
	if want := fmt.Sprintf("%s roles %x", data, h.Sum(nil)[:8]); got != want || set.Held.Len() != 1 || Anomalies(set.All) != 2 {
		t.Errorf("digest %s, want %s", got, want)
	}

	// Roles change the digest, but not the images that it names.
	same := map[string]TrainingOptions{
		"more held out": {HoldOut: 0.5},
		"none held out": {},
	}
	other := map[string]TrainingOptions{
		"fewer normal images":   {HoldOut: 0.25, Most: 3},
		"fewer known anomalies": {HoldOut: 0.25, Gamma: 0.25},
	}
	for name, o := range same {
		if s := digest(o); s == got || !SameImages(s, got) {
			t.Errorf("%s: digest %s, before %s", name, s, got)
		}
	}
	for name, o := range other {
		if s := digest(o); SameImages(s, got) {
			t.Errorf("%s: the same images", name)
		}
	}
	if s := digest(o); s != got || !SameImages(s, got) {
		t.Errorf("digest %s, then %s", got, s)
	}
	if err := os.WriteFile(d.Items[0].Path, []byte(picture(t, 2, 3, "another")), 0o666); err != nil {
		t.Fatal(err)
	}
	if s := digest(o); SameImages(s, got) {
		t.Error("the same images though one has other bytes")
	}
}

// A digest without roles names the same images as one with them.
func TestSameImages(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"a", "a", true},
		{"a roles x", "a roles y", true},
		{"a", "a roles x", true},
		{"a roles x", "b roles x", false},
		{"", "a", false},
	} {
		if SameImages(c.a, c.b) != c.want || SameImages(c.b, c.a) != c.want {
			t.Errorf("SameImages(%q, %q) is not %t", c.a, c.b, c.want)
		}
	}
}
