package dataset

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// records makes a CIFAR file: the labels of each record, then bytes that tell plane,
// pixel and record apart.
func records(labels ...[]byte) string {
	var b bytes.Buffer
	for i, l := range labels {
		b.Write(l)
		for k := range cifarPixels {
			b.WriteByte(recordByte(i, k))
		}
	}
	return b.String()
}

func recordByte(record, k int) byte { return byte(k + k>>8*7 + 31*record) }

func TestCIFAR10(t *testing.T) {
	content := map[string]string{
		"data_batch_1.bin": records([]byte{9}, []byte{1}),
		"data_batch_2.bin": records([]byte{1}),
		"test_batch.bin":   records([]byte{1}, []byte{0}),
	}
	want := `
		data_batch_1.bin#0 truck train - - unknown
		data_batch_1.bin#1 automobile train - - normal
		data_batch_2.bin#0 automobile train - - normal
		test_batch.bin#0 automobile test - - normal
		test_batch.bin#1 airplane test - - unknown`
	root := files(t, content)
	d := mustOpen(t, root, Options{Normal: []string{"automobile"}})
	if got := table(root, d); got != lines(want) || d.Layout != CIFAR10 || !slices.Equal(d.Classes, cifar10Names) {
		t.Errorf("%s %q\n%s", d.Layout, d.Classes, got)
	}

	// The planes become pixels.
	img, err := NewLoader(d, LoaderOptions{}).Load(1)
	if err != nil || img.W != 32 || img.H != 32 {
		t.Fatal(img, err)
	}
	for i := range cifarPlane {
		for c := range 3 {
			if got, want := img.Pix[3*i+c], recordByte(1, c*cifarPlane+i); got != want {
				t.Fatalf("pixel %d channel %d is %d, want %d", i, c, got, want)
			}
		}
	}

	// The folder that the archive unpacks to, and names of its own.
	names := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"
	inside := map[string]string{cifar10Folder + "/batches.meta.txt": names}
	for name, text := range content {
		inside[cifar10Folder+"/"+name] = text
	}
	root = files(t, inside)
	d = mustOpen(t, root, Options{Normal: []string{"b"}})
	want = strings.NewReplacer("automobile", "b", "truck", "j", "airplane", "a").Replace(want)
	if got := table(filepath.Join(root, cifar10Folder), d); got != lines(want) {
		t.Error(got)
	}
}

func TestCIFAR100(t *testing.T) {
	root := files(t, map[string]string{
		"train.bin": records([]byte{0, 4}, []byte{14, 2}),
		"test.bin":  records([]byte{0, 30}),
	})
	d := mustOpen(t, root, Options{Normal: []string{"aquatic_mammals"}})
	if got, want := table(root, d), lines(`
		test.bin#0 aquatic_mammals test - - normal
		train.bin#0 aquatic_mammals train - - normal
		train.bin#1 people train - - unknown`); got != want || d.Layout != CIFAR100 {
		t.Errorf("%s\n%s", d.Layout, got)
	}
	d = mustOpen(t, root, Options{Normal: []string{"baby"}, Fine: true})
	if got, want := table(root, d), lines(`
		test.bin#0 dolphin test - - unknown
		train.bin#0 beaver train - - unknown
		train.bin#1 baby train - - normal`); got != want {
		t.Error(got)
	}
	img, err := NewLoader(d, LoaderOptions{}).Load(2)
	if err != nil || img.Pix[2] != recordByte(1, 2*cifarPlane) {
		t.Error("the labels' two bytes were not passed over: ", err)
	}
	root = files(t, map[string]string{"train.bin": records([]byte{0, 4}), "coarse_label_names.txt": "a\nb\n"})
	_, err = Open(root, Options{})
	wantError(t, err, "coarse_label_names.txt has 2 names, want 20")
}

func TestCIFARNames(t *testing.T) {
	for _, c := range []struct {
		names []string
		n     int
	}{{cifar10Names, 10}, {cifar100Coarse, 20}, {cifar100Fine, 100}} {
		// Each of the published lists is in alphabetical order.
		if len(c.names) != c.n || !slices.IsSorted(c.names) || len(slices.Compact(slices.Clone(c.names))) != c.n {
			t.Errorf("%d names, want %d, in order: %q", len(c.names), c.n, c.names)
		}
	}
}

func TestCIFARErrors(t *testing.T) {
	good := records([]byte{1})
	for _, c := range []struct {
		name    string
		content map[string]string
		normal  string
		want    string
	}{
		{"cut off", map[string]string{"test_batch.bin": good[1:]}, "ship", "test_batch.bin: 3072 bytes are not a whole number of records of 3073 bytes"},
		{"a byte more", map[string]string{"data_batch_1.bin": good + "x"}, "ship", "data_batch_1.bin: 3074 bytes"},
		{"of another kind", map[string]string{"train.bin": good}, "people", "train.bin: 3073 bytes are not a whole number of records of 3074"},
		{"label", map[string]string{"test_batch.bin": good + records([]byte{10})}, "ship", "record 1 has label 10: the 10 classes have 0 to 9"},
		{"gap", map[string]string{"data_batch_1.bin": good, "data_batch_3.bin": good}, "ship", "has data_batch_3.bin, but not data_batch_2.bin"},
		{"no image of the class", map[string]string{"test_batch.bin": good}, "ship", `class "ship" is empty`},
		{"no class", map[string]string{"test_batch.bin": good}, "boat", `"boat" is no class of data; its classes are airplane, automobile`},
		{"none named", map[string]string{"test_batch.bin": good}, "", "which class is normal?"},
		{"name twice", map[string]string{"test_batch.bin": good, "batches.meta.txt": "a a b c d e f g h i"}, "a", "has a name twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var o Options
			if c.normal != "" {
				o.Normal = []string{c.normal}
			}
			_, err := Open(files(t, c.content), o)
			wantError(t, err, c.want)
		})
	}
}

// A file that is cut off after it was opened is a broken image.
func TestCIFARCutOffLater(t *testing.T) {
	root := files(t, map[string]string{"test_batch.bin": records([]byte{1}, []byte{1})})
	d := mustOpen(t, root, Options{Normal: []string{"automobile"}})
	if err := os.Truncate(filepath.Join(root, "test_batch.bin"), 4000); err != nil {
		t.Fatal(err)
	}
	broken, err := NewLoader(d, LoaderOptions{OnBroken: Skip}).Warm(t.Context(), 2)
	if err != nil || len(broken) != 1 || broken[0].Index != 1 || !strings.HasSuffix(broken[0].Path, "test_batch.bin#1") {
		t.Error(broken, err)
	}
}

// FuzzCIFAR: whatever a file holds, it is refused, or has a class for each record.
func FuzzCIFAR(f *testing.F) {
	f.Add([]byte(records([]byte{1}, []byte{9})), false, false)
	f.Add([]byte(records([]byte{1, 99}, []byte{19, 0})), true, true)
	f.Add([]byte{}, true, false)
	f.Fuzz(func(t *testing.T, b []byte, hundred, fine bool) {
		c, which, n := &cifarFile{labels: 1}, 0, 10
		if hundred {
			c.labels, n = 2, 20
			if fine {
				which, n = 1, 100
			}
		}
		classes, err := c.classes(bytes.NewReader(b), int64(len(b)), which, n)
		if err != nil {
			if classes != nil {
				t.Error("classes beside the error")
			}
			return
		}
		if len(classes)*(c.labels+cifarPixels) != len(b) || len(b) == 0 {
			t.Fatalf("%d classes from %d bytes", len(classes), len(b))
		}
		for i, class := range classes {
			if int(class) >= n || class != b[i*(c.labels+cifarPixels)+which] {
				t.Fatal(fmt.Sprint("record ", i, " has class ", class))
			}
		}
	})
}
