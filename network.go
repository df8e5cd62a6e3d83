package anomem

import (
	"fmt"
	"slices"
	"strings"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/nn"
	"anomem/resnet"
)

// Parts holds what a model learns: an encoder and, for each scale, a memory, up to two
// heads, a classifier of quarter turns and a density; and densities at places and of textures.
type Parts[T autograd.Float] struct {
	Encoder       *resnet.ResNet[T]
	Memories      []*hopfield.Memory[T]
	Heads         []*Head[T] // nil: not trained
	RotationHeads []*Head[T] // for rotated copies; nil unless HeadConfig.RotationWeight asks for them

	Turns     []*TurnHead[T] // nil: not trained
	Densities []*Density[T]  // nil: not fitted
	Places    []*Place[T]    // of each of the places' maps; nil: not fitted
	Texture   *Texture[T]    // nil: not fitted
}

// NewParts returns parts of the shapes that c describes, initialised by nn.Init from the
// seed. Patterns are random until training draws them from features. The error is that of
// c.Validate.
func NewParts[T autograd.Float](c Config, seed uint64) (*Parts[T], error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p, err := shapedParts[T](c)
	if err != nil {
		return nil, err
	}
	nn.Init(p, seed)
	return p, nil
}

// shapedParts returns parts of the shapes that c describes, without values and without
// heads. c must be valid.
func shapedParts[T autograd.Float](c Config) (*Parts[T], error) {
	r, err := c.Encoder.resnet()
	if err != nil {
		return nil, err
	}
	p := &Parts[T]{}
	if p.Encoder, err = resnet.New[T](r); err != nil {
		return nil, err
	}
	for i, channels := range c.Channels() {
		p.Memories = append(p.Memories, &hopfield.Memory[T]{
			Patterns: autograd.New[T](c.Scales[i].Patterns, channels).RequireGrad(),
			Config:   c.hopfield(),
		})
	}
	return p, nil
}

// AddHeads gives every scale new heads, initialised by nn.Init from the seed.
func (p *Parts[T]) AddHeads(c Config, seed uint64) {
	p.shapeHeads(c)
	for s, h := range p.Heads {
		nn.Init(named[T]{h, headName(s)}, seed)
	}
	for s, h := range p.RotationHeads {
		nn.Init(named[T]{h, rotationName(s)}, seed)
	}
}

// shapeHeads gives every scale heads of the shapes that c describes, without values.
func (p *Parts[T]) shapeHeads(c Config) {
	p.Heads, p.RotationHeads = nil, nil
	for _, channels := range c.Channels() {
		p.Heads = append(p.Heads, NewHead[T](c.Head, channels))
		if c.Head.Paired() {
			p.RotationHeads = append(p.RotationHeads, NewHead[T](c.Head, channels))
		}
	}
}

// AddTurns gives every scale a new classifier of quarter turns, initialised by nn.Init from
// the seed.
func (p *Parts[T]) AddTurns(c Config, seed uint64) {
	p.shapeTurns(c)
	for s, h := range p.Turns {
		nn.Init(named[T]{h, turnsName(s)}, seed)
	}
}

// shapeTurns gives every scale a classifier of the shape that c describes, without values.
func (p *Parts[T]) shapeTurns(c Config) {
	p.Turns = nil
	for _, channels := range c.Channels() {
		p.Turns = append(p.Turns, NewTurnHead[T](channels))
	}
}

// AddDensities gives every scale a density of the shape that c describes, without values.
func (p *Parts[T]) AddDensities(c Config) {
	copies := c.Scoring().Copies()
	p.Densities = nil
	for _, channels := range c.Channels() {
		p.Densities = append(p.Densities, NewDensity[T](copies, channels))
	}
}

// AddPlaces gives every map of the places a place of the shape that c describes, without
// values.
func (p *Parts[T]) AddPlaces(c Config) {
	p.Places = nil
	for _, m := range c.placeMaps() {
		p.Places = append(p.Places, NewPlace[T](m.side, m.share, m.channels))
	}
}

const textureName = "texture"

func turnsName(s int) string    { return fmt.Sprintf("turns.%d", s) }
func densityName(s int) string  { return fmt.Sprintf("density.%d", s) }
func placeName(s int) string    { return fmt.Sprintf("place.%d", s) } // of the s-th of the places' maps
func headName(s int) string     { return fmt.Sprintf("head.%d", s) }
func rotationName(s int) string { return fmt.Sprintf("turned.%d", s) }

// Visit visits "encoder", "memory.0", ..., "head.0", ..., "turned.0", ..., "turns.0", ...,
// "density.0", ..., "place.0", ..., and "texture".
func (p *Parts[T]) Visit(v nn.Visitor[T], prefix string) {
	p.Encoder.Visit(v, nn.Join(prefix, "encoder"))
	for s, m := range p.Memories {
		m.Visit(v, nn.Join(prefix, fmt.Sprintf("memory.%d", s)))
	}
	for s, h := range p.Heads {
		h.Visit(v, nn.Join(prefix, headName(s)))
	}
	for s, h := range p.RotationHeads {
		h.Visit(v, nn.Join(prefix, rotationName(s)))
	}
	for s, h := range p.Turns {
		h.Visit(v, nn.Join(prefix, turnsName(s)))
	}
	for s, d := range p.Densities {
		d.Visit(v, nn.Join(prefix, densityName(s)))
	}
	for s, place := range p.Places {
		place.Visit(v, nn.Join(prefix, placeName(s)))
	}
	if p.Texture != nil {
		p.Texture.Visit(v, nn.Join(prefix, textureName))
	}
}

// Check returns an error that names the first value that is not finite, is a variance below
// 0, or a deviation that is not above it. No training should leave such values.
func (p *Parts[T]) Check() error {
	for _, e := range nn.Entries(p, "") {
		if i := notFinite(e.Tensor.Data()); i >= 0 {
			return fmt.Errorf("value %d of %s is %v", i, e.Name, e.Tensor.Data()[i])
		}
		if strings.HasSuffix(e.Name, ".spread") && !(e.Tensor.Data()[1] > 0) {
			return fmt.Errorf("%s has the deviation %v: want above 0", e.Name, e.Tensor.Data()[1])
		}
		if !strings.HasSuffix(e.Name, ".running_var") {
			continue
		}
		if i := slices.IndexFunc(e.Tensor.Data(), func(v T) bool { return v < 0 }); i >= 0 {
			return fmt.Errorf("value %d of %s is %v, a variance below 0", i, e.Name, e.Tensor.Data()[i])
		}
	}
	return nil
}

// notFinite returns the index of the first infinite or NaN value of v, or -1.
func notFinite[T autograd.Float](v []T) int {
	for i, x := range v {
		if x-x != 0 { // NaN for either
			return i
		}
	}
	return -1
}

// named is a part under its full name, which its initial values depend on.
type named[T autograd.Float] struct {
	nn.Params[T]
	name string
}

func (n named[T]) Visit(v nn.Visitor[T], prefix string) {
	n.Params.Visit(v, nn.Join(prefix, n.name))
}
