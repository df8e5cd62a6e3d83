package dataset

import (
	"strings"
	"testing"
)

// cub returns the files of a set of three images.
func cub(below string) map[string]string {
	content := map[string]string{}
	for name, text := range map[string]string{
		"images.txt":           "1 001.Albatross/a_1.jpg\n2 001.Albatross/a_2.jpg\n3 002.Wren/w_1.jpg\n",
		"train_test_split.txt": "1 1\n3 0\n2 0\n",
		"classes.txt":          "1 001.Albatross\n2 002.Wren\n",
	} {
		content[below+name] = text
	}
	for name := range images("images/001.Albatross/a_1.jpg", "images/001.Albatross/a_2.jpg", "images/002.Wren/w_1.jpg") {
		content[below+name] = ""
	}
	return content
}

func TestCUB(t *testing.T) {
	for _, below := range []string{"", "CUB_200_2011/"} {
		root := files(t, cub(below))
		d := mustOpen(t, root, Options{Normal: []string{"002.Wren"}})
		want := `
			images/001.Albatross/a_1.jpg 001.Albatross train - - unknown
			images/001.Albatross/a_2.jpg 001.Albatross test - - unknown
			images/002.Wren/w_1.jpg 002.Wren test - - normal`
		if got := table(strings.TrimSuffix(root+"/"+below, "/"), d); got != lines(want) || d.Layout != CUB {
			t.Errorf("%s\n%s", d.Layout, got)
		}
	}
}

func TestCUBThatIsRefused(t *testing.T) {
	for want, change := range map[string]func(map[string]string){
		`says "2" of image 3`: func(c map[string]string) { c["train_test_split.txt"] = "1 1\n2 0\n3 2\n" },
		`says "" of image 2`:  func(c map[string]string) { c["train_test_split.txt"] = "1 1\n3 0\n" },
		"line 2, \"1 b\"":     func(c map[string]string) { c["images.txt"] = "1 a\n1 b\n" },
		"line 1, \"one\"":     func(c map[string]string) { c["images.txt"] = "one\n" },
		"w_2.jpg is not in":   func(c map[string]string) { c["images/002.Wren/w_2.jpg"] = "" },
		"lists 1 images that are not there, such as images/002.Wren/w_1.jpg": func(c map[string]string) { delete(c, "images/002.Wren/w_1.jpg") },
	} {
		content := cub("")
		change(content)
		_, err := Open(files(t, content), Options{Normal: []string{"001.Albatross"}})
		wantError(t, err, want)
	}
}

// FuzzCUB: whatever a file holds, it is refused, or numbers have texts without ends of lines.
func FuzzCUB(f *testing.F) {
	f.Add("1 001.Albatross/a b.jpg\r\n\n2  x\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseCUB(strings.NewReader(text))
		if err != nil {
			return
		}
		for number, name := range rows {
			if strings.ContainsAny(number, " \n") || strings.Contains(name, "\n") || name == "" {
				t.Errorf("%q: %q", number, name)
			}
		}
	})
}
