package features

import (
	"context"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/safetensors"
	"anomem/resnet"
	"anomem/simd/pool"
)

const file = "../../../testdata/resnet/resnet18-small.safetensors"

// picture is an image with the bytes of a formula.
func picture(w, h, seed int) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = byte(i*(7+seed) + i/w*13)
	}
	return img
}

// What a network of a file makes of an image, by itself.
func TestPooled(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	e, err := Open("test", Config{File: file, Size: 24}, baseline.Options{Pool: p})
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, prefix, err := resnet.ConfigOf(f)
	if err != nil {
		t.Fatal(err)
	}
	net, err := resnet.New[float32](c)
	if err == nil {
		err = resnet.Load(net, f, prefix)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := autograd.NewGraph[float32](nil)
	img := picture(40, 30, 0)
	x := g.NewTensor(1, 24, 24, 3)
	imageio.Norm{Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}.Apply(x.Data(), img.Resize(24, 24).Pix)
	want := resnet.Freeze(net).Forward(g, x).Data()
	if got := e.Pooled(img); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	src := dataset.Samples{{Image: picture(9, 9, 1)}, {Image: img, Normal: true}, {Image: picture(9, 9, 1), Normal: true}}
	rows, err := e.AllPooled(context.Background(), "test", src)
	if err != nil || !slices.Equal(rows, append(slices.Clone(want), e.Pooled(picture(9, 9, 1))...)) {
		t.Errorf("all: %v, %v", rows, err)
	}
}

// The size is that of the configuration or, by default, that of the network's training.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		config Config
		size   int
		large  bool
		notes  int
	}{
		{Config{File: file}, 32, false, 0},
		{Config{File: strings.Replace(file, "18-small", "50-imagenet", 1)}, 224, true, 0},
		{Config{}, 224, true, 1},
		{Config{Size: 8}, 8, true, 1},
		{Config{Size: 1024}, 1024, true, 1},
	} {
		notes := 0
		e, err := Open("test", c.config, baseline.Options{Seed: 3, Note: func(s string) {
			if notes++; !strings.Contains(s, "test: no encoder is given") || !strings.Contains(s, "seed 3") {
				t.Error(s)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if e.Size != c.size || e.Large() != c.large || notes != c.notes {
			t.Errorf("%+v: size %d, large %t, %d notes", c.config, e.Size, e.Large(), notes)
		}
	}
	for _, size := range []int{-1, 7, 1025} {
		if _, err := Open("test", Config{Size: size}, baseline.Options{}); err == nil || !strings.Contains(err.Error(), "test: size") {
			t.Errorf("size %d: %v", size, err)
		}
	}
	if _, err := Open("test", Config{File: "nothing"}, baseline.Options{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no file: %v", err)
	}
}

// Random weights are those of the seed.
func TestUntrained(t *testing.T) {
	pooled := func(seed uint64) []float32 {
		e, err := Open("test", Config{Size: 32}, baseline.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return e.Pooled(picture(32, 32, 0))
	}
	if a, b := pooled(1), pooled(1); !slices.Equal(a, b) {
		t.Error("another network of the same seed")
	}
	if a, b := pooled(1), pooled(2); slices.Equal(a, b) {
		t.Error("the same network of another seed")
	}
}
