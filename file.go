package anomem

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/resnet"
	"anomem/simd/pool"
)

// A model is a safetensors file. Its tensors are those of Parts, with torchvision's names
// within "encoder", and the scores of the calibration. Its metadata hold everything else as
// JSON. The replay stands in a second file or, where there is but one, beside the tensors.

const (
	formatKey      = "anomem.format"
	formatVersion  = "1"
	configKey      = "anomem.config"
	provenanceKey  = "anomem.provenance"
	calibrationKey = "anomem.calibration"
	checksumKey    = "anomem.checksum" // of all else, as safetensors.Checksum returns it
	scoresTensor   = "calibration.scores"
	peaksTensor    = "calibration.peaks"
)

// Provenance records where a model comes from. It holds no time, so that a repeated
// training gives the same file.
type Provenance struct {
	Version string          `json:"version"`           // of the program
	Seed    uint64          `json:"seed"`              // of all random numbers
	Data    string          `json:"data"`              // digest of the training set
	Images  int             `json:"images"`            // trained on
	Known   int             `json:"known"`             // known anomalies among the images
	Notes   []string        `json:"notes,omitempty"`   // decisions taken while training
	Train   json.RawMessage `json:"train,omitempty"`   // the options of training
	Encoder *Origin         `json:"encoder,omitempty"` // that training started from; nil: a new one

	// Kind is what the images show, object, part or texture, and KindWhy how it was found
	// out. They are "" where it is not known, or where it was said.
	Kind    string `json:"kind,omitempty"`
	KindWhy string `json:"kind_why,omitempty"`
}

// Origin says which file an encoder was read from.
type Origin struct {
	File   string `json:"file"`   // its name, without the folder
	Digest string `json:"digest"` // of its bytes
}

// IsModel reports whether f says of itself that it is a model, as Save writes it.
func IsModel(f *safetensors.File) bool { return f.Metadata()[formatKey] != "" }

// calibrationMeta holds the metadata of the calibration, whose scores are a tensor.
type calibrationMeta struct {
	Alpha      float64  `json:"alpha"`                // of the Promise; 0: none was chosen
	Confidence float64  `json:"confidence,omitempty"` // likewise
	Threshold  *float64 `json:"threshold,omitempty"`  // set by hand; nil: it follows from the scores
	Floor      float64  `json:"floor,omitempty"`      // of HeatScale, beside the tensor of its peaks
}

// Tensors returns the tensors and the metadata of one file with all of the model, the
// replay, too, for safetensors.Write. It is an error if the model was loaded ForScoring.
func (m *Model) Tensors() ([]safetensors.Tensor, map[string]string, error) {
	var replay []safetensors.Tensor
	if m.replay != nil {
		replay = m.replay.tensors(&m.config)
	}
	return m.file(replay, "")
}

// file returns the tensors and the metadata of a model file: those of the replay are given,
// or the checksum of the file that holds them.
func (m *Model) file(replay []safetensors.Tensor, refit string) ([]safetensors.Tensor, map[string]string, error) {
	if m.parts.Encoder == nil {
		return nil, nil, errors.New("anomem: a model that was loaded for scoring cannot be saved")
	}
	tensors := nn.State(m.parts, "")
	meta := map[string]string{formatKey: formatVersion}
	put := func(key string, v any) error {
		b, err := json.Marshal(v)
		meta[key] = string(b)
		return err
	}
	if err := put(configKey, m.config); err != nil {
		return nil, nil, fmt.Errorf("anomem: %w", err)
	}
	if err := put(provenanceKey, m.provenance); err != nil {
		return nil, nil, fmt.Errorf("anomem: %w", err)
	}
	tensors = append(tensors, replay...)
	if refit != "" {
		meta[refitKey] = refit
		if m.heldLater {
			meta[heldKey] = heldReplaced
		}
	}
	if m.region != nil {
		runs := regionRuns(m.region)
		tensors = append(tensors, safetensors.FromSlice(regionTensor, runs, len(runs)))
	}
	tensors = append(tensors, m.templateTensors()...)
	tensors = append(tensors, m.seen.tensors()...)
	if c := m.calibration; c != nil {
		tensors = append(tensors, safetensors.FromSlice(scoresTensor, c.Scores, len(c.Scores)))
		cm := calibrationMeta{Alpha: m.promise.Alpha, Confidence: m.promise.Confidence}
		if m.Judges() && m.promise.Alpha == 0 {
			cm.Threshold = &m.threshold
		}
		if m.heat != nil {
			cm.Floor = m.heat.Floor
			tensors = append(tensors, safetensors.FromSlice(peaksTensor, m.heat.Peaks, len(m.heat.Peaks)))
		}
		if err := put(calibrationKey, cm); err != nil {
			return nil, nil, fmt.Errorf("anomem: %w", err)
		}
	}
	sum, err := safetensors.Checksum(tensors, meta, checksumKey)
	if err != nil {
		return nil, nil, fmt.Errorf("anomem: %w", err)
	}
	meta[checksumKey] = sum
	return tensors, meta, nil
}

// checkSum returns an error if the file says of itself that it was written otherwise. Files
// of earlier versions say nothing.
func checkSum(f *safetensors.File, said string) error {
	if said == "" {
		return nil
	}
	sum, err := f.Checksum(checksumKey)
	if err == nil && sum != said {
		err = fmt.Errorf("anomem: %s is damaged: its contents have the checksum %s, and were written with %s: copy it again from where it is whole", f.Name(), sum, said)
	}
	return err
}

// Save writes the model to path, and its replay to RefitPath of it, at once or not at all. A
// model that keeps no replay leaves none there.
func (m *Model) Save(path string) error {
	var files []safetensors.Output
	refit := m.refit // of a replay that was not loaded
	if m.replay != nil {
		file, sum, err := m.refitOutput(path)
		if err != nil {
			return err
		}
		files, refit = append(files, file), sum
	}
	tensors, meta, err := m.file(nil, refit)
	if err != nil {
		return err
	}
	if err := safetensors.WriteFiles(append(files, safetensors.Output{Path: path, Tensors: tensors, Metadata: meta})...); err != nil {
		return err
	}
	if refit == "" {
		return removeRefit(path)
	}
	return nil
}

// LoadOption changes what Load reads.
type LoadOption func(*loadOptions)

type loadOptions struct{ scoring bool }

// ForScoring loads only what scores and heatmaps need, in half of the time and memory. The
// model then has no Replay, its Parts have no encoder, and it cannot be saved.
func ForScoring() LoadOption { return func(o *loadOptions) { o.scoring = true } }

// Load reads a model that Save wrote. The model works on p, or on the calling goroutine if
// p is nil. Where the file of its replay is missing, or is that of another model, it has
// none, and ReplayError says so.
func Load(path string, p *pool.Pool, opts ...LoadOption) (*Model, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := LoadFrom(f, p, opts...)
	if err == nil && m.parts.Encoder != nil && m.refit != "" {
		if m.replayError = m.readRefit(path); m.replayError == nil {
			m.refit, m.heldLater = "", false
		}
	}
	return m, err
}

// LoadFrom reads a model from an opened file, but no replay from another one. It checks
// everything that it reads.
func LoadFrom(f *safetensors.File, p *pool.Pool, opts ...LoadOption) (*Model, error) {
	var o loadOptions
	for _, opt := range opts {
		opt(&o)
	}
	meta := f.Metadata()
	fail := func(format string, args ...any) error {
		return fmt.Errorf("anomem: %s: "+format, append([]any{f.Name()}, args...)...)
	}
	switch v := meta[formatKey]; v {
	case formatVersion:
	case "":
		return nil, fail("is no anomem model: its metadata have no %q", formatKey)
	default:
		return nil, fail("is of format %.20q, and this program reads %q", v, formatVersion)
	}
	if err := checkSum(f, meta[checksumKey]); err != nil {
		return nil, err
	}
	var c Config
	if err := json.Unmarshal([]byte(meta[configKey]), &c); err != nil {
		return nil, fail("metadata %q: %w", configKey, err)
	}
	parts, err := loadParts(f, c, p)
	if err != nil {
		return nil, err
	}
	freeze := resnet.FreezeOn[float32]
	if o.scoring {
		freeze = resnet.FreezeInPlace[float32]
	}
	m, err := newModel(c, parts, p, freeze)
	if err != nil {
		return nil, fail("%w", err)
	}
	m.refit, m.heldLater = meta[refitKey], meta[heldKey] == heldReplaced
	if err := json.Unmarshal([]byte(meta[provenanceKey]), &m.provenance); err != nil {
		return nil, fail("metadata %q: %w", provenanceKey, err)
	}
	if v := m.provenance; v.Known < 0 || v.Images < 0 {
		return nil, fail("metadata %q: trained on %d images, %d of them known anomalies", provenanceKey, v.Images, v.Known)
	}
	if o.scoring {
		parts.Encoder = nil // the frozen encoder has taken over its memory
	} else if m.replay, err = loadReplay(f, &m.config); err != nil {
		return nil, err
	} else if m.replay == nil && m.refit != "" {
		m.replayError = fmt.Errorf("anomem: %s keeps nothing of its training images: they stand in another file", f.Name())
	}
	for _, load := range []func(*safetensors.File) error{m.loadRegion, m.loadTemplate, m.loadSeen} {
		if err := load(f); err != nil {
			return nil, err
		}
	}
	if err := m.loadCalibration(f, meta[calibrationKey]); err != nil {
		return nil, err
	}
	return m, nil
}

// loadCalibration reads the calibration and the scale of heatmaps, if the file has them.
func (m *Model) loadCalibration(f *safetensors.File, meta string) error {
	s, ok := f.Lookup(scoresTensor)
	if !ok {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("anomem: %s: %w", f.Name(), err) }
	var cm calibrationMeta
	if err := json.Unmarshal([]byte(meta), &cm); err != nil {
		return fail(fmt.Errorf("metadata %q: %w", calibrationKey, err))
	}
	scores := make([]float64, s.Len())
	if err := safetensors.Decode(f, scoresTensor, scores); err != nil {
		return err
	}
	if err := m.Calibrate(scores, Promise{cm.Alpha, cm.Confidence}); err != nil {
		return fail(err)
	}
	if cm.Threshold != nil {
		if err := m.SetThreshold(*cm.Threshold); err != nil {
			return fail(err)
		}
	}
	p, ok := f.Lookup(peaksTensor)
	if !ok {
		return nil
	}
	heat := &HeatScale{Floor: cm.Floor, Peaks: make([]float64, p.Len())}
	if err := safetensors.Decode(f, peaksTensor, heat.Peaks); err != nil {
		return err
	}
	if err := m.SetHeatScale(heat); err != nil {
		return fail(err)
	}
	return nil
}

// loadParts reads the parts that c describes. It allocates nothing before it has seen that
// the file holds what c asks for.
func loadParts(f *safetensors.File, c Config, pl *pool.Pool) (*Parts[float32], error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("anomem: %s: %w", f.Name(), err)
	}
	_, heads := f.Lookup(headName(0) + ".hidden.weight")
	_, turns := f.Lookup(turnsName(0) + ".out.weight")
	_, densities := f.Lookup(densityName(0) + ".mean")
	_, places := f.Lookup(placeName(0) + ".mean")
	if err := holds(f, &c, heads, densities, places); err != nil {
		return nil, err
	}
	p, err := shapedParts[float32](c)
	if err != nil {
		return nil, err
	}
	if heads {
		p.shapeHeads(c)
	}
	if turns {
		p.shapeTurns(c)
	}
	if densities {
		p.AddDensities(c)
	}
	if places {
		p.AddPlaces(c)
	}
	if _, ok := f.Lookup(textureName + ".mean"); ok {
		p.Texture = NewTexture[float32]()
	}
	other := nn.Ignoring(func(name string) bool {
		return name == scoresTensor || name == peaksTensor || name == regionTensor || name == templateTensor || name == frameTensor || strings.HasPrefix(name, replayPrefix) || strings.HasPrefix(name, seenPrefix)
	})
	if err := nn.Load(p, f, "", other, nn.InPlace(pl)); err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("anomem: %s: %w", f.Name(), err)
	}
	nn.SetTraining(p, false)
	return p, nil
}

// holds returns an error unless f has the large tensors that c asks for. Their sizes bound
// those of all others.
func holds(f *safetensors.File, c *Config, heads, densities, places bool) error {
	want := func(name string, shape ...int) error {
		if t, ok := f.Lookup(name); !ok || !slices.Equal(t.Shape, shape) {
			return fmt.Errorf("anomem: %s: tensor %q is missing or not of shape %v, which the model's configuration asks for", f.Name(), name, shape)
		}
		return nil
	}
	// At every depth, the last stage has a second block with a convolution between inner
	// channels. It is a twentieth of the encoder or more.
	inner := int(8 * 64 * c.Encoder.Width)
	if err := want("encoder.layer4.1.conv2.weight", inner, inner, 3, 3); err != nil {
		return err
	}
	if places {
		for s, m := range c.placeMaps() {
			blocks := blocksOf(m.side, m.share)
			if err := errors.Join(
				want(placeName(s)+".mean", m.side*m.side, m.channels),
				want(placeName(s)+".whiten", blocks*blocks, triangle(m.channels)),
			); err != nil {
				return err
			}
		}
	}
	for s, channels := range c.Channels() {
		if err := want(fmt.Sprintf("memory.%d.patterns", s), c.Scales[s].Patterns, channels); err != nil {
			return err
		}
		if densities {
			if err := want(densityName(s)+".whiten", c.Scoring().Copies(), channels, channels); err != nil {
				return err
			}
		}
		if !heads {
			continue
		}
		names := []string{headName(s)}
		if c.Head.Paired() {
			names = append(names, rotationName(s))
		}
		for _, name := range names {
			if err := want(name+".hidden.weight", c.Head.Hidden, c.Head.Side()*c.Head.Side()*channels); err != nil {
				return err
			}
		}
	}
	return nil
}

// Provenance returns where the model comes from.
func (m *Model) Provenance() Provenance { return m.provenance }

// SetProvenance sets where the model comes from.
func (m *Model) SetProvenance(p Provenance) { m.provenance = p }
