package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeData writes the data of the trials below dir: pictures that the base draws, and
// small datasets in other layouts, made of picture.
func writeData(dir string, base *side) error {
	for _, command := range []string{
		"draw part -o DATA/part --train 60 --good 8 --each 4 --known 4 --seed 3",
		"draw texture -o DATA/texture --train 48 --good 6 --each 4 --seed 4",
	} {
		r, err := base.run("draw-data", command)
		if err != nil {
			return err
		}
		if r.code != 0 {
			return fmt.Errorf("anomem %s: exit code %d: %s", command, r.code, r.stderr)
		}
	}
	w := &writer{dir: dir}
	writeFolders(w)
	writeCIFAR(w)
	writeIDX(w)
	writeManifest(w)
	return w.err
}

// writer writes files below dir until one fails.
type writer struct {
	dir string
	err error
}

func (w *writer) file(name string, b []byte, err error) {
	if w.err != nil {
		return
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if w.err = err; w.err == nil {
		w.err = os.MkdirAll(filepath.Dir(path), 0o777)
	}
	if w.err == nil {
		w.err = os.WriteFile(path, b, 0o666)
	}
}

func (w *writer) picture(name string, p picture) {
	b, err := p.encode(filepath.Ext(name))
	w.file(name, b, err)
}

func (w *writer) mask(name string, p picture) {
	b, err := p.encodeMask()
	w.file(name, b, err)
}

// writeFolders writes the layout of MVTec AD, with defects and masks beside it, and a
// folder a class.
func writeFolders(w *writer) {
	for i := range 16 {
		w.picture(fmt.Sprintf("mvtec/train/good/%03d.png", i), picture{seed: i, w: 120, h: 96})
	}
	for i := range 3 {
		w.picture(fmt.Sprintf("mvtec/test/good/%03d.png", i), picture{seed: 100 + i, w: 120, h: 96})
		p := picture{seed: 200 + i, w: 120, h: 96, blot: true}
		w.picture(fmt.Sprintf("mvtec/test/blot/%03d.png", i), p)
		w.mask(fmt.Sprintf("mvtec/ground_truth/blot/%03d_mask.png", i), p)
		p.seed += 100
		w.picture(fmt.Sprintf("defects/%03d.png", i), p)
		w.mask(fmt.Sprintf("masks/%03d_mask.png", i), p)
	}
	formats := []string{"png", "jpg", "gif"}
	for i := range 24 {
		format := formats[i%len(formats)]
		w.picture(fmt.Sprintf("classes/good/%03d.%s", i, format), picture{seed: 400 + i, w: 40 + i%5, h: 44 - i%3})
		w.picture(fmt.Sprintf("classes/grey/%03d.%s", i, format), picture{seed: 500 + i, w: 36, h: 48, grey: true})
		if i < 8 {
			w.picture(fmt.Sprintf("classes/blot/%03d.%s", i, format), picture{seed: 600 + i, w: 44, h: 40, blot: true})
		}
	}
}

// writeCIFAR writes files like those of CIFAR-10: a label and three planes a record.
func writeCIFAR(w *writer) {
	const automobile, ship, frog = 1, 8, 6
	for f, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"} {
		var b bytes.Buffer
		for i := range 60 {
			label := []int{automobile, automobile, ship, automobile, frog}[i%5]
			p := picture{seed: 1000 + 100*f + i, w: 32, h: 32, blot: label != automobile, grey: label == frog}
			b.WriteByte(byte(label))
			for c := range 3 {
				for at := range 32 * 32 {
					b.WriteByte(p.pixel(at%32, at/32)[c])
				}
			}
		}
		w.file("cifar/"+name, b.Bytes(), nil)
	}
}

// writeIDX writes files like those of MNIST.
func writeIDX(w *writer) {
	for f, split := range []string{"train", "t10k"} {
		const n, side = 64, 28
		var images, labels bytes.Buffer
		binary.Write(&images, binary.BigEndian, []uint32{0x803, n, side, side})
		binary.Write(&labels, binary.BigEndian, []uint32{0x801, n})
		for i := range n {
			label := i % 4 / 3 // 0, 0, 0, 1
			p := picture{seed: 2000 + 100*f + i, w: side, h: side, grey: true, blot: label == 1}
			labels.WriteByte(byte(label))
			for at := range side * side {
				images.WriteByte(p.pixel(at%side, at/side)[0])
			}
		}
		w.file("idx/"+split+"-images-idx3-ubyte", images.Bytes(), nil)
		w.file("idx/"+split+"-labels-idx1-ubyte", labels.Bytes(), nil)
	}
}

// writeManifest writes a CSV file of images, whose groups stay together, with masks.
func writeManifest(w *writer) {
	var rows strings.Builder
	rows.WriteString("path,label,split,group,mask\n")
	for i := range 54 {
		p := picture{seed: 3000 + i, w: 32 + i%4, h: 32}
		split, label, mask := "train", "good", ""
		if i >= 42 {
			split = "test"
		}
		if i >= 38 && i%2 == 0 {
			label, mask, p.blot = "blot", fmt.Sprintf("where/%d.png", i), true
			w.mask("list/"+mask, p)
		}
		name := fmt.Sprintf("images/%d.png", i)
		w.picture("list/"+name, p)
		fmt.Fprintf(&rows, "%s,%s,%s,%d,%s\n", name, label, split, i/2, mask)
	}
	w.file("list/manifest.csv", []byte(rows.String()), nil)
}
