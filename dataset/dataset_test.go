package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files makes a folder of its own with these files: an empty text is an image of 2×3
// pixels, any other the text itself; a name that ends in "/" is a folder.
func files(t testing.TB, content map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "data")
	for name, text := range content {
		full := filepath.Join(root, filepath.FromSlash(name))
		dir := filepath.Dir(full)
		if strings.HasSuffix(name, "/") {
			dir = full
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if dir == full {
			continue
		}
		if text == "" {
			text = picture(t, 2, 3, name)
		}
		if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// images is the content of images with these names.
func images(names ...string) map[string]string {
	content := map[string]string{}
	for _, name := range names {
		content[name] = ""
	}
	return content
}

// picture returns a PNG, of other colours for another name.
func picture(t testing.TB, w, h int, name string) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := byte(len(name))
			if len(name) > 0 {
				c ^= name[(x+y*w)%len(name)]
			}
			img.SetNRGBA(x, y, color.NRGBA{c, c + byte(x), c + byte(y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func mustOpen(t testing.TB, path string, o Options) *Dataset {
	t.Helper()
	d, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// table writes a dataset as one line an item: path, class, y, split, group, mask, and
// "known" or "unknown" for an anomaly.
func table(root string, d *Dataset) string {
	var b strings.Builder
	short := func(path string) string {
		return filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
	}
	for _, it := range d.Items {
		fields := []string{short(it.Path)}
		for _, f := range []string{it.Class, it.Split, it.Group, short(it.Mask)} {
			if f == "" {
				f = "-"
			}
			fields = append(fields, f)
		}
		state := "unknown"
		switch {
		case it.Normal && it.Labelled:
			state = "normal"
		case it.Normal:
			state = "normal but not labelled"
		case it.Labelled:
			state = "known"
		}
		b.WriteString(strings.Join(append(fields, state), " ") + "\n")
	}
	return b.String()
}

// lines takes the indentation of a literal away.
func lines(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestFolders(t *testing.T) {
	mvtec := images("train/good/000.png", "train/good/001.png", "train/dent/000.png", "test/good/000.png",
		"test/dent/000.png", "test/dent/001.png", "test/cut/000.png",
		"ground_truth/dent/000_mask.png", "ground_truth/dent/001.png", "ground_truth/cut/007_mask.png")
	mvtec["license.txt"] = "text"
	for _, c := range []struct {
		name    string
		content map[string]string
		o       Options
		layout  string
		classes string
		passed  Passed
		want    string
	}{
		{
			name: "flat, in the order of bytes, extensions in any case",
			content: images("a10.png", "a9.PNG", "B.jpg", "c.JPEG", "d.gif", "e.bmp", "f.tif", "g.TIFF", "h.webp",
				".hidden.png", "notes/", ".git/x.png", "__MACOSX/y.png", "read.me", "noextension"),
			layout: Flat, passed: Passed{Hidden: Count{3, ".git"}, Unknown: Count{2, "noextension"}},
			want: `
				B.jpg - - - - normal
				a10.png - - - - normal
				a9.PNG - - - - normal
				c.JPEG - - - - normal
				d.gif - - - - normal
				e.bmp - - - - normal
				f.tif - - - - normal
				g.TIFF - - - - normal
				h.webp - - - - normal`,
		},
		{
			name:    "flat by force takes all folders",
			content: images("a.png", "sub/b.png", "sub/deep/c.png"), o: Options{Layout: Flat}, layout: Flat,
			want: `
				a.png - - - - normal
				sub/b.png - - - - normal
				sub/deep/c.png - - - - normal`,
		},
		{
			name:    "classes, / counts as a byte",
			content: images("cat/1.png", "cat/1/2.png", "cat-b/3.png", "dog/1.png", "dog/x.txt"),
			o:       Options{Normal: []string{"dog"}}, layout: Classes, classes: "cat cat-b dog", passed: Passed{Unknown: Count{1, "dog/x.txt"}},
			want: `
				cat-b/3.png cat-b - - - unknown
				cat/1.png cat - - - unknown
				cat/1/2.png cat - - - unknown
				dog/1.png dog - - - normal`,
		},
		{
			name: "a class that says itself that it is normal", content: images("Good/1.png", "bad/1.png"),
			layout: Classes, classes: "Good bad",
			want: `
				Good/1.png Good - - - normal
				bad/1.png bad - - - unknown`,
		},
		{
			name: "a class alone", content: images("parts/1.png"), layout: Classes, classes: "parts",
			want: `parts/1.png parts - - - normal`,
		},
		{
			name: "classes of two splits, two of them normal",
			content: images("train/car/1.png", "train/ship/1.png", "train/toad/1.png", "test/car/1.png", "test/yak/1.png",
				"val/car/2.png", "train/stray.png", "top.png"),
			o: Options{Normal: []string{"ship", "car"}}, layout: Classes, classes: "car ship toad yak", passed: Passed{Outside: Count{3, "top.png"}},
			want: `
				test/car/1.png car test - - normal
				test/yak/1.png yak test - - unknown
				train/car/1.png car train - - normal
				train/ship/1.png ship train - - normal
				train/toad/1.png toad train - - unknown`,
		},
		{
			name: "mvtec", content: mvtec, layout: MVTec, classes: "cut dent good", passed: Passed{Unknown: Count{1, "license.txt"}, Masks: Count{1, "ground_truth/cut/007_mask.png"}},
			want: `
				test/cut/000.png cut test - - unknown
				test/dent/000.png dent test - ground_truth/dent/000_mask.png unknown
				test/dent/001.png dent test - ground_truth/dent/001.png unknown
				test/good/000.png good test - - normal
				train/dent/000.png dent train - - known
				train/good/000.png good train - - normal
				train/good/001.png good train - - normal`,
		},
		{
			name: "mvtec without tests", content: images("train/good/0.png"), layout: MVTec, classes: "good",
			want: `train/good/0.png good train - - normal`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := files(t, c.content)
			d := mustOpen(t, root, c.o)
			if d.Name != "data" || d.Layout != c.layout || strings.Join(d.Classes, " ") != c.classes || d.Passed != c.passed {
				t.Errorf("%s: %s, classes %q, passed over %+v; want %s, %q, %+v",
					d.Name, d.Layout, d.Classes, d.Passed, c.layout, c.classes, c.passed)
			}
			if got := table(root, d); got != lines(c.want) {
				t.Errorf("got\n%swant\n%s", got, lines(c.want))
			}
		})
	}
}

func TestDefects(t *testing.T) {
	root := files(t, images("parts/a.png", "parts/b.png", "parts/bad/a.png", "parts/bad/cut/b.jpg", "parts/bad/cut/c.png",
		"parts/bad/a_mask.png", "parts/masks/cut/b.png", "parts/masks/c_mask.png", "parts/masks/z_mask.png", "other/a.png"))
	parts, bad, masks := filepath.Join(root, "parts"), filepath.Join(root, "parts", "bad"), filepath.Join(root, "parts", "masks")
	for _, c := range []struct {
		name   string
		o      Options
		passed Passed
		want   string
	}{
		{
			"masks beside", Options{Defects: bad, Masks: bad}, Passed{}, `
			parts/a.png - - - - normal
			parts/b.png - - - - normal
			parts/masks/c_mask.png - - - - normal
			parts/masks/cut/b.png - - - - normal
			parts/masks/z_mask.png - - - - normal
			parts/bad/a.png bad train - parts/bad/a_mask.png known
			parts/bad/cut/b.jpg cut train - - known
			parts/bad/cut/c.png cut train - - known`,
		},
		{
			"masks in a folder", Options{Defects: bad, Masks: masks}, Passed{Masks: Count{1, "z_mask.png"}}, `
			parts/a.png - - - - normal
			parts/b.png - - - - normal
			parts/bad/a.png bad train - parts/bad/a_mask.png known
			parts/bad/cut/b.jpg cut train - parts/masks/cut/b.png known
			parts/bad/cut/c.png cut train - parts/masks/c_mask.png known`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Layout = Flat
			d := mustOpen(t, parts, c.o)
			if got := table(root, d); got != lines(c.want) || d.Passed != c.passed {
				t.Errorf("got\n%spassed over %+v; want\n%s%+v", got, d.Passed, lines(c.want), c.passed)
			}
		})
	}
	t.Run("recognised as if they were not there", func(t *testing.T) {
		if d := mustOpen(t, parts, Options{Defects: bad, Masks: masks}); d.Layout != Flat || len(d.Items) != 5 {
			t.Errorf("layout %s with %d images", d.Layout, len(d.Items))
		}
	})
	t.Run("anomalies whatever is normal", func(t *testing.T) {
		d := mustOpen(t, root, Options{Layout: Classes, Normal: []string{"parts"}, Defects: bad})
		for _, it := range d.Items {
			if it.Normal != (it.Class == "parts") || it.Labelled != (it.Class != "other") {
				t.Errorf("%+v", it)
			}
		}
	})
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		content map[string]string
		path    string // below the folder
		o       Options
		want    []string
	}{
		{"nothing there", nil, "missing", Options{}, []string{"missing"}},
		{"no layout", map[string]string{"a.txt": "x", "sub/b.txt": "x"}, "", Options{},
			[]string{"no known layout", "manifest", "cifar10", "cifar100", "idx", "mvtec", "classes", "flat", "png, jpg", "found files: a.txt; folders: sub"}},
		{"one folder too high", images("tile/train/good/a.png", "tile/test/cut/a.png", "x/data_batch_1.bin"), "tile/test/cut/..", Options{Layout: MVTec},
			[]string{"no folder", "good"}},
		{"images above and below", images("a.png", "sub/b.png"), "", Options{}, []string{"images of its own (a.png)", "(sub)", "flat"}},
		{"unknown layout", images("a.png"), "", Options{Layout: "tar"}, []string{`"tar"`, "manifest, cifar10"}},
		{"a file of no manifest", images("a.png"), "a.png", Options{}, []string{"a.png is a file", "CSV"}},
		{"a file for a folder's layout", images("a.png"), "a.png", Options{Layout: Flat}, []string{"needs a folder"}},
		{"forced where there is nothing", map[string]string{"a.txt": "x"}, "", Options{Layout: CIFAR10}, []string{"no images for the layout cifar10", "data_batch_1.bin"}},
		{"empty class", images("cat/a.png", "dog/"), "", Options{Normal: []string{"cat"}}, []string{`class "dog" is empty`, filepath.Join("data", "dog")}},
		{"empty class of a split", images("train/good/", "test/good/a.png"), "", Options{}, []string{`class "good" is empty`, filepath.Join("train", "good")}},
		{"unknown class", images("cat/a.png", "dog/a.png"), "", Options{Normal: []string{"cow"}}, []string{`"cow" is no class`, "cat, dog"}},
		{"classes of a flat folder", images("a.png"), "", Options{Normal: []string{"cow"}}, []string{`"cow" is no class`, "flat"}},
		{"no class said to be normal", images("cat/a.png", "dog/a.png"), "", Options{}, []string{"which class is normal?", "cat, dog", "good"}},
		{"masks without defects", images("a.png", "m/a.png"), "", Options{Masks: "m"}, []string{"without the folder of defects"}},
		{"defects that are missing", images("a.png"), "", Options{Defects: "nowhere"}, []string{"nowhere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Open(filepath.Join(files(t, c.content), c.path), c.o)
			wantError(t, err, c.want...)
			if d != nil {
				t.Error("a dataset beside the error")
			}
		})
	}

	root := files(t, images("a.png", "bad/x.png", "masks/y.png", "empty/", "mixed/good/a.png", "mixed/cut/b.png", "twins/x.png", "twins/x.bmp", "t2/x.png"))
	in := func(name string) string { return filepath.Join(root, name) }
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"defects that are the dataset", Options{Defects: root}, []string{"is the dataset itself"}},
		{"defects that are a file", Options{Defects: in("a.png")}, []string{"is not a folder"}},
		{"no defects", Options{Defects: in("empty")}, []string{"empty has no images of defects"}},
		{"normal images among defects", Options{Defects: in("mixed")}, []string{"mixed has a folder good"}},
		{"no mask fits", Options{Defects: in("bad"), Masks: in("masks")}, []string{"no mask for any image", "NAME_mask.png"}},
		{"two masks", Options{Defects: in("bad"), Masks: in("twins")}, []string{"belong to one image", "x.bmp", "x.png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Layout = Flat
			_, err := Open(root, c.o)
			wantError(t, err, c.want...)
		})
	}
	t.Run("defects around the dataset", func(t *testing.T) {
		_, err := Open(in("bad"), Options{Defects: root})
		wantError(t, err, "x.png is in the dataset twice")
	})
	t.Run("layouts below", func(t *testing.T) {
		root := files(t, map[string]string{"cifar/data_batch_1.bin": "x", "more/data_batch_1.bin": "x", "notes.txt": "x"})
		_, err := Open(root, Options{})
		wantError(t, err, filepath.Join("data", "cifar")+" (cifar10)", filepath.Join("data", "more")+" (cifar10)", "give one of them")
	})
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if !strings.HasPrefix(err.Error(), "dataset: ") {
		t.Errorf("%q does not say where it is from", err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
}

// Links to files and folders are followed, loops end, and a link that leads nowhere
// is an image that is broken, not one that is silently missing.
func TestLinks(t *testing.T) {
	root := files(t, images("good/a.png", "store/b.png", "elsewhere/c.png"))
	link(t, root, map[string]string{
		"good/b.png":    filepath.Join("..", "store", "b.png"),
		"good/more":     filepath.Join("..", "elsewhere"),
		"good/up":       "..",
		"good/self":     "self",
		"good/gone.png": "nowhere.png",
	})
	d := mustOpen(t, filepath.Join(root, "good"), Options{Layout: Flat})
	// By "up" the other folders are reached, each once, and "good" not again.
	want := `
		good/a.png - - - - normal
		good/b.png - - - - normal
		good/gone.png - - - - normal
		good/more/c.png - - - - normal
		good/up/store/b.png - - - - normal`
	if got := table(root, d); got != lines(want) || d.Passed.Unknown != (Count{1, "self"}) {
		t.Errorf("got\n%s, %+v", got, d.Passed)
	}
	broken, err := NewLoader(d, LoaderOptions{OnBroken: Skip}).Warm(t.Context(), 1)
	if err != nil || len(broken) != 1 || filepath.Base(broken[0].Path) != "gone.png" {
		t.Errorf("broken %v, %v", broken, err)
	}
}

// Nothing but the names counts for the order, wherever the dataset lies.
func TestOrderIsThatOfNames(t *testing.T) {
	content := images("b/1.png", "a/2.png", "a/10.png")
	first := files(t, content)
	want := table(first, mustOpen(t, first, Options{Normal: []string{"a"}}))
	t.Chdir(first)
	for _, path := range []string{".", filepath.Join("..", "data"), files(t, content)} {
		d := mustOpen(t, path, Options{Normal: []string{"a"}})
		if d.Name != "data" {
			t.Errorf("%s is called %q", path, d.Name)
		}
		if got := table(filepath.Clean(path), d); got != want {
			t.Errorf("%s: got\n%swant\n%s", path, got, want)
		}
	}
}

func TestPassedString(t *testing.T) {
	p := Passed{Hidden: Count{N: 1}, Unknown: Count{2, "Thumbs.db"}, Outside: Count{3, "x/a.png"}, Masks: Count{N: 4},
		Unreadable: Count{5, "a.heic"}, Beside: Count{6, "a_GT.png"}, Heatmaps: Count{7, "heat"}}
	want := "1 hidden, 5 images of kinds that cannot be read (a.heic), 2 of other kinds (Thumbs.db), " +
		"3 images outside the layout (x/a.png), 4 masks without an image, 6 masks of images (a_GT.png), 7 folders of heatmaps (heat)"
	if got := p.String(); got != want {
		t.Error(got)
	}
	one := Count{1, "a"}
	p = Passed{Unknown: one, Outside: one, Masks: one, Unreadable: one, Beside: one, Heatmaps: one}
	want = "1 image of a kind that cannot be read (a), 1 of another kind (a), 1 image outside the layout (a), " +
		"1 mask without an image (a), 1 mask of an image (a), 1 folder of heatmaps (a)"
	if got := p.String(); got != want {
		t.Error(got)
	}
	if got := (Passed{}).String(); got != "" {
		t.Error(got)
	}
}
