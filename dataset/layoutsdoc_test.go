package dataset

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// documented is a tree of docs/layouts.md with the line that says how it is read.
type documented struct {
	title   string
	content map[string]string
	give    string // the path below the tree that is opened
	want    string
}

// black returns a PNG of 2×3 pixels, which as a mask marks nothing.
func black(t testing.TB) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 3))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tree returns the content of a tree, two spaces a level: folders end in "/", files are
// images or, by their extension, text.
func tree(t *testing.T, text string) map[string]string {
	content := map[string]string{}
	var dirs []string
	for line := range strings.Lines(text) {
		names, note, _ := strings.Cut(strings.TrimRight(line, "\n"), " # ")
		bare := strings.TrimLeft(names, " ")
		dirs = dirs[:(len(names)-len(bare))/2]
		if dir, is := strings.CutSuffix(bare, "/"); is {
			dirs = append(dirs, dir)
			continue
		}
		for _, name := range strings.Fields(bare) {
			text := ""
			switch {
			case note == "marks nothing":
				text = black(t)
			case note != "":
				t.Fatalf("note %q", note)
			case !IsImage(name):
				text = "text"
			}
			content[path.Join(path.Join(dirs...), name)] = text
		}
	}
	return content
}

// readDocumented reads the sections of docs/layouts.md that have a tree.
func readDocumented(t *testing.T) (all []documented) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "layouts.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		d := documented{title: title}
		for i, part := range strings.Split(body, "```") {
			head, rest, _ := strings.Cut(part, "\n")
			file, isTable := strings.CutPrefix(head, "csv ")
			switch {
			case i%2 == 0:
				for line := range strings.Lines(part) {
					if give, ok := strings.CutPrefix(strings.TrimSpace(line), "Give the file itself: `"); ok {
						d.give = strings.TrimSuffix(give, "`")
					}
					if want, ok := strings.CutPrefix(line, "    "); ok {
						d.want = strings.TrimSpace(want)
					}
				}
			case head == "tree":
				d.content = tree(t, rest)
			case isTable:
				d.content[file] = rest
			}
		}
		if d.content != nil {
			all = append(all, d)
		}
	}
	return all
}

// Every tree of the documentation is read as it says.
func TestDocumentedLayouts(t *testing.T) {
	all := readDocumented(t)
	if len(all) < 12 {
		t.Errorf("only %d trees", len(all))
	}
	for _, c := range all {
		t.Run(c.title, func(t *testing.T) {
			d := mustOpen(t, filepath.Join(files(t, c.content), filepath.FromSlash(c.give)), Options{})
			if got := d.Summary(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if _, err := mustRead(t, d, ReadOptions{}).CheckMasks(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}
