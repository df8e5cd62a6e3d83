package dataset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder of one kind is read without its masks; one of both kinds is refused.
func TestReadOneKind(t *testing.T) {
	root := files(t, images("cut/a.png", "cut/a_mask.png", "dent/a.png", "masks/dent/a.png"))
	im, err := ReadDefects(t.Context(), root, Options{}, ReadOptions{})
	if err != nil || im.Len() != 2 || Anomalies(im) != 2 {
		t.Fatalf("%+v, %v", im, err)
	}
	for k := range 2 {
		if m, err := im.Mask(k); err != nil || !m.Any() {
			t.Errorf("image %d: %v, %v", k, m, err)
		}
	}
	for _, names := range [][]string{
		{"good/a.png", "cut/a.png"},
		{"train/good/a.png", "test/good/a.png", "test/cut/a.png"},
		{"Data/Images/Normal/a.png", "Data/Images/Anomaly/b.png"},
	} {
		root := files(t, images(names...))
		for _, read := range []func() (*Images, error){
			func() (*Images, error) { return ReadDefects(t.Context(), root, Options{}, ReadOptions{}) },
			func() (*Images, error) { return ReadNormals(t.Context(), root, Options{}, ReadOptions{}) },
		} {
			_, err := read()
			wantError(t, err, "give the folder of one kind")
		}
	}
}

func TestReadNormals(t *testing.T) {
	content := images("a.png", "b.png", "b_GT.png", "sub/c.png", "c_GT.png")
	root := files(t, content)
	var notes []string
	im, err := ReadNormals(t.Context(), root, Options{}, ReadOptions{Note: func(s string) { notes = append(notes, s) }})
	if err != nil || im.Len() != 2 || Anomalies(im) != 0 {
		t.Fatalf("%+v, %v", im, err)
	}
	wantWarnings(t, notes, "left out 1 image of "+filepath.Base(root)+" whose masks")
	_, err = ReadNormals(t.Context(), files(t, images("defects/a.png")), Options{}, ReadOptions{})
	wantError(t, err, "a folder defects, which is not normal by its name")
	_, err = ReadNormals(t.Context(), files(t, images("a.png", "a_GT.png")), Options{}, ReadOptions{})
	wantError(t, err, "no normal images")
}

// Folders of heatmaps are passed over and counted, or refused if they are named.
func TestHeatmaps(t *testing.T) {
	content := images("a.png", "heat/a.png", "sub/heat/b.png")
	content["heat/"+OutputMarker] = "x"
	content["sub/heat/"+OutputMarker] = "x"
	root := files(t, content)
	wantFiles(t, root, root, Passed{Heatmaps: Count{2, "heat"}}, "a.png")
	if got := mustOpen(t, root, Options{}).Summary(); got != "layout flat: 1 normal, passed over: 2 folders of heatmaps (heat)" {
		t.Error(got)
	}
	heat := filepath.Join(root, "heat")
	_, _, err := Files(heat)
	wantError(t, err, heat+" has heatmaps that anomem wrote")
	_, err = Open(heat, Options{})
	wantError(t, err, heat+" has heatmaps that anomem wrote")
	wantFiles(t, root, filepath.Join(heat, "a.png"), Passed{}, "heat/a.png")
}

// Images that cannot be read are counted as such, and rare names of those that can be
// are known.
func TestRareExtensions(t *testing.T) {
	root := files(t, images("A.JFIF", "b.jpe", "c.Dib", "d.HEIC", "e.jp2", "f.avif", "g.txt", "@eaDir/x.png", ".ipynb_checkpoints/a.png", "._a.png"))
	passed := Passed{Hidden: Count{3, "._a.png"}, Unreadable: Count{3, "d.HEIC"}, Unknown: Count{1, "g.txt"}}
	wantFiles(t, root, root, passed, "A.JFIF", "b.jpe", "c.Dib")
	_, err := Open(files(t, images("d.HEIC", "e.heic")), Options{})
	wantError(t, err, "2 images are of kinds that cannot be read (d.HEIC): convert them to PNG or JPEG")
}

// All broken images and masks of a wrong size are in one error.
func TestAllFaults(t *testing.T) {
	content := map[string]string{}
	for i := range 24 {
		content["good/x"+strings.Repeat("i", i)+".png"] = "broken"
	}
	content["bad/a.png"] = ""
	content["bad/a_mask.png"] = picture(t, 5, 5, "m")
	root := files(t, content)
	d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad")})
	_, err := d.TrainingSet(t.Context(), TrainingOptions{})
	wantError(t, err, "25 files cannot be used:", "x.png: ", "and 5 more")
	if n := strings.Count(err.Error(), "\n"); n != 21 || strings.Count(err.Error(), "dataset: ") != 1 {
		t.Errorf("%d lines: %v", n, err)
	}
	if err := os.Remove(filepath.Join(root, "bad", "a.png")); err != nil {
		t.Fatal(err)
	}
	_, err = d.Read(t.Context(), []int{0, 24}, ReadOptions{})
	wantError(t, err, "2 files cannot be used:", "a.png: ")
}

// Masks that mark nothing or more than half, and those of normal images, are warned of.
func TestMaskWarnings(t *testing.T) {
	content := images("good/a.png", "masks/good/a.png", "bad/b.png", "bad/c.png", "bad/d.png", "masks/bad/c.png")
	content["masks/bad/b.png"] = black(t)
	root := files(t, content)
	d := mustOpen(t, root, Options{})
	d.Label([]int{0, 1, 2})
	set := mustTrain(t, d, TrainingOptions{})
	in := func(name string) string { return filepath.Join(root, "masks", filepath.FromSlash(name)) }
	wantWarnings(t, set.Warnings(),
		"1 mask of an anomaly marks nothing: "+in("bad/b.png"),
		"1 mask marks more than half of its image, as an inverted one would: "+in("bad/c.png")+" (83 %)",
		"1 mask of a normal image marks something: "+in("good/a.png"))
}

// Two files of one name are said, since one may be the mask of the other, and so are
// tables and images in folders of masks.
func TestOpenWarnings(t *testing.T) {
	content := images("good/a.jpg", "good/a.png", "masks/z.png")
	content["labels.csv"] = "file,class"
	d := mustOpen(t, files(t, content), Options{})
	wantWarnings(t, d.Warnings(), "but for the extension: 1 (good/a.png)", "a name for masks: 1 (masks/z.png)", "(labels.csv)")
	d = mustOpen(t, files(t, images("good/a.png", "cut/b.png")), Options{Layout: Flat})
	wantWarnings(t, d.Warnings(), "folders cut, good are taken for normal")
}

// Regions of interest are found by name, and are in the digest.
func TestROI(t *testing.T) {
	content := images("cut/a.png", "good/a.png", "good/b.png", "roi/good/a.png", "roi/cut/a_mask.png", "roi/b.png", "one.png")
	root := files(t, content)
	in := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	plain := mustOpen(t, root, Options{ROI: in("one.png"), Layout: Flat})
	for _, it := range plain.Items {
		if it.ROI != in("one.png") || it.Path == it.ROI {
			t.Errorf("%+v", it)
		}
	}
	d := mustOpen(t, root, Options{ROI: in("roi"), Layout: Classes})
	for i, want := range []string{"roi/cut/a_mask.png", "roi/good/a.png", "roi/b.png"} {
		if d.Items[i].ROI != in(want) || d.Items[i].Mask != "" {
			t.Errorf("%+v", d.Items[i])
		}
	}
	if got := d.Counts(); got.ROI != 3 || len(got.Warnings) != 0 {
		t.Errorf("%+v", got)
	}
	a, err := d.Digest(t.Context(), 1)
	d.Items[0].ROI = ""
	b, err2 := d.Digest(t.Context(), 1)
	if err != nil || err2 != nil || a == b {
		t.Error("the same digest without a region of interest", err, err2)
	}
	if err := os.Remove(in("roi/b.png")); err != nil {
		t.Fatal(err)
	}
	wantWarnings(t, mustOpen(t, root, Options{ROI: in("roi"), Layout: Classes}).Warnings(), "1 of 3 images has no region of interest")
	_, err = Open(in("good"), Options{ROI: in("cut/a.png")})
	if err != nil {
		t.Error(err)
	}
	_, err = Open(in("good"), Options{ROI: files(t, images("z.png"))})
	wantError(t, err, "no region of interest for any image")
	_, err = Open(root, Options{ROI: root})
	wantError(t, err, "is the dataset itself")
	_, err = Open(root, Options{ROI: in("gone")})
	wantError(t, err, "gone")
}

// Of a table, normal rows are the normals and all others the defects. Without a class that
// may be normal all rows are defects; where a name may mean either, the option decides.
func TestReadTables(t *testing.T) {
	content := images("a.png", "b.png", "c.png")
	content["all.csv"] = "image,status\na.png,good\nb.png,dent\nc.png,cut\n"
	content["bad.csv"] = "path,label\nb.png,dent\nc.png,cut\n"
	content["coded.csv"] = "path,label\na.png,0\nb.png,1\n"
	root := files(t, content)
	columns := map[string]string{"path": "image", "label": "status"}
	for _, c := range []struct {
		table            string
		o                Options
		normals, defects int // 0: refused
		refusal          string
	}{
		{"all.csv", Options{Columns: columns}, 1, 2, ""},
		{"all.csv", Options{}, 0, 0, "no column label"},
		{"bad.csv", Options{}, 0, 2, "which class is normal?"},
		{"bad.csv", Options{Normal: []string{"dent"}}, 1, 1, ""},
		{"coded.csv", Options{}, 0, 0, "which class is normal?"},
		{"coded.csv", Options{Normal: []string{"0"}}, 1, 1, ""},
	} {
		var notes []string
		read := ReadOptions{Note: func(s string) { notes = append(notes, s) }}
		table := filepath.Join(root, c.table)
		normals, err := ReadNormals(t.Context(), table, c.o, read)
		if c.normals == 0 {
			wantError(t, err, c.refusal)
		} else if err != nil || normals.Len() != c.normals || Anomalies(normals) != 0 {
			t.Errorf("%s: normals %+v, %v", c.table, normals, err)
		}
		defects, err := ReadDefects(t.Context(), table, c.o, read)
		if c.defects == 0 {
			wantError(t, err, c.refusal)
		} else if err != nil || defects.Len() != c.defects || Anomalies(defects) != c.defects {
			t.Errorf("%s: defects %+v, %v", c.table, defects, err)
		}
		if c.table == "all.csv" && c.normals > 0 {
			wantWarnings(t, notes, "left out 2 images of all.csv that are not normal", "left out 1 image of all.csv that are normal")
		}
	}
}

// Masks of defects may lie in a folder of their own, within that of the defects or not.
func TestReadDefectsWithMasks(t *testing.T) {
	root := files(t, images("cut/a.png", "cut/b.png", "masks/a_mask.png", "cut/own/b.png"))
	for masks, want := range map[string]int{"masks": 0, "cut/own": 1} {
		im, err := ReadDefects(t.Context(), filepath.Join(root, "cut"), Options{Masks: filepath.Join(root, masks)}, ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", masks, err)
			continue
		}
		for k := range im.Len() {
			m, err := im.Mask(k)
			if is := k == want; err != nil || is != (m != nil) || im.Normal(k) {
				t.Errorf("%s: image %d: mask %v, %v", masks, k, m, err)
			}
		}
	}
	_, err := ReadDefects(t.Context(), filepath.Join(root, "cut"), Options{Masks: filepath.Join(root, "gone")}, ReadOptions{})
	wantError(t, err, "gone")
}
