package dataset

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCutMaskSuffix(t *testing.T) {
	for _, c := range []struct {
		stem, of, suffix string
		numbered         bool
	}{
		{"000_mask", "000", "_mask", false},
		{"000_GT", "000", "_gt", false},
		{"000-Mask", "000", "-mask", false},
		{"a.png.mask", "a.png", ".mask", false},
		{"Part0_label", "Part0", "_label", false},
		{"a b seg", "a b", " seg", false},
		{"a_ground_truth", "a", "_ground_truth", false},
		{"a__masks", "a", "__masks", false},
		{"a_mask_2", "a", "_mask", true},
		{"a_mask2", "a", "_mask", true},
		{"a_mask_mask", "a_mask", "_mask", false},
		{"mask", "", "", false},
		{"_mask", "", "", false},
		{"unmask", "", "", false},
		{"a_masked", "", "", false},
		{"weight", "", "", false},
	} {
		of, suffix, numbered, ok := cutMaskSuffix(c.stem)
		if want := c.of != ""; ok != want || ok && (of != c.of || suffix != c.suffix || numbered != c.numbered) {
			t.Errorf("%s: %q, %q, %t, %t", c.stem, of, suffix, numbered, ok)
		}
	}
}

// Which files are masks, and of which images. Every image is also listed by Files.
func TestPairing(t *testing.T) {
	for _, c := range []struct {
		name  string
		names string
		want  string // image, or image=mask+mask
		spare string // masks without an image
	}{
		{"beside", "000.png 000_mask.png 001.jpg 001-GT.bmp 002.png",
			"000.png=000_mask.png 001.jpg=001-GT.bmp 002.png", ""},
		{"names that only look like masks", "gas_mask.png hazmat_mask.png", "gas_mask.png hazmat_mask.png", ""},
		{"a mask whose image lacks", "000.png 000_GT.png 001_GT.png 002_label.png", "000.png=000_GT.png 002_label.png", "001_GT.png"},
		{"with the extension in the name", "a.png a.png.mask.png a.jpg", "a.jpg a.png=a.png.mask.png", ""},
		{"a mask of a mask", "a.png a_mask.png a_mask_mask.png", "a.png=a_mask.png", "a_mask_mask.png"},
		{"numbered", "a.png a_mask_1.png a_mask_2.png", "a.png=a_mask_1.png+a_mask_2.png", ""},
		{"other folders", "x/a.png y/a_mask.png", "x/a.png y/a_mask.png", ""},
		{"a folder below", "a.png masks/a.png b.png", "a.png=masks/a.png b.png", ""},
		{"the folder's mirror", "crack/a.png crack/b.png good/a.png mask/crack/a.png mask/crack/c_mask.png",
			"crack/a.png=mask/crack/a.png crack/b.png good/a.png", "mask/crack/c_mask.png"},
		{"images and masks", "set/images/a.png set/masks/a.png other/images/a.png", "other/images/a.png set/images/a.png=set/masks/a.png", ""},
		{"within a class", "crack/a.png crack/GT/a.png dent/a.png", "crack/a.png=crack/GT/a.png dent/a.png", ""},
		{"a folder with a suffix", "crack/a.png crack_mask/a.png dent/a.png", "crack/a.png=crack_mask/a.png dent/a.png", ""},
		{"several masks of an image", "x/a.png x/b.png gt/x/a/0.png gt/x/a/1.png", "x/a.png=gt/x/a/0.png+gt/x/a/1.png x/b.png", ""},
		{"a suffix before none", "x/a.png masks/a.png masks/a_mask.png", "x/a.png=masks/a_mask.png", "masks/a.png"},
		{"a folder before beside", "x/a.png x/a_mask.png masks/x/a.png", "x/a.png=masks/x/a.png", "x/a_mask.png"},
		{"a class called label", "label/1.png cap/2.png", "cap/2.png label/1.png", ""},
		{"below a folder called labels", "labels/cap/1.png labels/box/1.png", "labels/box/1.png labels/cap/1.png", ""},
		{"several images of one name", "crack/a.png dent/a.png masks/a.png", "crack/a.png dent/a.png", "masks/a.png"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, images(strings.Fields(c.names)...))
			d := mustOpen(t, root, Options{Layout: Flat})
			listed, passed, err := Files(root)
			if err != nil || len(listed) != len(d.Items) {
				t.Fatalf("Files lists %q, %v", listed, err)
			}
			short := func(path string) string {
				rel, _ := filepath.Rel(root, path)
				return filepath.ToSlash(rel)
			}
			var got []string
			for i, it := range d.Items {
				text := short(it.Path)
				for k, mask := range it.masks() {
					text += []string{"=", "+"}[min(k, 1)] + short(mask)
				}
				if got = append(got, text); listed[i] != it.Path {
					t.Errorf("Files lists %s, not %s", listed[i], it.Path)
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
			if d.Passed.Masks.Example != c.spare || (c.spare != "") != (d.Passed.Masks.N == 1) {
				t.Errorf("masks without an image: %+v, want %q", d.Passed.Masks, c.spare)
			}
			if n := strings.Count(c.names, " ") + 1; len(listed)+passed.Masks.N+passed.Beside.N != n {
				t.Errorf("Files passed over %+v and lists %d of %d", passed, len(listed), n)
			}
		})
	}
}

// A class that is named as normal holds no masks.
func TestNamedClassIsNoFolderOfMasks(t *testing.T) {
	root := files(t, images("label/1.png", "cap/1.png"))
	d := mustOpen(t, root, Options{Normal: []string{"label"}})
	if got := d.Summary(); got != "layout classes: 1 normal (label), 1 anomalous (cap 1)" {
		t.Error(got)
	}
	d = mustOpen(t, root, Options{})
	if got := d.Summary(); got != "layout classes: 1 normal (cap)" {
		t.Error(got)
	}
}

// Folders of images that all have masks are classes if one of them is named as normal.
func TestNamedClassesWithMasks(t *testing.T) {
	root := files(t, images("cat/a.png", "cat/a_mask.png", "dog/b.png", "dog/b_mask.png"))
	if d := mustOpen(t, root, Options{}); d.Layout != KSDD {
		t.Errorf("layout %s", d.Layout)
	}
	d := mustOpen(t, root, Options{Normal: []string{"cat"}})
	if got := d.Summary(); got != "layout classes: 1 normal (cat), 1 anomalous (dog 1), masks for 1 of 1" {
		t.Error(got)
	}
}

// A mask that fits images of several folders is that of the only anomaly.
func TestMaskOfTheOnlyAnomaly(t *testing.T) {
	root := files(t, images("good/0.png", "good/1.png", "crack/0.png", "dent/1.png", "bend/2.png", "dent/2.png",
		"mask/0.png", "mask/1.png", "mask/2.png"))
	d := mustOpen(t, root, Options{})
	want := `
		bend/2.png bend - - - unknown
		crack/0.png crack - - mask/0.png unknown
		dent/1.png dent - - mask/1.png unknown
		dent/2.png dent - - - unknown
		good/0.png good - - - normal
		good/1.png good - - - normal`
	if got := table(root, d); got != lines(want) {
		t.Error(got)
	}
	if d.Passed.Masks != (Count{1, "mask/2.png"}) {
		t.Errorf("%+v", d.Passed)
	}
	wantWarnings(t, d.Warnings(), "mask/2.png fits bend/2, dent/2")
}

// In folders without classes masks label, and the digest has all masks.
func TestMasksLabel(t *testing.T) {
	content := images("a.png", "b.png", "c.png", "b_mask_0.png", "b_mask_1.png")
	content["a_mask.png"] = black(t)
	content["b_mask_0.png"] = black(t)
	root := files(t, content)
	d := mustOpen(t, root, Options{})
	want := `
		a.png - - - a_mask.png normal
		b.png - - - b_mask_0.png known
		c.png - - - - normal`
	if got := table(root, d); got != lines(want) {
		t.Error(got)
	}
	if got := d.Summary(); got != "layout flat: 2 normal (1 with a mask that marks nothing, 1 without a mask), "+
		"1 anomalous (their masks mark something), masks for 1 of 1" {
		t.Error(got)
	}
	m, err := d.Items[1].ReadMask(2, 3)
	if err != nil || !m.Any() {
		t.Errorf("%v, %v", m, err)
	}
	before, err := d.Digest(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	content["b_mask_1.png"] = picture(t, 2, 3, "another")
	if after, err := mustOpen(t, files(t, content), Options{}).Digest(t.Context(), 1); err != nil || after == before {
		t.Errorf("the same digest with another second mask, %v", err)
	}
	_, err = Open(root, Options{Normal: []string{"good"}})
	wantError(t, err, "its masks say which images are normal")
	content["a_mask.png"], content["b_mask_0.png"] = "broken", "broken"
	_, err = Open(files(t, content), Options{})
	wantError(t, err, "2 files cannot be used", "a_mask.png", "b_mask_0.png")
}

// FuzzPairing: whatever files are called, each is an image or a mask, and a mask has at
// most the images of one name.
func FuzzPairing(f *testing.F) {
	f.Add("a.png\na_mask.png\nmasks/a.png")
	f.Add("gt/x/a/0.png\nx/a.png\nx_gt/a.png\n_mask.png")
	f.Add("./mask/.png\n/a\nmask//_gt\na_mask_mask1")
	f.Fuzz(func(t *testing.T, text string) {
		names := strings.Split(text, "\n")
		if len(names) > 30 || len(text) > 4096 {
			return // no system has longer paths
		}
		p := newPairing(names, nil)
		p.pairWithin(names, nil)
		keys := map[string]string{}
		for _, name := range names {
			if p.byName[name] == p.masks[name] {
				t.Fatalf("%q is an image: %t, a mask: %t", name, p.byName[name], p.masks[name])
			}
			for _, c := range p.claims[name] {
				if !p.byName[name] || !p.masks[c.mask] {
					t.Fatalf("%q is the mask of %q", c.mask, name)
				}
				if key := keys[c.mask]; key != "" && key != stem(name) {
					t.Fatalf("%q is the mask of %q and %q", c.mask, key, name)
				}
				keys[c.mask] = stem(name)
			}
		}
		p.resolve(func(name string) string { return name })
	})
}
