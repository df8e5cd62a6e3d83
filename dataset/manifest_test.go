package dataset

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// Tables are read as spreadsheets and others write them.
func TestManifestDialects(t *testing.T) {
	utf16 := func(text string, low, high int) string {
		b := []byte{}
		for _, r := range "\ufeff" + text {
			unit := [2]byte{byte(r), byte(r >> 8)}
			b = append(b, unit[low], unit[high])
		}
		return string(b)
	}
	const plain = "path,label\na.png,good\nsub/b.png,bad\n"
	for _, c := range []struct {
		name, text string
		o          Options
		warnings   []string
	}{
		{"semicolons", "path;label\na.png;good\nsub/b.png;bad\n", Options{}, nil},
		{"tabs", "path\tlabel\na.png\tgood\nsub/b.png\tbad\n", Options{}, nil},
		{"Excel's separator", "sep=;\npath;label\na.png;good\nsub/b.png;bad\n", Options{}, nil},
		{"UTF-16, low byte first", utf16(plain, 0, 1), Options{}, nil},
		{"UTF-16, high byte first", utf16(plain, 1, 0), Options{}, nil},
		{"carriage returns", strings.ReplaceAll(plain, "\n", "\r"), Options{}, nil},
		{"empty lines", "\n\npath,label\n\n,,\na.png,good\n  \nsub/b.png,bad\n\n", Options{}, nil},
		{"comments", "# my set, of today\n# more\npath,label\n# the good ones\na.png,good\nsub/b.png,bad\n", Options{}, nil},
		{"empty last columns", "path,label,,\na.png,good,,\nsub/b.png,bad,,\n", Options{}, nil},
		{"backslashes", "path,label\n.\\a.png,good\nsub\\b.png,bad\n", Options{}, nil},
		{"from the folder above", "path,label\ndata/a.png,good\ndata/sub/b.png,bad\n", Options{}, nil},
		{"more columns", "id,path,label,notes\n1,a.png,good,\n2,sub/b.png,bad,x\n", Options{}, []string{"columns that are not read: id, notes"}},
		{"other names", "Image_Path,class\na.png,good\nsub/b.png,bad\n", Options{}, nil},
		{"named columns", "what,Where\ngood,a.png\nbad,sub/b.png\n", Options{Columns: map[string]string{"path": "where", "label": "what"}}, nil},
		{"a column not to be read", "path,label,split\na.png,good,val\nsub/b.png,bad,x\n",
			Options{Columns: map[string]string{"split": ""}}, []string{"not read: split"}},
		{"an object", "object,path,label\nx,a.png,good\ny,gone.png,good\nx,sub/b.png,bad\n", Options{Object: "x"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, map[string]string{"a.png": "", "sub/b.png": "", "m.csv": c.text})
			d := mustOpen(t, filepath.Join(root, "m.csv"), c.o)
			want := "a.png good - - - normal\nsub/b.png bad - - - known\n"
			if got := strings.ReplaceAll(table(root, d), "data/", ""); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			wantWarnings(t, d.Warnings(), c.warnings...)
		})
	}
	root := files(t, map[string]string{"#1.png": "", "m.tsv": "#\tpath\tlabel\tcolumn\n1\t#1.png\tgood\t\n"})
	if d := mustOpen(t, filepath.Join(root, "m.tsv"), Options{}); len(d.Items) != 1 {
		t.Errorf("%+v", d.Items)
	}
}

func TestManifestDialectErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          Options
		want       []string
	}{
		{"zero bytes", "path,label\na.png,g\x00ood\n", Options{}, []string{"line 2: a zero byte", "UTF-8"}},
		{"half a character", "\xff\xfep\x00a", Options{}, []string{"UTF-16 ends within a character"}},
		{"a field more", "path;label\na.png;good;x\n", Options{}, []string{"line 2: 3 fields for the 2 columns path;label", "quotes"}},
		{"a field less", "path,label,split\na.png,good\n", Options{}, []string{"line 2: 2 fields for the 3 columns"}},
		{"two paths", "image,file,label\na.png,a.png,good\n", Options{}, []string{"columns image and file may both be meant", "--columns"}},
		{"no such column", "path,label\na.png,good\n", Options{Columns: map[string]string{"label": "status"}},
			[]string{"no column status for label; there are path, label"}},
		{"no such role", "path,label\na.png,good\n", Options{Columns: map[string]string{"colour": "x"}}, []string{`no column "colour"`}},
		{"objects", "object,path,label\nx,a.png,good\ny,b.png,good\n", Options{}, []string{"several objects, x, y", "--object"}},
		{"no such object", "object,path,label\nx,a.png,good\n", Options{Object: "z"}, []string{`no object "z"; it has x`}},
		{"an object where there is none", "path,label\na.png,good\n", Options{Object: "z"}, []string{`no object "z"`}},
		{"another case", "path,label\nA.PNG,good\n", Options{}, []string{"line 2: ", "the folder has a.png"}},
		{"several missing", "path,label\nx.png,good\ny.png,good\na.png,good\n", Options{}, []string{"2 files cannot be used", "line 2: ", "line 3: ", "relative paths start from"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, map[string]string{"a.png": "", "m.csv": c.text})
			if _, err := os.Stat(filepath.Join(root, "A.PNG")); err == nil && c.name == "another case" {
				t.Skip("names of files have no case here")
			}
			_, err := Open(filepath.Join(root, "m.csv"), c.o)
			wantError(t, err, c.want...)
		})
	}
}

// FuzzManifest: whatever a file holds, memory is bounded by its size, what is accepted
// has path, label and split, and means the same when it is written and read again.
func FuzzManifest(f *testing.F) {
	f.Add("path,label,split,group,mask\na.png,good,train,g,m.png\n")
	f.Add("\ufefflabel,path\r\n\"a \"\"b\"\"\",\"x,\ny\"\r\n")
	f.Add("path,label\n\"a")
	f.Add("sep=;\n# a\nimage;class;object;;\na;b;c;;\n")
	f.Add("\xff\xfep\x00a\x00t\x00h\x00\t\x00l\x00a\x00b\x00e\x00l\x00\n\x00a\x00\t\x00b\x00")
	f.Add("#\tpath\tlabel\r1\t#a\tb")
	f.Add("path,label\r\n\"a\r\r\nb\",\"c\r\"\r\n")
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
			// Within quotes, encoding/csv reads a carriage return and a line feed as the latter.
			if a, b := withoutReturns(rows[i]), withoutReturns(again[i]); a != b {
				t.Errorf("%+v, then %+v", a, b)
			}
		}
	})
}

// returns is what encoding/csv may shorten at each reading.
var returns = regexp.MustCompile("\r+\n")

// withoutReturns returns a row whose fields have no carriage return before a line feed.
func withoutReturns(r row) row {
	for _, field := range []*string{&r.path, &r.label, &r.split, &r.group, &r.mask, &r.object} {
		*field = returns.ReplaceAllString(*field, "\n")
	}
	return r
}
