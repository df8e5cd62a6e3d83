package dataset

import (
	"path/filepath"
	"testing"
)

// A dataset in a folder of its own is read as if that folder was given, and this is said.
func TestEnter(t *testing.T) {
	for _, c := range []struct {
		name    string
		content map[string]string
		inner   string
	}{
		{"mvtec", images("bottle/train/good/0.png", "bottle/test/cut/0.png", "bottle/ground_truth/cut/0_mask.png"), "bottle"},
		{"further down", images("a/b/train/good/0.png", "a/b/test/cut/0.png"), "a/b"},
		{"visa", images("candle/Data/Images/Normal/0.JPG", "candle/Data/Images/Anomaly/0.JPG", "candle/Data/Masks/Anomaly/0.png"), "candle"},
		{"classes", images("set/good/0.png", "set/bad/0.png"), "set"},
		{"classes of splits", images("set/train/ok/0.png", "set/test/ko/0.png"), "set"},
		{"ksdd", images("ksdd2/train/0.png", "ksdd2/train/0_GT.png"), "ksdd2"},
		{"beside a folder without images", images("set/good/0.png", "set/scratch/0.png", "docs/"), "set"},
		{"cifar", map[string]string{"set/test_batch.bin": records([]byte{1}), "notes.txt": "x"}, "set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, c.content)
			inner := filepath.Join(root, filepath.FromSlash(c.inner))
			o := Options{}
			if c.name == "cifar" {
				o.Normal = []string{"automobile"}
			}
			outer, direct := mustOpen(t, root, o), mustOpen(t, inner, o)
			a, err := outer.Digest(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			b, err := direct.Digest(t.Context(), 1)
			if err != nil || a != b || outer.Name != direct.Name || outer.Root != inner || outer.Layout != direct.Layout {
				t.Errorf("%s is read as %s in %s: %s; %s; %v", root, outer.Layout, outer.Root, a, b, err)
			}
			if len(direct.Warnings()) != 0 {
				t.Errorf("%q", direct.Warnings())
			}
			wantWarnings(t, outer.Warnings(), "reading "+inner+", the only dataset in "+root)
		})
	}
}

// Folders of which some may be datasets are neither entered nor taken for classes.
func TestEnterErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		content map[string]string
		want    []string
	}{
		{"two of mvtec", images("a/train/good/0.png", "b/train/good/0.png"), []string{"several datasets", "a (mvtec)", "b (mvtec)", "force the layout classes"}},
		{"two of classes", images("a/good/0.png", "a/bad/0.png", "b/ok/0.png", "b/ng/0.png"), []string{"a (classes)", "b (classes)"}},
		{"visa", images("a/Data/Images/Normal/0.JPG", "b/Data/Images/Normal/0.JPG", "split_csv/"), []string{"a (visa)", "split_csv", "--object"}},
		{"other images", images("a/train/good/0.png", "b/0.png"), []string{"a (mvtec)", "other images, such as b/0.png"}},
		{"images of its own", images("a/train/good/0.png", "0.png"), []string{"a (mvtec)", "other images, such as 0.png"}},
		{"below train", images("train/a/good/0.png", "train/a/bad/0.png", "train/b/0.png"), []string{"a (classes)", "other images"}},
		{"only bad", images("set/defects/0.png"), []string{"which class is normal? set has defects, by name no normal one"}},
		{"a class of 1", images("1/a.png", "0/a.png"), []string{"0, 1, which may mean either"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(files(t, c.content), Options{})
			wantError(t, err, c.want...)
		})
	}
	d := mustOpen(t, files(t, images("a/good/0.png", "a/bad/0.png", "b/0.png")), Options{Layout: Classes, Normal: []string{"a"}})
	if got := d.Summary(); got != "layout classes: 2 normal (a), 1 anomalous (b 1)" {
		t.Error(got)
	}
}

// What was read as classes before still is.
func TestEnterLeavesClasses(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"parts/1.png"}, "layout classes: 1 normal (parts)"},
		{[]string{"parts/monday/1.png", "parts/tuesday/1.png"}, "layout classes: 2 normal (parts)"},
		{[]string{"parts/good/1.png"}, "layout classes: 1 normal (parts)"},
		{[]string{"good/1.png", "bad/broken/2.png", "bad/faults/3.png"}, "layout classes: 1 normal (good), 2 anomalous (bad 2)"},
	} {
		if got := mustOpen(t, files(t, images(c.names...)), Options{}).Summary(); got != c.want {
			t.Errorf("%q: %s, want %s", c.names, got, c.want)
		}
	}
}
