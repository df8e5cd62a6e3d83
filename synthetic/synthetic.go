package synthetic

import (
	"fmt"
	"slices"

	"anomem/dataset"
	"anomem/nn/rng"
)

// Scene is the subject of pictures.
type Scene int

const (
	Part    Scene = iota // a bracket on a ground
	Texture              // a plain weave that fills the picture
	Plate                // a photograph of a machined plate
	Cloth                // a photograph of cloth
	Screw                // a photograph of a screw in any pose
	Leather              // a photograph of leather
)

func (s Scene) String() string {
	switch s {
	case Part:
		return "part"
	case Texture:
		return "texture"
	case Plate:
		return "plate"
	case Cloth:
		return "cloth"
	case Screw:
		return "screw"
	case Leather:
		return "leather"
	}
	return fmt.Sprintf("Scene(%d)", int(s))
}

// ParseScene returns the scene with the name that String gives it.
func ParseScene(s string) (Scene, error) {
	for scene := Part; scene <= Leather; scene++ {
		if scene.String() == s {
			return scene, nil
		}
	}
	return 0, fmt.Errorf("synthetic: scene %q is none of part, texture, plate, cloth, screw, leather", s)
}

// Kind is a kind of anomaly.
type Kind string

const (
	// Those of Part and Texture.
	Object Kind = "object" // another thing in the same materials and light
	Style  Kind = "style"  // the same thing by another law of texture or colour
	Local  Kind = "local"  // the same thing with a small defect

	// Those of photographs, each about 20 pixels wide on 1024; on leather stains are 120 to 340.
	Scratch Kind = "scratch"
	Pit     Kind = "pit"
	Stain   Kind = "stain"
	Thread  Kind = "thread"

	// Those of leather alone.
	Patch Kind = "patch" // of a finer or a coarser grain, 160 to 380 pixels wide on 1024
	Fold  Kind = "fold"  // 300 to 700 pixels long
)

// Options say what to draw. The zero value draws a Part of 32×32.
type Options struct {
	Scene Scene
	Size  int // pixels a side: 24 to 4096, of photographs 512 to 4096; 0 is 32 and 1024
}

// Sample is a picture with its label. Its mask is nil if it is normal.
type Sample struct {
	dataset.Sample
	Kind Kind   // empty for normals
	What string // what the anomaly is, such as "gear" or "chip"
}

// Kinds lists the kinds of anomaly of the scene.
func (o Options) Kinds() []Kind {
	switch {
	case o.Scene == Leather:
		return []Kind{Stain, Patch, Fold, Pit}
	case o.photograph():
		return []Kind{Scratch, Pit, Stain, Thread}
	}
	return []Kind{Object, Style, Local}
}

// Normal draws the i-th normal picture of a seed. It panics on a Size or Scene that
// Options do not allow.
func (o Options) Normal(seed uint64, i int) Sample {
	return o.draw(seed, i, "")
}

// Anomaly draws the i-th anomalous picture of a seed and a kind. It panics where Normal
// does, and unless kind is one of [Options.Kinds].
func (o Options) Anomaly(seed uint64, i int, kind Kind) Sample {
	if !slices.Contains(o.Kinds(), kind) {
		panic(fmt.Sprintf("synthetic: Anomaly: kind %q of scene %v: want one of %q", kind, o.Scene, o.Kinds()))
	}
	return o.draw(seed, i, kind)
}

func (o Options) photograph() bool { return o.Scene >= Plate && o.Scene <= Leather }

// size returns the pictures' side in pixels. In smaller pictures than allowed, a thin defect
// could miss every pixel.
func (o Options) size() int {
	size, least := 32, 24
	if o.photograph() {
		size, least = 1024, 512
	}
	if o.Size == 0 {
		return size
	}
	if o.Size < least || o.Size > 4096 {
		panic(fmt.Sprintf("synthetic: scene %v, Size %d: want %d to 4096 pixels, or 0 for %d", o.Scene, o.Size, least, size))
	}
	return o.Size
}

// draw draws a scene with an anomaly of the kind, or a normal one if kind is empty. All but
// the anomaly is drawn first and in the same way, so that normal and anomalous pictures come
// from one distribution.
func (o Options) draw(seed uint64, i int, kind Kind) Sample {
	size, scene := o.size(), rng.Name(o.Scene.String())
	s := Sample{Sample: dataset.Sample{Normal: kind == ""}, Kind: kind}
	stream := rng.New(seed, scene, rng.Name(string(kind)), uint64(i))
	r := &stream
	var c *canvas
	var eye camera
	switch o.Scene {
	case Part:
		eye = drawCamera(r)
		p := newPart(r, size)
		if c = p.canvas; !s.Normal {
			s.What = p.anomaly(r, kind)
		}
	case Texture:
		eye = drawCamera(r)
		t := newTexture(r, size)
		if c = t.canvas; !s.Normal {
			s.What = t.anomaly(r, kind)
		}
	case Plate, Cloth, Screw:
		eye = drawStudio(r)
		product := rng.New(seed, scene, rng.Name("product"))
		newPhotograph := map[Scene]func(product, r *rng.Stream, size int) photograph{Plate: newPlate, Cloth: newCloth, Screw: newScrew}[o.Scene]
		p := newPhotograph(&product, r, size)
		if c = p.canvas; !s.Normal {
			s.What = string(kind)
			p.flaw(r, kind)
		}
	case Leather:
		eye = drawStudio(r)
		product := rng.New(seed, scene, rng.Name("product"))
		h := newLeather(&product, r, size)
		if c = h.canvas; !s.Normal {
			s.What = string(kind)
			h.flaw(r, kind)
		}
	default:
		panic(fmt.Sprintf("synthetic: there is no scene %v", o.Scene))
	}
	if !s.Normal {
		s.Mask = c.mask
	}
	s.Image = eye.take(c)
	return s
}
