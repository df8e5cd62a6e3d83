package dataset

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	content := images("img/a.png", "img/b, c.png", "img/d.png", "img/e.png", "masks/b.png", "unlisted.png")
	content["list.CSV"] = "\ufeffLabel,mask , path,group,split\r\n" +
		"scratch,masks/b.png,\"img/b, c.png\",part 7,TRAIN\r\n" +
		"OK,, img/a.png ,part 7,\r\n" +
		"\r\n" +
		"scratch,,img/e.png,,test\r\n" +
		"good,,img/../img/d.png,,train"
	root := files(t, content)
	d := mustOpen(t, filepath.Join(root, "list.CSV"), Options{})
	want := `
		img/a.png OK - part 7 - normal
		img/b, c.png scratch train part 7 masks/b.png known
		img/d.png good train - - normal
		img/e.png scratch test - - unknown`
	if got := table(root, d); got != lines(want) || d.Layout != Manifest || d.Name != "list.CSV" {
		t.Errorf("%s %s\n%s", d.Layout, d.Name, got)
	}

	// Named classes count instead of the words.
	d = mustOpen(t, filepath.Join(root, "list.CSV"), Options{Normal: []string{"scratch"}})
	for _, it := range d.Items {
		if it.Normal != (it.Class == "scratch") {
			t.Errorf("%+v", it)
		}
	}

	// In a folder it is found by its name; two columns are enough; the rows' order does
	// not count.
	for _, rows := range []string{"img/a.png,1\nimg/d.png,0\n", "img/d.png,0\nimg/a.png,1\n"} {
		content[manifestName] = "path,label\n" + rows
		root = files(t, content)
		_, err := Open(root, Options{})
		wantError(t, err, "which class is normal? data has 0, 1, which may mean either", "--normal")
		d = mustOpen(t, root, Options{Normal: []string{"1"}})
		if got := table(root, d); got != lines("img/a.png 1 - - - normal\nimg/d.png 0 - - - known") {
			t.Error(got)
		}
	}
}

// An absolute path is the same image as a relative one, and is digested as such.
func TestManifestAbsolutePaths(t *testing.T) {
	root := files(t, images("a.png", "b.png"))
	write := func(text string) string {
		path := filepath.Join(root, "m.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	digest := func(d *Dataset) string {
		sum, err := d.Digest(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	relative := digest(mustOpen(t, write("path,label\na.png,ok\nb.png,ok\n"), Options{}))
	absolute := mustOpen(t, write(fmt.Sprintf("path,label\na.png,ok\n\"%s\",ok\n", filepath.Join(root, "b.png"))), Options{})
	if absolute.Items[1].Path != filepath.Join(root, "b.png") || digest(absolute) != relative {
		t.Errorf("%+v", absolute.Items)
	}
	_, err := Open(write(fmt.Sprintf("path,label\na.png,ok\n\n\"%s\",ok\n", filepath.Join(root, "a.png"))), Options{})
	wantError(t, err, "lines 2 and 4 have the same path", "a.png")
}

func TestManifestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "no header"},
		{"no rows", "path,label\n", "no rows"},
		{"no header", "a.png,good\n", "line 1: no column path among a.png, good; the first line names the columns, such as path,label,split,group,mask"},
		{"bars", "path|label\na.png|good\n", "line 1: no column path among path|label"},
		{"no label column", "path,group\na.png,1\n", "line 1: no column label"},
		{"column twice", "path,label,Path\na.png,good,a.png\n", "column path occurs twice"},
		{"no path", "path,label\na.png,good\n ,good\n", "line 3: no path"},
		{"no label", "path,label\na.png,\n", "line 2: no label for a.png"},
		{"split", "path,label,split\n\na.png,good,val\n", `line 3: split "val": want train, test or nothing`},
		{"missing file", "path,label\na.png,good\nb.png,good\n", "line 3: "},
		{"missing file", "path,label\na.png,good\nb.png,good\n", "b.png"},
		{"folder", "path,label\nsub,good\n", "sub is not a file"},
		{"missing mask", "path,label,mask\na.png,bad,m.png\n", "line 2: mask: "},
		{"fields", "path,label\na.png,good,1\n", "line 2"},
		{"quotes", "path,label\na.png,\"good\n", "line 2"},
		{"same path", "path,label\na.png,good\n./a.png,bad\n", "lines 2 and 3 have the same path"},
		{"none normal", "path,label\na.png,nomral\n", "which class is normal? m.csv has nomral"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, map[string]string{"m.csv": c.text + " ", "a.png": "", "sub/": ""})
			if err := os.WriteFile(filepath.Join(root, "m.csv"), []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := Open(filepath.Join(root, "m.csv"), Options{})
			wantError(t, err, "m.csv", c.want)
		})
	}
}

// FuzzManifest: whatever a file holds, memory is bounded by its size, what is accepted
// has path, label and split, and means the same when it is written and read again.
func FuzzManifest(f *testing.F) {
	f.Add("path,label,split,group,mask\na.png,good,train,g,m.png\n")
	f.Add("\ufefflabel,path\r\n\"a \"\"b\"\"\",\"x,\ny\"\r\n")
	f.Add("path,label\n\"a")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rows, _, err := parseManifest(strings.NewReader(text), nil)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > uint64(200*len(text))+1<<20 {
			t.Errorf("allocated %d bytes for a file of %d", got, len(text))
		}
		if err != nil {
			if rows != nil {
				t.Error("rows beside the error")
			}
			return
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Write(columns[:])
		line := 1
		for _, r := range rows {
			if r.path == "" || r.label == "" || r.split != "" && r.split != Train && r.split != Test {
				t.Fatalf("accepted %+v", r)
			}
			if r.line <= line {
				t.Fatalf("line %d after line %d", r.line, line)
			}
			line = r.line
			w.Write([]string{r.path, r.label, r.split, r.group, r.mask, r.object})
		}
		w.Flush()
		again, _, err := parseManifest(strings.NewReader(b.String()), nil)
		if err != nil || len(again) != len(rows) {
			t.Fatalf("%d rows, then %d: %v", len(rows), len(again), err)
		}
		for i := range rows {
			rows[i].line = again[i].line
			if rows[i] != again[i] {
				t.Errorf("%+v, then %+v", rows[i], again[i])
			}
		}
	})
}
