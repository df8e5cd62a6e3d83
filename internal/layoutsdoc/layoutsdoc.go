// Package layoutsdoc reads the trees of docs/layouts.md, and what the page says of each, for
// tests.
package layoutsdoc

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// Tree is a tree of the page.
type Tree struct {
	Title string
	Files map[string]File // by their paths below the tree, with "/" between the parts
	Give  string          // the path below the tree that is given to the command; "": the tree
	Line  string          // that says how it is read
}

// File is a file of a tree.
type File struct {
	Image bool
	Blank bool   // of an image: as a mask it marks nothing
	Text  string // of another file
}

// Read reads the trees of the page at file. isImage tells images by their names.
func Read(file string, isImage func(name string) bool) ([]Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []Tree
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		t := Tree{Title: title}
		for i, part := range strings.Split(body, "```") {
			head, rest, _ := strings.Cut(part, "\n")
			table, isTable := strings.CutPrefix(head, "csv ")
			switch {
			case i%2 == 0:
				t.said(part)
			case head == "tree":
				if t.Files, err = filesOf(rest, isImage); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", file, title, err)
				}
			case isTable:
				t.Files[table] = File{Text: rest}
			}
		}
		if t.Files != nil {
			all = append(all, t)
		}
	}
	return all, nil
}

// said takes what a text between the blocks says of the tree.
func (t *Tree) said(text string) {
	for line := range strings.Lines(text) {
		if give, ok := strings.CutPrefix(strings.TrimSpace(line), "Give the file itself: `"); ok {
			t.Give = strings.TrimSuffix(give, "`")
		}
		if said, ok := strings.CutPrefix(line, "    "); ok {
			t.Line = strings.TrimSpace(said)
		}
	}
}

// filesOf returns the files of a tree, two spaces a level: folders end in "/", files are
// images or, by their names, texts.
func filesOf(text string, isImage func(name string) bool) (map[string]File, error) {
	files := map[string]File{}
	var dirs []string
	for line := range strings.Lines(text) {
		names, note, _ := strings.Cut(strings.TrimRight(line, "\n"), " # ")
		if note != "" && note != "marks nothing" {
			return nil, fmt.Errorf("note %q", note)
		}
		bare := strings.TrimLeft(names, " ")
		dirs = dirs[:(len(names)-len(bare))/2]
		if dir, is := strings.CutSuffix(bare, "/"); is {
			dirs = append(dirs, dir)
			continue
		}
		for _, name := range strings.Fields(bare) {
			f := File{Image: isImage(name), Blank: note != ""}
			if !f.Image {
				f.Text = "text"
			}
			files[path.Join(path.Join(dirs...), name)] = f
		}
	}
	return files, nil
}
