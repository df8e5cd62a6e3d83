package dataset

import (
	"strings"
	"testing"
)

// Which classes are normal by their names, and which names say nothing.
func TestClassesByName(t *testing.T) {
	for _, c := range []struct {
		classes string
		normal  string // "": refused
	}{
		{"good bad", "good"},
		{"OK NG", "OK"},
		{"ok ko", "ok"},
		{"OK NOK", "OK"},
		{"pass fail", "pass"},
		{"normal anomaly", "normal"},
		{"Normal abnormal anomalous", "Normal"},
		{"defect-free defective", "defect-free"},
		{"Defect_Free scratch", "Defect_Free"},
		{"good ok dent", "good ok"},
		{"parts", "parts"},
		{"cat dog", ""},
		{"0 1", ""},
		{"yes no", ""},
		{"True False", ""},
		{"1", ""},
		{"1 2 3", ""},
		{"bad", ""},
		{"anomaly scratch", ""},
		{"defects", ""},
	} {
		content := map[string]string{}
		for class := range strings.FieldsSeq(c.classes) {
			content[class+"/x-"+class+".png"] = ""
		}
		d, err := Open(files(t, content), Options{Layout: Classes})
		if c.normal == "" {
			wantError(t, err, "which class is normal?", "--normal")
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.classes, err)
			continue
		}
		var normal []string
		for _, it := range d.Items {
			if it.Normal {
				normal = append(normal, it.Class)
			}
		}
		if got := strings.Join(normal, " "); got != c.normal {
			t.Errorf("%s: normal are %s, want %s", c.classes, got, c.normal)
		}
	}
}

// A class that is bad by its name is normal only if it is named, and that is said.
func TestBadClassByRequest(t *testing.T) {
	d := mustOpen(t, files(t, images("bad/a.png", "good/a.png")), Options{Normal: []string{"bad"}})
	if got := d.Summary(); got != "layout classes: 1 normal (bad), 1 anomalous (good 1)" {
		t.Error(got)
	}
	wantWarnings(t, d.Warnings(), "class bad is taken for normal")
}

// wantWarnings holds each warning against a part of it.
func wantWarnings(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("warnings %q, want %q", got, want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("warning %q does not say %q", got[i], want[i])
		}
	}
}
