package dataset

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const svhnFixtures = "../testdata/dataset/svhn"

func TestSVHN(t *testing.T) {
	d := mustOpen(t, svhnFixtures, Options{Normal: []string{"0"}})
	if got, want := d.Summary(), "layout svhn: 2 normal (0), 4 anomalous (1 1, 2 1, 3 1, 9 1)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	im := mustRead(t, d, ReadOptions{})
	numbers := map[string]int{Train: 0, Test: 0}
	for k := range im.Len() {
		img, err := im.Image(k)
		if err != nil || img.W != 32 || img.H != 32 {
			t.Fatalf("%v, %v", img, err)
		}
		n := numbers[im.Item(k).Split]
		numbers[im.Item(k).Split]++
		for i, v := range img.Pix {
			y, x, c := i/3/32, i/3%32, i%3
			if want := byte(7*y + 3*x + 50*c + 11*n); v != want {
				t.Fatalf("image %d at %d, %d, %d: %d, want %d", k, y, x, c, v, want)
			}
		}
	}
	if numbers[Train] != 5 || numbers[Test] != 1 {
		t.Errorf("%v", numbers)
	}
}

// matElement returns an element with its padding.
func matElement(kind uint32, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, -len(body)&7)...)
}

// matFile returns a MAT-file of elements.
func matFile(elements ...[]byte) []byte {
	head := make([]byte, 128)
	copy(head[124:], "\x00\x01IM")
	return append(head, bytes.Join(elements, nil)...)
}

// matMatrixOf returns an array of unsigned bytes.
func matMatrixOf(name string, value []byte, axes ...uint32) []byte {
	var dims []byte
	for _, a := range axes {
		dims = binary.LittleEndian.AppendUint32(dims, a)
	}
	return matElement(matMatrix, matElement(6, make([]byte, 8)), matElement(5, dims), matElement(1, []byte(name)), matElement(matBytes, value))
}

func TestMatFilesThatAreRefused(t *testing.T) {
	image := make([]byte, 32*32*3)
	x := func(n int) []byte { return matMatrixOf("X", bytes.Repeat(image, n), 32, 32, 3, uint32(n)) }
	y := func(labels ...byte) []byte { return matMatrixOf("y", labels, uint32(len(labels)), 1) }
	whole := matFile(x(2), y(1, 2))
	for want, content := range map[string][]byte{
		"":                           whole,
		"has 128 bytes":              whole[:100],
		"save it with -v6 or -v7":    append(make([]byte, 128), whole[128:]...),
		"has not the arrays X and y": matFile(x(2)),
		"2 labels":                   matFile(x(3), y(1, 2)),
		"image 1 has label 11":       matFile(x(2), y(1, 11)),
		"image 0 has label 0":        matFile(x(2), y(0, 1)),
		"unexpected EOF":             whole[:len(whole)-9],
		"cut off":                    append(bytes.Clone(whole), 1, 2, 3),
		"needs 4 bytes, and has 2":   matFile(matMatrixOf("y", []byte{1, 2}, 4, 1)),
		"the most":                   matFile(matElement(matMatrix, matElement(6, make([]byte, 8)), matElement(5, make([]byte, 2000)))),
		"a compressed element":       matFile(matElement(matCompressed, []byte("no zlib data"))),
		"there are 4 at most":        matFile([]byte{1, 0, 5, 0, 0, 0, 0, 0}),
		"has axes":                   matFile(matMatrixOf("y", nil, 1<<31-1, 1<<31-1)),
	} {
		root := files(t, map[string]string{"train_32x32.mat": string(content)})
		_, err := Open(root, Options{Normal: []string{"1"}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzMat: whatever a file holds, memory is bounded, and an array has as many bytes as its
// axes say.
func FuzzMat(f *testing.F) {
	for _, name := range []string{"train_32x32.mat", "test_32x32.mat"} {
		b, err := os.ReadFile(filepath.Join(svhnFixtures, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(matFile(matMatrixOf("y", []byte{1, 2, 3}, 3, 1), matElement(9, make([]byte, 5))))
	f.Fuzz(func(t *testing.T, b []byte) {
		const most = 1 << 16
		arrays, err := readMat(bytes.NewReader(b), most)
		if err != nil {
			return
		}
		for name, a := range arrays {
			n := 1
			for _, axis := range a.axes {
				n *= axis
			}
			if n != len(a.value) || n > most {
				t.Errorf("array %q of %d: %d bytes", name, a.axes, len(a.value))
			}
		}
	})
}
