package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"anomem/dataset"
	"anomem/imageio"
	"anomem/internal/layoutsdoc"
)

// plant makes a tree of small pictures. Each has a square of its own in a grey of its own on
// black, so that it serves as an image and as a mask.
func plant(t *testing.T, tree layoutsdoc.Tree) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "tree")
	n := 0
	for name, f := range tree.Files {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		var err error
		if f.Image {
			m := image.NewGray(image.Rect(0, 0, 32, 32))
			for i := 0; i < 64 && !f.Blank; i++ {
				m.SetGray(4+n%8+i%8, 6+i/8, color.Gray{Y: byte(200 + n)})
			}
			n++
			err = imageio.WritePNG(full, m)
		} else {
			err = os.WriteFile(full, []byte(f.Text), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(root, filepath.FromSlash(tree.Give))
}

// TestWalk does what somebody does who has read docs/layouts.md: it makes each of its trees,
// looks at what training would see of it, and scores it. Each time the command says the line
// that stands below the tree.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("the command runs twice on each of a dozen trees: not in the short form")
	}
	trees, err := layoutsdoc.Read(filepath.Join("..", "..", "docs", "layouts.md"), dataset.IsImage)
	if err != nil || len(trees) < 12 {
		t.Fatalf("%d trees, %v", len(trees), err)
	}
	dir := t.TempDir()
	run := func(args ...string) (stdout, stderr string, err error) {
		var out, errs bytes.Buffer
		cmd := anomemCmd(t, "real", args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
		err = cmd.Run()
		return out.String(), errs.String(), err
	}
	for _, args := range []string{
		"draw texture -o drawn --train 12 --good 1 --each 1",
		"train drawn/train/good -o m.safetensors --kind texture --preset quick --epochs 1 --false-alarm 0.3",
	} {
		if _, said, err := run(strings.Fields(args)...); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, said)
		}
	}
	both := 0
	for _, tree := range trees {
		t.Run(tree.Title, func(t *testing.T) {
			at := plant(t, tree)
			line := "read:   " + tree.Line + "\n"
			sheets := filepath.Join(dir, "look")
			if _, said, err := run("train", at, "--dump-augmented", sheets); err != nil || !strings.HasPrefix(said, line) {
				t.Errorf("train: %v\n%swant %s", err, said, line)
			}
			if made, err := os.ReadDir(sheets); err != nil || len(made) == 0 {
				t.Errorf("train drew nothing: %v", err)
			}
			os.RemoveAll(sheets)

			out, said, err := run("score", "-m", "m.safetensors", at, "--labels", "--quiet")
			if !strings.HasPrefix(said, line) {
				t.Errorf("score: %swant %s", said, line)
			}
			if strings.Contains(said, "it takes both kinds") { // of one kind alone, figures say nothing
				if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
					t.Errorf("score: %v\n%s", err, said)
				}
				return
			}
			both++
			if want := fmt.Sprintf("images %d  AUROC ", scored(tree)); err != nil || !strings.HasPrefix(out, want) {
				t.Errorf("score: %v\n%s%swant %s", err, out, said, want)
			}
		})
	}
	if both != 10 { // all but those of normal images alone, to test or at all: KolektorSDD2 and flat
		t.Errorf("%d of %d trees have both kinds of images", both, len(trees))
	}
}

// scored returns how many images of a tree score takes: those of its test split, or all.
func scored(tree layoutsdoc.Tree) int {
	if tests := regexp.MustCompile(`(?m)^[^,\n]*,test,`).FindAllString(tree.Files[tree.Give].Text, -1); tree.Give != "" && len(tests) > 0 {
		return len(tests)
	}
	n := 0
	for _, m := range regexp.MustCompile(`(\d+) (normal|anomalous)`).FindAllStringSubmatch(tree.Line, -1) {
		k, _ := strconv.Atoi(m[1])
		n += k
	}
	for name, f := range tree.Files {
		if f.Image && strings.HasPrefix(name, "train/") && !strings.Contains(name, "_GT.") { // no mask beside an image
			n--
		}
	}
	return n
}
