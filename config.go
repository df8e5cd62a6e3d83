package anomem

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"anomem/hopfield"
	"anomem/imageio"
	"anomem/resnet"
)

// Config describes a model. Together with the learned values it determines every answer of
// the model; it is written into the model file.
type Config struct {
	Input   Input         `json:"input"`
	Encoder Encoder       `json:"encoder"`
	Scales  []ScaleConfig `json:"scales"`
	Memory  MemoryConfig  `json:"memory"`
	Head    HeadConfig    `json:"head"`
	Score   ScoreConfig   `json:"score"`
	Places  PlacesConfig  `json:"places,omitzero"`
	Texture TextureConfig `json:"texture,omitzero"`
}

// Input describes how an image becomes encoder input: squares of Size×Size pixels or, with a
// Width, rectangles of Width×Size, with channels (v/255 - Mean)/Std.
type Input struct {
	Size   int `json:"size"`
	Width  int `json:"width,omitempty"` // of images that are taken whole; 0: Size
	Tile   int `json:"tile"`            // side of the tiles that an image is cut into, in its pixels; 0: images are taken whole
	Stride int `json:"stride"`          // from tile to tile, in pixels of the image
	// Levels is the number of further levels of an image pyramid: at level l the image is cut
	// into tiles of 2^l·Tile pixels every 2^l·Stride, which are shrunk to Size as those of level 0
	// are. What is too large for a tile to show it shows there.
	Levels int        `json:"levels,omitempty"`
	Mean   [3]float32 `json:"mean"`
	Std    [3]float32 `json:"std"`
	// Range maps images of 16 bits a channel to bytes: the values that those trained on
	// use, as Model.Decode does. The zero Range says that none had 16 bits.
	Range imageio.Range `json:"range,omitzero"`
	// Regions says that each image that the model was trained on has a region of interest
	// of its own, which scoring must be given. A region that all have in common is the
	// model's (Model.Region).
	Regions bool `json:"regions,omitempty"`
	// Blank says that images of one colour were among the normal ones that the model was
	// trained on. Otherwise no such image is normal.
	Blank bool `json:"blank,omitempty"`
}

// Encoder describes the backbone f: a ResNet without its classifier.
type Encoder struct {
	Depth int     `json:"depth"`
	Stem  string  `json:"stem"`  // "imagenet" or "small"
	Width float64 `json:"width"` // factor on the number of channels
}

// ScaleConfig describes one scale s of the method.
type ScaleConfig struct {
	Stage    int     `json:"stage"`    // the ResNet stage whose map it takes, 1 to 4
	Patterns int     `json:"patterns"` // N_Mem, the number of patterns in the memory
	Ratio    float64 `json:"ratio"`    // r, the share of map positions that a training step samples
	Lambda   float64 `json:"lambda"`   // λ, the confidence in the scale
}

// MemoryConfig is the form of hopfield.Config in a model file.
type MemoryConfig struct {
	Beta       float64 `json:"beta"`
	Updates    int     `json:"updates"`
	Eps        float64 `json:"eps"`
	Similarity string  `json:"similarity"`
}

// HeadConfig describes the anomaly heads (eq. 10).
type HeadConfig struct {
	Pool   int `json:"pool"`
	Hidden int `json:"hidden"`
	// Local heads see one of the Pool×Pool cells at a time and return a distance for each,
	// the largest of which counts for an image. They suit defects, which are small and may
	// be anywhere. Other heads see all cells of a square together and return one distance.
	Local bool `json:"local,omitempty"`
	// RotationWeight above 0 gives each scale a second head: the first learns known
	// anomalies alone, the second rotated copies alone. The score at a scale is the first
	// head's distance, plus RotationWeight times the excess of the second's over its mean
	// on the image's rotated copies (Scoring.AtScale).
	RotationWeight float64 `json:"turned,omitempty"`
}

// Paired reports whether each scale has two heads.
func (h HeadConfig) Paired() bool { return h.RotationWeight > 0 }

// Side returns the height and width, in cells, of what a head sees at a time.
func (h HeadConfig) Side() int {
	if h.Local {
		return 1
	}
	return h.Pool
}

// Distances returns the number of distances that a head gives a square.
func (h HeadConfig) Distances() int { return h.Pool * h.Pool / (h.Side() * h.Side()) }

// ScoreKind names a kind of image score.
type ScoreKind string

const (
	// ScoreCosine is the mean of 1 - cos(z, HF(z)) over the positions of a map.
	ScoreCosine ScoreKind = "cosine"
	// ScoreL2 is eq. 9, the norm of the whole deviation map.
	ScoreL2 ScoreKind = "l2"
	// ScoreHeads is eq. 10, the distance that a trained head returns.
	ScoreHeads ScoreKind = "heads"
	// ScoreTurns is how surely a classifier errs about the quarter turns of an image and its
	// rotated copies: the mean of the log-odds against k, given the image rotated k times.
	// Unlike -log p they do not fade where the classifier is sure.
	ScoreTurns ScoreKind = "turns"
	// ScoreDensity is the mean distance of the features of an image and its rotated copies
	// from those of normal images (Density).
	ScoreDensity ScoreKind = "density"
	// ScorePlaces is how far an image, seen whole, deviates from what normal images show at
	// each place (PlacesConfig), as a term of a sum: the mean over the stages of the largest
	// distance of any place, standardised by Place.Spread. It is the same at each scale.
	ScorePlaces ScoreKind = "places"
	// ScoreTexture is how far the texture of an image exceeds what normal images have anywhere
	// (Texture), as a term of a sum. It is the same at each scale.
	ScoreTexture ScoreKind = "texture"
	// ScoreSum is a weighted sum of standardised scores of other kinds.
	ScoreSum ScoreKind = "sum"
)

// Term is a kind of score in a sum. At scale s it counts
//
//	Weight[s]·(score - Mean[s]) / Std[s]
type Term struct {
	Kind   ScoreKind `json:"kind"`
	Weight []float64 `json:"weight"`
	Mean   []float64 `json:"mean"` // over normal images not trained on
	Std    []float64 `json:"std"`
}

// single reports whether k is a kind of its own, not a sum.
func (k ScoreKind) single() bool {
	switch k {
	case ScoreCosine, ScoreL2, ScoreHeads, ScoreTurns, ScoreDensity:
		return true
	}
	return false
}

// ScoreConfig selects the score of an image at each scale. Eq. 13 merges the scales,
// whatever the kind.
type ScoreConfig struct {
	Kind ScoreKind `json:"kind"`
	// Top is the share of an image's positions, over all its tiles, whose largest values
	// the cosine score averages: 1 takes all. Eq. 9 and heads give numbers for whole tiles
	// or for cells, the largest of which counts.
	Top float64 `json:"top"`
	// Rotations compares an image with itself: its score at each scale (that of the second
	// heads, if there are two) is reduced by the mean score of its copies rotated by 90°,
	// 180° and 270°. Where a rotated image is an anomaly, a normal image scores far below
	// its copies, whatever else makes it hard, and an anomaly about as high as they do.
	// Scoring takes four times the work. The kinds ScoreTurns and ScoreDensity are means
	// over these copies instead.
	Rotations bool `json:"turns,omitempty"`
	// Terms are the terms of ScoreSum.
	Terms []Term `json:"terms,omitempty"`
	// Beside above 0 adds the distance of the heads, which learned known anomalies, to a
	// sum, and multiplies the other terms by itself.
	Beside float64 `json:"beside,omitempty"`
	// Levels holds, for each further level of the pyramid (Input.Levels), what the largest
	// distance by heads there weighs at each scale, beside that of level 0, [levels][scales]; nil:
	// nothing. Only heads see further levels.
	Levels [][]float64 `json:"levels,omitempty"`
}

// Has reports whether the score is of kind k or a sum with a term of kind k.
func (s ScoreConfig) Has(k ScoreKind) bool {
	if s.Kind != ScoreSum {
		return s.Kind == k
	}
	return s.Beside > 0 && k == ScoreHeads || slices.ContainsFunc(s.Terms, func(t Term) bool { return t.Kind == k })
}

// DefaultConfig returns a quarter-width ResNet-18 for images of 32×32 pixels with the
// paper's two scales: the maps after stages 3 and 4.
func DefaultConfig() Config {
	m := hopfield.DefaultConfig()
	return Config{
		Input:   Input{Size: 32, Mean: [3]float32{0.5, 0.5, 0.5}, Std: [3]float32{0.25, 0.25, 0.25}},
		Encoder: Encoder{Depth: 18, Stem: resnet.Small.String(), Width: 0.25},
		Scales: []ScaleConfig{
			{Stage: 3, Patterns: 512, Ratio: 0.3, Lambda: 1},
			{Stage: 4, Patterns: 256, Ratio: 1, Lambda: 2},
		},
		Memory: MemoryConfig{Beta: m.Beta, Updates: m.Updates, Eps: m.Eps, Similarity: m.Similarity.String()},
		Head:   HeadConfig{Pool: 2, Hidden: 256},
		Score:  ScoreConfig{Kind: ScoreCosine, Top: 1},
	}
}

// Limits on what a model file may ask for.
const (
	maxSize     = 4096
	maxTile     = 1 << 13
	maxLevels   = 3
	maxPatterns = 1 << 20
	maxHidden   = 1 << 16
	maxPool     = 64
	maxUpdates  = 1000
	maxFactor   = 1e6 // for β and λ; float32 cannot weigh larger ones against others
)

// Validate returns an error that lists everything wrong with c, or nil.
func (c *Config) Validate() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf("anomem: config: "+format, args...))
		}
	}
	c.Input.validate(say)
	say(!(c.Encoder.Width > 0), "encoder: width %g: want above 0", c.Encoder.Width)
	if r, err := c.Encoder.resnet(); err != nil {
		wrong = append(wrong, err)
	} else if err := r.Validate(); err != nil {
		wrong = append(wrong, err)
	}
	say(len(c.Scales) == 0 || len(c.Scales) > 4, "%d scales: want 1 to 4", len(c.Scales))
	last, lambda := 0, 0.0
	for _, s := range c.Scales {
		say(s.Stage <= last || s.Stage > 4, "stage %d after %d: want 1 to 4, in ascending order", s.Stage, last)
		say(s.Patterns < 1 || s.Patterns > maxPatterns, "%d patterns: want 1 to %d", s.Patterns, maxPatterns)
		say(!(s.Ratio > 0 && s.Ratio <= 1), "sampling ratio %g: want above 0, at most 1", s.Ratio)
		say(!(s.Lambda >= 0 && s.Lambda <= maxFactor), "λ %g: want 0 to %g", s.Lambda, maxFactor)
		last = s.Stage
		lambda += s.Lambda
	}
	say(!(lambda > 0), "the λ of all scales are 0")
	_, err := hopfield.ParseSimilarity(c.Memory.Similarity)
	if err != nil {
		wrong = append(wrong, err)
	}
	m := c.Memory
	say(!(m.Beta > 0 && m.Beta <= maxFactor), "memory: β %g: want above 0, at most %g", m.Beta, maxFactor)
	say(m.Updates < 0 || m.Updates > maxUpdates, "memory: %d updates: want 0 (until they settle) to %d", m.Updates, maxUpdates)
	say(!(m.Eps >= 0) || !finite(m.Eps), "memory: eps %g: want 0 or more", m.Eps)
	say(c.Head.Pool < 1 || c.Head.Pool > maxPool, "head: pool %d: want 1 to %d", c.Head.Pool, maxPool)
	say(!(c.Head.RotationWeight >= 0 && c.Head.RotationWeight <= maxFactor), "head: weight %g of heads for rotated copies: want 0 (none) to %g", c.Head.RotationWeight, maxFactor)
	say(c.Head.Paired() && !c.Score.Rotations, "head: heads for rotated copies need a score against rotated copies")
	say(c.Head.Paired() && c.Head.Local, "head: local heads cannot have heads for rotated copies beside them")
	say(c.Head.Hidden < 1 || c.Head.Hidden > maxHidden, "head: %d hidden units: want 1 to %d", c.Head.Hidden, maxHidden)
	c.validateScore(say)
	return errors.Join(wrong...)
}

// validateScore says what is wrong with the score of c, its places and its texture.
func (c *Config) validateScore(say func(bad bool, format string, args ...any)) {
	s := c.Score
	say(!s.Kind.single() && s.Kind != ScoreSum, "score %q: want heads, turns, density, cosine, l2 or sum", s.Kind)
	say((s.Kind == ScoreSum) != (len(s.Terms) > 0), "score %q of %d terms: a sum has some, and nothing else has any", s.Kind, len(s.Terms))
	for _, t := range s.Terms {
		say(!t.Kind.single() && !t.Kind.whole() || t.Kind == ScoreHeads, "score: a term of kind %q: want places, texture, turns, density, cosine or l2", t.Kind)
		if n := len(c.Scales); len(t.Weight) != n || len(t.Mean) != n || len(t.Std) != n {
			say(true, "score: the term %s has %d weights, %d means and %d deviations: want one for each of %d scales", t.Kind, len(t.Weight), len(t.Mean), len(t.Std), n)
			continue
		}
		for i, w := range t.Weight {
			say(!(w >= 0 && w <= maxFactor), "score: the term %s weighs %g: want 0 to %g", t.Kind, w, maxFactor)
			say(!finite(t.Mean[i], t.Std[i]) || !(t.Std[i] > 0), "score: the term %s has mean %g and deviation %g: want finite numbers, the second above 0", t.Kind, t.Mean[i], t.Std[i])
		}
	}
	say(len(s.Levels) != 0 && len(s.Levels) != c.Input.Levels, "score: weights of %d levels beside the first, and the input has %d", len(s.Levels), c.Input.Levels)
	for _, weights := range s.Levels {
		say(len(weights) != len(c.Scales), "score: a level has %d weights: want one for each of %d scales", len(weights), len(c.Scales))
		for _, w := range weights {
			say(!(w >= 0 && w <= maxFactor), "score: a level weighs %g: want 0 to %g", w, maxFactor)
		}
	}
	say(!(s.Beside >= 0 && s.Beside <= maxFactor), "score: the terms weigh %g beside heads: want 0 (no heads) to %g", s.Beside, maxFactor)
	c.Places.validate(say)
	say(s.Has(ScorePlaces) && c.Places.Size == 0, "score: a term of places, but there are none")
	c.Texture.validate(say)
	say(s.Has(ScoreTexture) && c.Texture.Window == 0, "score: a term of texture, but it has no windows")
	say(s.Has(ScoreTurns) && !s.Rotations, "score: turns need rotated copies")
	say(s.Rotations && !c.Input.Square(), "score: an image that is seen as %d×%d has no rotated copies of that shape: want squares", c.Input.Width, c.Input.Size)
	say(!(s.Top > 0 && s.Top <= 1), "score of the top %g: want above 0, at most 1", s.Top)
}

// Shape returns the width and the height of what the encoder sees, in pixels.
func (in Input) Shape() (w, h int) { return cmp.Or(in.Width, in.Size), in.Size }

// Square reports whether width and height are the same.
func (in Input) Square() bool {
	w, h := in.Shape()
	return w == h
}

// validate says what is wrong with in.
func (in Input) validate(say func(bad bool, format string, args ...any)) {
	say(in.Width != 0 && (in.Width < 8 || in.Width > maxSize), "input width %d: want 8 to %d, or 0 for squares", in.Width, maxSize)
	say(in.Tile > 0 && !in.Square(), "tiles of %d pixels as %d×%d: tiles are squares", in.Tile, in.Width, in.Size)
	say(in.Size < 8 || in.Size > maxSize, "input size %d: want 8 to %d", in.Size, maxSize)
	say(in.Tile < 0 || in.Tile > maxTile, "tile %d: want 0 (whole images) to %d", in.Tile, maxTile)
	say(in.Levels < 0 || in.Levels > maxLevels, "%d levels beside the first: want 0 to %d", in.Levels, maxLevels)
	say(in.Levels > 0 && in.Tile == 0, "%d levels of images that are taken whole", in.Levels)
	say(in.Tile > 0 && (in.Stride < 1 || in.Stride > in.Tile), "stride %d of tiles of %d: want 1 to %d", in.Stride, in.Tile, in.Tile)
	for i := range in.Std {
		say(!(in.Std[i] > 0) || !finite(float64(in.Std[i]), float64(in.Mean[i])), "mean %v, std %v: want finite numbers, std > 0", in.Mean, in.Std)
	}
	say(in.Range.Lo >= in.Range.Hi && in.Range != imageio.Range{}, "range %v: want the lower value first", in.Range)
}

// finite reports whether no number of v is NaN or infinite.
func finite(v ...float64) bool {
	for _, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// resnet returns the configuration of the encoder for package resnet.
func (e Encoder) resnet() (resnet.Config, error) {
	r := resnet.Config{Depth: e.Depth, Width: e.Width}
	switch e.Stem {
	case resnet.ImageNet.String():
		r.Stem = resnet.ImageNet
	case resnet.Small.String():
		r.Stem = resnet.Small
	default:
		return r, fmt.Errorf("anomem: config: stem %q: want imagenet or small", e.Stem)
	}
	return r, nil
}

// hopfield returns the configuration of the memories for package hopfield. c must be valid.
func (c *Config) hopfield() hopfield.Config {
	s, err := hopfield.ParseSimilarity(c.Memory.Similarity)
	if err != nil {
		panic(err) // Validate was not called
	}
	return hopfield.Config{Beta: c.Memory.Beta, Updates: c.Memory.Updates, Eps: c.Memory.Eps, Similarity: s}
}

// weights returns each scale's share of the total confidence, λ_s/Σλ.
func (c *Config) weights() []float32 {
	var sum float64
	for _, s := range c.Scales {
		sum += s.Lambda
	}
	var w []float32
	for _, s := range c.Scales {
		w = append(w, float32(s.Lambda/sum))
	}
	return w
}

// MapSizes returns the columns (X) and rows (Y) of each scale's map for an input of
// Input.Shape. c must be valid.
func (c *Config) MapSizes() []image.Point {
	w, h := c.Input.Shape()
	var sizes []image.Point
	for _, s := range c.Scales {
		sizes = append(sizes, image.Pt(c.Encoder.mapSide(w, s.Stage), c.Encoder.mapSide(h, s.Stage)))
	}
	return sizes
}

// mapSide returns the side of a stage's map, in positions, for a square of size pixels.
func (e Encoder) mapSide(size, stage int) int {
	half := func(n int) int { return (n + 1) / 2 }
	n := size
	if e.Stem == resnet.ImageNet.String() {
		n = half(half(n))
	}
	for range stage - 1 {
		n = half(n)
	}
	return n
}

// Channels returns the number of channels of each scale's map. c must be valid.
func (c *Config) Channels() []int {
	all := c.Encoder.channels()
	var channels []int
	for _, s := range c.Scales {
		channels = append(channels, all[s.Stage-1])
	}
	return channels
}

// channels returns the number of channels of each stage's map. e must be valid.
func (e Encoder) channels() [4]int {
	r, err := e.resnet()
	if err != nil {
		panic(err) // Validate was not called
	}
	return r.StageChannels()
}
