package anomem

import (
	"fmt"
	"sync"
	"sync/atomic"

	"anomem/align"
	"anomem/autograd"
	"anomem/imageio"
	"anomem/resnet"
	"anomem/simd/pool"
)

// Model scores how far images deviate from what it has learned to be normal. Any number of
// goroutines may use a model, while none of them calibrates it or sets its provenance or
// replay.
type Model struct {
	config     Config
	scoring    Scoring // of config
	provenance Provenance
	parts      *Parts[float32]
	replay     *Replay

	refit       string // the checksum of the file with the replay, where that was not loaded; "": none
	heldLater   bool   // m was calibrated by other images than those held out in that file
	replayError error  // why it was not loaded

	// calibration holds the scores of held-out normal images. If it is nil, scores have no
	// p-value, and nothing is called anomalous.
	calibration *Calibration
	threshold   float64
	region      *imageio.Mask   // of images without one of their own; nil: all of them counts
	template    *align.Template // nil: images are taken as they are
	heat        *HeatScale      // nil: not known
	promise     Promise
	seen        *Seen // nil: not known

	encoder  *resnet.Frozen[float32]
	pool     *pool.Pool
	graphs   sync.Pool    // of *autograd.Graph[float32]
	analysed atomic.Int64 // squares that went through the encoder
}

// NewModel returns the model with the given parts, in evaluation mode. The parts must have
// the shapes of c and must not change afterwards. The model works on p, which may be
// shared, or on the calling goroutine if p is nil. It is an error if c is invalid or the
// score needs heads that parts lack.
func NewModel(c Config, parts *Parts[float32], p *pool.Pool) (*Model, error) {
	return newModel(c, parts, p, resnet.FreezeOn[float32])
}

func newModel(c Config, parts *Parts[float32], p *pool.Pool, freeze func(*resnet.ResNet[float32], *pool.Pool) *resnet.Frozen[float32]) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	for _, needs := range []struct {
		kind ScoreKind
		has  bool
	}{
		{ScoreHeads, len(parts.Heads) > 0}, {ScoreTurns, len(parts.Turns) > 0}, {ScoreDensity, len(parts.Densities) > 0},
		{ScorePlaces, len(parts.Places) > 0}, {ScoreTexture, parts.Texture != nil},
	} {
		if c.Score.Has(needs.kind) && !needs.has {
			return nil, fmt.Errorf("anomem: the score is that of %s, but there are none", needs.kind)
		}
	}
	if c.Score.Kind == ScoreHeads && c.Head.Paired() != (len(parts.RotationHeads) > 0) {
		return nil, fmt.Errorf("anomem: there are %d heads for rotated copies, but the configuration asks for them: %t", len(parts.RotationHeads), c.Head.Paired())
	}
	m := &Model{config: c, scoring: c.Scoring(), parts: parts, pool: p}
	m.encoder = freeze(parts.Encoder, p)
	m.graphs.New = func() any { return autograd.NewGraph[float32](p) }
	return m, nil
}

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.config }

// Parts returns the learned parts, which must not be changed. Their encoder is nil if the
// model was loaded ForScoring.
func (m *Model) Parts() *Parts[float32] { return m.parts }

// graph returns a graph for one call, which done takes back.
func (m *Model) graph() *autograd.Graph[float32] { return m.graphs.Get().(*autograd.Graph[float32]) }

func (m *Model) done(g *autograd.Graph[float32]) {
	g.Reset()
	m.graphs.Put(g)
}
