package train

import (
	"context"
	"fmt"

	"anomem/dataset"
	"anomem/train/augment"
)

// KindEvidence is what small pictures of normal images tell of their kind. Shares are of 1.
type KindEvidence struct {
	Images int  `json:"images"` // that were looked at
	Small  bool `json:"small"`  // no image of the set has a side of more than 64 pixels
	Large  bool `json:"large"`  // some image has a side of more than 640 pixels, so that parts are cut into tiles

	// Aligned is the share of the variance of a picture that the mean of the others
	// explains, after what a lamp may do to each. Moved is the most that was explained of
	// pictures that were moved, turned and mirrored at random.
	Aligned float64 `json:"aligned"`
	Moved   float64 `json:"moved"`

	// Within is the share that is explained of pictures without a sixth at each edge, or of
	// their details there, whichever is more.
	Within float64 `json:"within"`

	// Uneven is by how much the contrast of a sixteenth of a picture differs from that of
	// the whole: the root of the mean square, as a share of the whole's; of half of the
	// pictures it is less.
	Uneven float64 `json:"uneven"`

	// Turned is the p-value of the pictures' being upright: the share of random half turns
	// of each that set their upper and lower halves apart as much. CIFAR-10's cats take 768
	// images to be told as upright by it, its other classes a hundred or two.
	Turned float64 `json:"turned"`
}

// Where the decisions between kinds lie. docs/kinds.md lists what sets they were tried on.
const (
	// leastAligned is the least share that is explained of parts. Parts that move by up to
	// a tenth and turn by up to 20° have 0.22, those that turn by any angle 0.08, and the
	// classes of CIFAR-10 at most 0.05.
	leastAligned = 0.1

	// leastWithin is the least share away from the edges of large pictures that is explained of
	// parts. Photographs of tiles, enlarged to 900 pixels, have 0.08, drawn surfaces with dark ends
	// 0.04. As parts the former have 85 AUROC, as textures 74, and the latter 61 and 79.
	leastWithin = 0.06

	// leastUneven is the least unevenness of pictures of things. Drawn surfaces have 0.24 at
	// most, for a grain that runs along an eighth of the image, photographs of tiles 0.28, and
	// the classes of CIFAR-10 0.31 or more.
	leastUneven = 0.3

	// mostTurned is the largest p-value by which pictures count as upright: of those that are
	// not, one set in twenty does. Training learns of objects only what tells their turns.
	mostTurned = 0.05
)

// KindOf finds out from the normal images of d, or evenly spaced ones of them, what they
// show. Of images that cannot be told apart by this, such as a few of things that are not
// aligned, it says texture: it takes the least for granted. The answer has the same bits on
// every machine. It is an error if an image cannot be read, or if there is no normal one.
func KindOf(ctx context.Context, d dataset.Source) (augment.Kind, KindEvidence, error) {
	normal := newSubset(d, true)
	if normal.Len() == 0 {
		return 0, KindEvidence{}, fmt.Errorf("train: no image is normal, so that none tells of what kind they are")
	}
	some := spaced(normal, kindImages(normal))
	var looks kindLooks
	for i := range some.Len() {
		if err := ctx.Err(); err != nil {
			return 0, KindEvidence{}, err
		}
		img, err := some.Image(i)
		if err != nil {
			return 0, KindEvidence{}, err
		}
		looks.add(img)
	}
	e := looks.evidence()
	longest, _ := dataset.Sides(normal)
	e.Small, e.Large = longest <= wholeSide, longest > partSide
	return e.Kind(), e, nil
}

// Kind returns what kind of images the evidence speaks for: parts if they are aligned, objects
// if they are upright things, else textures. Large images must be aligned within, too: a surface
// between ends or under a lamp that are always at the same places is a texture. Small aligned images that are upright are objects,
// too: a defect would have a pixel or two, and what can be told of them is whether they show
// another thing. Training as objects then does better on Fashion-MNIST and on the pictures of
// draw part (docs/kinds.md).
func (e KindEvidence) Kind() augment.Kind {
	switch {
	case e.framed():
		return augment.Texture
	case e.aligned() && !(e.Small && e.upright()):
		return augment.Part
	case e.upright() && (e.aligned() || e.Uneven >= leastUneven):
		return augment.Object
	}
	return augment.Texture
}

func (e KindEvidence) aligned() bool { return e.Aligned >= leastAligned && e.Aligned > e.Moved }

// framed reports whether large images are aligned, but not within.
func (e KindEvidence) framed() bool { return e.aligned() && e.Large && e.Within < leastWithin }

func (e KindEvidence) upright() bool { return e.Turned <= mostTurned }

// String returns the reason for Kind, in words.
func (e KindEvidence) String() string {
	of := fmt.Sprintf("by %d images", e.Images)
	if e.Images == 1 {
		of = "by 1 image"
	}
	mean := fmt.Sprintf("the mean of the others explains %s of an image, and of moved ones at most %s", percent(e.Aligned), percent(e.Moved))
	switch {
	case e.framed():
		return fmt.Sprintf("%s: what they show within is at no certain place, since the mean of the others explains %s of it; with the edges, it explains %s", of, percent(e.Within), percent(e.Aligned))
	case e.aligned() && e.Small && e.upright():
		return fmt.Sprintf("%s: they are small and show upright things (p-value %.3f of half turns)", of, e.Turned)
	case e.aligned():
		return fmt.Sprintf("%s: they show the same at the same place, since %s", of, mean)
	case e.Uneven < leastUneven:
		return fmt.Sprintf("%s: they look alike everywhere, since the contrast of a sixteenth differs by %s from that of the whole", of, percent(e.Uneven))
	case !e.upright():
		return fmt.Sprintf("%s: they show things that are neither aligned nor upright, since %s, and half turns are as likely (p-value %.3f)", of, mean, e.Turned)
	}
	return fmt.Sprintf("%s: they show things that are upright (p-value %.3f of half turns) but not aligned, since %s", of, e.Turned, mean)
}

// percent returns a share in whole per cent.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*max(0, share)) }

// An image takes kindMost or, of larger images, those that together have about kindPixels
// pixels, but at least kindLeast.
const (
	kindMost, kindLeast = 768, 32
	kindPixels          = 1 << 26
)

// kindImages returns how many images of d are to be looked at.
func kindImages(d dataset.Source) int {
	longest, shortest := dataset.Sides(d)
	return min(kindMost, max(kindLeast, kindPixels/max(1, longest*shortest)))
}

// explained returns the share of the variance of n vectors that the mean of the others
// explains, unbiased: the mean product of two of them by their mean square. It is 0 for
// fewer than two vectors or for those that are 0. sum is theirs and energy that of their
// squares.
func explained(sum []float64, energy float64, n int) float64 {
	if n < 2 || energy == 0 {
		return 0
	}
	return (squared(sum) - energy) / float64(float64(n-1)*energy)
}

// squared returns the sum of the squares of v. Products are rounded before they are added,
// so that no machine fuses the two.
func squared(v []float64) (sum float64) {
	for _, x := range v {
		sum += float64(x * x)
	}
	return sum
}
