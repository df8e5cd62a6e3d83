package dataset

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestClassesOf(t *testing.T) {
	for _, c := range []struct {
		content map[string]string
		want    []string
	}{
		{images("train/cat/0.png", "train/dog/0.png", "test/cat/1.png", "test/owl/0.png"), []string{"cat", "dog", "owl"}},
		{images("train/good/0.png", "test/dent/0.png"), []string{"dent", "good"}},
		{images("Data/Images/Normal/0.png", "Data/Images/Anomaly/0.png"), []string{"Anomaly", "Normal"}},
	} {
		if got, err := ClassesOf(files(t, c.content), Options{Normal: []string{"none"}}); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v, %v, want %v", got, err, c.want)
		}
	}
	_, err := ClassesOf(files(t, images("a.txt")), Options{})
	wantError(t, err, "has no known layout")
}

func TestPartsOf(t *testing.T) {
	bottle, cable := []string{"train/good/0.png", "test/dent/0.png"}, []string{"train/good/0.png", "test/cut/0.png"}
	below := func(dir string, names ...string) (all []string) {
		for _, name := range names {
			all = append(all, dir+"/"+name)
		}
		return all
	}
	root := files(t, images(append(below("bottle", bottle...), below("more/cable", cable...)...)...))
	for _, c := range []struct {
		path string
		want []Part
	}{
		{root, []Part{{Name: "bottle", Path: filepath.Join(root, "bottle")}, {Name: "more/cable", Path: filepath.Join(root, "more", "cable")}}},
		{filepath.Join(root, "more"), []Part{{Name: "cable", Path: filepath.Join(root, "more", "cable")}}},
		{filepath.Join(root, "bottle"), []Part{{Name: "bottle", Path: filepath.Join(root, "bottle")}}},
	} {
		got, err := PartsOf(c.path, Options{})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.path, got, err, c.want)
		}
	}
	flat := files(t, images("0.png"))
	if got, err := PartsOf(flat, Options{}); err != nil || !slices.Equal(got, []Part{{Name: "data", Path: flat}}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := PartsOf(filepath.Join(root, "missing"), Options{})
	wantError(t, err)
}

func TestPartsOfATable(t *testing.T) {
	content := images("pcb/0.png", "gum/0.png")
	content["both.csv"] = "object,label,path\npcb,good,pcb/0.png\ngum,good,gum/0.png\n"
	content["one.csv"] = "label,path\ngood,pcb/0.png\n"
	content["broken.csv"] = "label\ngood\n"
	root := files(t, content)
	both := filepath.Join(root, "both.csv")
	got, err := PartsOf(both, Options{})
	if err != nil || !slices.Equal(got, []Part{{"gum", both, "gum"}, {"pcb", both, "pcb"}}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := PartsOf(both, Options{Object: "pcb"}); err != nil || !slices.Equal(got, []Part{{"pcb", both, "pcb"}}) {
		t.Errorf("%v, %v", got, err)
	}
	one := filepath.Join(root, "one.csv")
	if got, err := PartsOf(one, Options{}); err != nil || !slices.Equal(got, []Part{{"one.csv", one, ""}}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = PartsOf(filepath.Join(root, "broken.csv"), Options{})
	wantError(t, err, "broken.csv: line 1: no column path")
}
