package anomem

import (
	"fmt"
	"sync"
	"sync/atomic"

	"anomem/autograd"
	"anomem/resnet"
	"anomem/simd/pool"
)

// Model tells how far images deviate from what it has learned to be normal. Any number
// of goroutines may use one, while none calibrates it or sets what goes into its file.
type Model struct {
	config     Config
	scoring    Scoring // of config
	provenance Provenance
	parts      *Parts[float32]
	replay     *Replay

	// calibration holds the scores of normal images that took no part in training; nil:
	// scores have no p-value yet, and nothing is called anomalous.
	calibration *Calibration
	threshold   float64
	heat        *HeatScale // nil: not known
	alpha       float64

	encoder  *resnet.Frozen[float32]
	pool     *pool.Pool
	graphs   sync.Pool    // of *autograd.Graph[float32]
	analysed atomic.Int64 // squares that went through the encoder
}

// NewModel returns the model of parts, which must have the shapes that c says, as it is
// in evaluation; parts must not change any more. Its work runs on p, which may be shared
// (nil: on the caller).
func NewModel(c Config, parts *Parts[float32], p *pool.Pool) (*Model, error) {
	return newModel(c, parts, p, resnet.FreezeOn[float32])
}

func newModel(c Config, parts *Parts[float32], p *pool.Pool, freeze func(*resnet.ResNet[float32], *pool.Pool) *resnet.Frozen[float32]) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Score.Kind == ScoreHeads && len(parts.Heads) == 0 {
		return nil, fmt.Errorf("anomem: the score is that of heads, and there are none")
	}
	if c.Score.Kind == ScoreHeads && c.Head.Paired() != (len(parts.RotationHeads) > 0) {
		return nil, fmt.Errorf("anomem: %d heads for rotated copies, and the configuration says %t", len(parts.RotationHeads), c.Head.Paired())
	}
	m := &Model{config: c, scoring: c.Scoring(), parts: parts, pool: p}
	m.encoder = freeze(parts.Encoder, p)
	m.graphs.New = func() any { return autograd.NewGraph[float32](p) }
	return m, nil
}

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.config }

// Parts returns what the model has learned. It must not be changed. Its encoder is nil in
// a model that was loaded ForScoring.
func (m *Model) Parts() *Parts[float32] { return m.parts }

// graph returns a graph for one call; done takes it back.
func (m *Model) graph() *autograd.Graph[float32] { return m.graphs.Get().(*autograd.Graph[float32]) }

func (m *Model) done(g *autograd.Graph[float32]) {
	g.Reset()
	m.graphs.Put(g)
}
