package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// idxText makes an IDX file.
func idxText(magic uint32, axes []uint32, data string) string {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, a := range axes {
		b = binary.BigEndian.AppendUint32(b, a)
	}
	return string(b) + data
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestIDX(t *testing.T) {
	trainImages := idxText(idxImages, []uint32{3, 2, 1}, "abcdef")
	trainLabels := idxText(idxLabels, []uint32{3}, "\x01\x0a\x02")
	testImages := idxText(idxImages, []uint32{1, 2, 2}, "ghij")
	testLabels := idxText(idxLabels, []uint32{1}, "\x02")
	for name, content := range map[string]map[string]string{
		"plain": {
			"train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": trainLabels,
			"t10k-images-idx3-ubyte": testImages, "t10k-labels-idx1-ubyte": testLabels,
		},
		"packed": {
			"train-images-idx3-ubyte.gz": gzipped(t, trainImages), "train-labels-idx1-ubyte.gz": gzipped(t, trainLabels),
			"t10k-images-idx3-ubyte.gz": gzipped(t, testImages), "t10k-labels-idx1-ubyte": testLabels,
		},
		"both": {
			"train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": trainLabels,
			"train-images-idx3-ubyte.gz": "broken", "train-labels-idx1-ubyte.gz": "broken",
			"t10k-images-idx3-ubyte": testImages, "t10k-labels-idx1-ubyte": testLabels,
		},
		"other names": {
			"x-train-images.idx3-ubyte": trainImages, "x-train-labels.idx1-ubyte": trainLabels,
			"x-test-images.idx3-ubyte": testImages, "x-test-labels.idx1-ubyte": testLabels,
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := files(t, content)
			d := mustOpen(t, root, Options{Normal: []string{"2", "10"}})
			if d.Layout != IDX || strings.Join(d.Classes, " ") != "1 2 10" {
				t.Errorf("%s, classes %q", d.Layout, d.Classes)
			}
			if len(d.Items) != 4 {
				t.Fatal(table(root, d))
			}
			l := NewLoader(d, LoaderOptions{Budget: 1 << 20})
			for i := range d.Items {
				it := d.Items[i]
				w, split, class, pixels := 1, Train, []string{"1", "10", "2"}[it.index], trainImages[16+2*it.index:][:2]
				if it.Split == Test {
					w, split, class, pixels = 2, Test, "2", testImages[16:]
				}
				if it.Split != split || it.Class != class || it.Normal != (class != "1") || it.Labelled != it.Normal {
					t.Errorf("%+v", it)
				}
				img, err := l.Load(i)
				if err != nil {
					t.Fatal(err)
				}
				if img.W != w || img.H != 2 {
					t.Errorf("%s is %d×%d", it.Path, img.W, img.H)
				}
				for k := range pixels {
					if p := img.Pix[3*k:][:3]; p[0] != pixels[k] || p[1] != pixels[k] || p[2] != pixels[k] {
						t.Errorf("%s: pixel %d is %d, want %d", it.Path, k, p, pixels[k])
					}
				}
			}
			want := int64(3 * (6 + 4))
			if name == "packed" {
				want += 6 + 4 // what was unpacked is held, too
			}
			if n, bytes := l.Kept(); n != 4 || bytes != want {
				t.Errorf("%d images of %d bytes kept, want 4 of %d", n, bytes, want)
			}
		})
	}
}

// Digit 1 is not normal because it is called 1.
func TestIDXNeedsANormalClass(t *testing.T) {
	_, err := Open(files(t, map[string]string{
		"train-images-idx3-ubyte": idxText(idxImages, []uint32{2, 1, 1}, "ab"),
		"train-labels-idx1-ubyte": idxText(idxLabels, []uint32{2}, "\x00\x01"),
	}), Options{})
	wantError(t, err, "which class is normal?", "0, 1")
}

func TestIDXErrors(t *testing.T) {
	images, labels := idxText(idxImages, []uint32{2, 1, 1}, "ab"), idxText(idxLabels, []uint32{2}, "\x00\x01")
	for _, c := range []struct {
		name           string
		images, labels string
		want           []string
	}{
		{"magic", labels, labels, []string{"train-images-idx3-ubyte: the magic number is 0x00000801, want 0x00000803"}},
		{"labels' magic", images, images, []string{"train-labels-idx1-ubyte: the magic number is 0x00000803"}},
		{"short header", images[:10], labels, []string{"header", "16 bytes"}},
		{"short", images[:17], labels, []string{"axes [2 1 1] need 18 bytes, but the file has 17"}},
		{"long", images + "c", labels, []string{"need 18 bytes, but the file has 19"}},
		{"short, packed", gzipped(t, images[:17]), labels, []string{"axes [2 1 1] need 2 bytes, but it has 1"}},
		{"long, packed", gzipped(t, images+"c"), labels, []string{"need 2 bytes, but more follow"}},
		{"cut off, packed", gzipped(t, images)[:30], labels, []string{"train-images", "unexpected EOF"}},
		{"no packing", "\x1f\x8b", labels, []string{"train-images"}},
		{"no images", idxText(idxImages, []uint32{0, 1, 1}, ""), labels, []string{"axis 0 has length 0"}},
		{"no pixels", idxText(idxImages, []uint32{2, 1, 0}, ""), labels, []string{"axis 2 has length 0"}},
		{"wide", idxText(idxImages, []uint32{2, 1, 1 << 17}, ""), labels, []string{"axis 2 has length 131072"}},
		{"claims much, packed", gzipped(t, idxText(idxImages, []uint32{1 << 31, 1 << 16, 1 << 15}, "")), labels, []string{"too large to unpack"}},
		{"claims more than can be counted", idxText(idxImages, []uint32{1<<32 - 1, 1 << 16, 1 << 16}, ""), labels, []string{"too large for this machine"}},
		{"other number", images, idxText(idxLabels, []uint32{3}, "\x00\x01\x01"), []string{"has 2 images, but 3 labels"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(files(t, map[string]string{"train-images-idx3-ubyte": c.images, "train-labels-idx1-ubyte": c.labels}), Options{Normal: []string{"0"}})
			wantError(t, err, c.want...)
		})
	}
	for _, c := range []struct {
		name    string
		content map[string]string
		want    string
	}{
		{"no labels", map[string]string{"train-images-idx3-ubyte": images}, "no train-labels-idx1-ubyte, .gz or not"},
		{"two datasets", map[string]string{
			"a-train-images-idx3-ubyte": images, "a-train-labels-idx1-ubyte": labels,
			"b-t10k-images-idx3-ubyte": images, "b-t10k-labels-idx1-ubyte": labels,
		}, `more than one dataset, "a-" and "b-"`},
		{"two test sets", map[string]string{
			"test-images-idx3-ubyte": images, "test-labels-idx1-ubyte": labels,
			"t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels,
		}, "remove one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(files(t, c.content), Options{Normal: []string{"0"}})
			wantError(t, err, c.want)
		})
	}
}

// FuzzIDX: whatever a file holds, memory is bounded by its size unpacked, and what is
// accepted has the pixels that its axes say.
func FuzzIDX(f *testing.F) {
	f.Add([]byte(idxText(idxImages, []uint32{2, 1, 1}, "ab")))
	f.Add([]byte(gzipped(f, idxText(idxImages, []uint32{2, 1, 1}, "ab"))))
	f.Add([]byte(gzipped(f, idxText(idxImages, []uint32{1 << 10, 1 << 10, 1 << 10}, "ab"))))
	f.Add([]byte(idxText(idxImages, []uint32{1<<32 - 1, 1 << 16, 1 << 16}, "")))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, b []byte) {
		in, packed, err := unpack(bytes.NewReader(b))
		if err != nil {
			return
		}
		size := int64(len(b))
		most := len(b)
		if packed {
			size = -1
			most *= 1032 // deflate's largest ratio
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		axes, err := idxHeader(in, idxImages, size)
		var data []byte
		if err == nil {
			data, err = idxData(in, axes)
		}
		runtime.ReadMemStats(&after)
		// A buffer that doubles takes four times its content in all; the engine
		// allocates beside us.
		if got := after.TotalAlloc - before.TotalAlloc; got > uint64(4*most)+1<<20 {
			t.Errorf("allocated %d bytes for a file of %d", got, len(b))
		}
		if err != nil {
			return
		}
		if int64(len(data)) != axes[0]*axes[1]*axes[2] || len(data) == 0 {
			t.Errorf("%d bytes for axes %d", len(data), axes)
		}
		if !packed && !bytes.Equal(data, b[16:]) {
			t.Error("other bytes than the file's")
		}
	})
}
