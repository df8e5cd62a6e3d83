// Package registry lists the detectors that results are compared with.
package registry

import (
	"fmt"
	"slices"
	"strings"

	"anomem/baseline"
	"anomem/baseline/anomem"
	"anomem/baseline/csi"
	"anomem/baseline/deepsad"
	"anomem/baseline/dpvae"
	"anomem/baseline/elsa"
	"anomem/baseline/goad"
	"anomem/baseline/imagesize"
	"anomem/baseline/kmeans"
	"anomem/baseline/knn"
	"anomem/baseline/meancolour"
	"anomem/baseline/memae"
	"anomem/baseline/mhrot"
	"anomem/baseline/ocsvm"
	"anomem/baseline/padim"
	"anomem/baseline/patchcore"
	"anomem/baseline/pca"
	"anomem/baseline/piad"
	"anomem/baseline/puzzlegeom"
	"anomem/baseline/reversedistillation"
	"anomem/baseline/sadclr"
	"anomem/baseline/ssd"
	"anomem/baseline/ssdgm"
	"anomem/baseline/supervised"
	"anomem/baseline/textureenergy"
	"anomem/internal/setting"
	"anomem/internal/spelling"
)

// Entry is a kind of detector.
type Entry struct {
	ID      string // short, in lower case
	Summary string // one line
	New     func() baseline.Detector

	trivial bool
}

var entries = []Entry{
	{"imagesize", "distance of width and height from the normal images'", func() baseline.Detector { return imagesize.New() }, true},
	{"meancolour", "distance of the mean colour from the normal images'", func() baseline.Detector { return meancolour.New() }, true},
	{"pca", "what 64 principal components of 32×32 pixels leave unexplained", func() baseline.Detector { return pca.New() }, true},
	{"textureenergy", "distance of the energies of an image's texture from the normal images'", func() baseline.Detector { return textureenergy.New(textureenergy.Default()) }, false},
	{"ocsvm", "one-class SVM with an RBF kernel on 32×32 pixels, or on features", func() baseline.Detector { return ocsvm.New(ocsvm.Default()) }, false},
	{"kmeans", "distance of a network's features from the nearest of 10 centres", func() baseline.Detector { return kmeans.New(kmeans.Default()) }, false},
	{"padim", "normal distribution of a network's features at each position", func() baseline.Detector { return padim.New(padim.Default()) }, false},
	{"patchcore", "distance of a network's patches from a bank of normal ones", func() baseline.Detector { return patchcore.New(patchcore.Default()) }, false},
	{"reversedistillation", "Reverse Distillation: where a student fails to tell a network's maps from an embedding of them", func() baseline.Detector { return reversedistillation.New(reversedistillation.Default()) }, false},
	{"knn", "distance of a network's features from the 2 nearest normal images", func() baseline.Detector { return knn.New(knn.Default()) }, false},
	{"deepsad", "Deep SAD: the distance from a centre of features; without known anomalies, Deep SVDD", func() baseline.Detector { return deepsad.New() }, false},
	{"ssd", "SSD: Mahalanobis's distance of features that were learned by contrasting views", func() baseline.Detector { return ssd.New() }, false},
	{"mhrot", "MHRot: how surely a network tells the turns and shifts of an image", func() baseline.Detector { return mhrot.New() }, false},
	{"puzzlegeom", "PuzzleGeom: how surely a network tells the moves of an image and the pieces of puzzles of it", func() baseline.Detector { return puzzlegeom.New() }, false},
	{"goad", "GOAD: how surely the features of an image's turns and shifts are near their centres", func() baseline.Detector { return goad.New() }, false},
	{"csi", "CSI: the length and direction of features that tell an image from its turned copies", func() baseline.Detector { return csi.New() }, false},
	{"sadclr", "SadCLR: the length of features whose directions were contrasted; known anomalies are made long", func() baseline.Detector { return sadclr.New() }, false},
	{"elsa", "Elsa: the energy of contrasted features by prototypes, from which known anomalies are driven", func() baseline.Detector { return elsa.New() }, false},
	{"memae", "MemAE: what an autoencoder that reads patterns of a memory cannot rebuild", func() baseline.Detector { return memae.New() }, false},
	{"piad", "PIAD: how much of an image's features a generator, trained against critics, cannot make anew", func() baseline.Detector { return piad.New(piad.Default()) }, false},
	{"dpvae", "DP-VAE: how far the latent distributions of an autoencoder are from normal images' prior", func() baseline.Detector { return dpvae.New() }, false},
	{"ssdgm", "SS-DGM: what a generative model with labels says, which needs known anomalies", func() baseline.Detector { return ssdgm.New() }, false},
	{"supervised", "a ResNet trained to tell known anomalies, which it needs, from normal images", func() baseline.Detector { return supervised.New() }, false},
	{"anomem", "this project's model: memories of normal features at several scales", func() baseline.Detector { return anomem.New() }, false},
}

// All returns every entry, the simplest first.
func All() []Entry { return slices.Clone(entries) }

// New returns a detector with its defaults, not fitted. An error names the ids that are
// nearest to one that is unknown.
func New(id string) (baseline.Detector, error) {
	for _, e := range entries {
		if e.ID == id {
			return e.New(), nil
		}
	}
	return nil, fmt.Errorf("baseline: no detector %q: did you mean %s?", id, strings.Join(nearest(id), " or "))
}

// With returns a detector as New does, with settings of its parameters, each NAME=VALUE, such as
// "encoder=resnet18.safetensors". It is an error if the detector has no parameter of a name, or
// none at all, or cannot read a value.
func With(id string, settings ...string) (baseline.Detector, error) {
	d, err := New(id)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		c, ok := d.(baseline.Configurable)
		if !ok {
			return nil, fmt.Errorf("baseline: %s has no parameters: %s", id, s)
		}
		if err := setting.Set(c.Settings(), s); err != nil {
			return nil, fmt.Errorf("baseline: %s: %w", id, err)
		}
	}
	return d, nil
}

// Trivial returns one of each trivial detector: what anybody would try first.
func Trivial() []baseline.Detector {
	var all []baseline.Detector
	for _, e := range entries {
		if e.trivial {
			all = append(all, e.New())
		}
	}
	return all
}

// nearest returns the ids with the fewest edits from id.
func nearest(id string) []string {
	var ids []string
	least := 0
	for _, e := range entries {
		switch d := spelling.Edits(strings.ToLower(id), e.ID); {
		case len(ids) == 0 || d < least:
			ids, least = []string{e.ID}, d
		case d == least:
			ids = append(ids, e.ID)
		}
	}
	return ids
}
