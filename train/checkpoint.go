package train

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// A checkpoint of stage 1 is a safetensors file. Its tensors are the parts, under the names
// of a model file, the velocity of each parameter under "train.velocity." and the features
// of queues under "train.queue.". Its metadata hold the configuration, the options and the
// number of steps made, which determine all random numbers. It holds no time unless there is
// a budget.

const (
	checkpointKey     = "anomem.checkpoint"
	checkpointVersion = "2"
	stateKey          = "anomem.train"
	checksumKey       = "anomem.checksum" // of all else, as safetensors.Checksum returns it
	velocityPrefix    = "train.velocity."
)

// State holds the metadata of a checkpoint.
type State struct {
	Config  anomem.Config `json:"config"`
	Options Options       `json:"options"`
	Step    int           `json:"step"`
	Data    string        `json:"data"`  // digest of the training set
	Units   int           `json:"units"` // images or tiles that stage 1 trains on
	Notes   []string      `json:"notes"` // decisions taken so far
	Queues  []queueState  `json:"queues,omitempty"`

	Encoder *anomem.Origin `json:"encoder,omitempty"` // that the training started from; nil: a new one

	Kind    string `json:"kind,omitempty"` // those of Run
	KindWhy string `json:"kind_why,omitempty"`
	Aligned bool   `json:"aligned,omitempty"` // the Run has a template

	// Budget and Spent are those of Run, where it had a budget. The time that all runs so
	// far took is spent. Costs are what the rest will take.
	Budget time.Duration `json:"budget,omitempty"`
	Spent  time.Duration `json:"spent,omitempty"`
	Costs  costs         `json:"costs,omitzero"`
}

// Save writes a checkpoint to path. It writes the whole file or nothing. data, the digest
// of the training set, and notes are stored for the training that resumes.
func (s *Stage1) Save(path, data string, notes []string) error {
	return s.save(path, State{Data: data, Notes: notes})
}

// save writes a checkpoint with what state holds beside the training itself.
func (s *Stage1) save(path string, state State) error {
	tensors := nn.State[float32](s.Parts, "")
	for _, v := range s.sgd.Velocities() {
		tensors = append(tensors, safetensors.FromSlice(velocityPrefix+v.Name, v.Value, len(v.Value)))
	}
	queued, queues := saveQueues(s.stepper.Queues)
	tensors = append(tensors, queued...)
	state.Config, state.Options, state.Step, state.Units, state.Queues = s.Config, s.Options, s.step, len(s.units), queues
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	meta := map[string]string{checkpointKey: checkpointVersion, stateKey: string(text)}
	if meta[checksumKey], err = safetensors.Checksum(tensors, meta, checksumKey); err != nil {
		return err
	}
	return safetensors.WriteFile(path, tensors, meta)
}

// ReadState returns the metadata of a checkpoint without its tensors.
func ReadState(path string) (State, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return State{}, err
	}
	defer f.Close()
	return stateOf(f)
}

func stateOf(f *safetensors.File) (State, error) {
	var s State
	meta := f.Metadata()
	if v := meta[checkpointKey]; v != checkpointVersion {
		return s, fmt.Errorf("train: %s is no checkpoint of this version: its metadata have %q %.20q, want %q", f.Name(), checkpointKey, v, checkpointVersion)
	}
	if err := json.Unmarshal([]byte(meta[stateKey]), &s); err != nil {
		return s, fmt.Errorf("train: %s: metadata %q: %w", f.Name(), stateKey, err)
	}
	if s.Step < 0 {
		return s, fmt.Errorf("train: %s: step %d", f.Name(), s.Step)
	}
	if s.Budget < 0 || s.Spent < 0 {
		return s, fmt.Errorf("train: %s: %v of %v are spent", f.Name(), s.Spent, s.Budget)
	}
	return s, nil
}

// Resume continues stage 1 from a checkpoint, with the bits of an uninterrupted training. d
// must hold the data that the checkpoint was written for. memory is Options.Memory, which
// is not stored. A damaged checkpoint is an error; Recover looks for a good one.
func Resume(path string, d dataset.Source, memory int64, p *pool.Pool) (*Stage1, State, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, State{}, err
	}
	defer f.Close()
	state, err := stateOf(f)
	if err != nil {
		return nil, state, err
	}
	if err := undamaged(f); err != nil {
		return nil, state, err
	}
	parts, err := anomem.NewParts[float32](state.Config, state.Options.Seed)
	if err != nil {
		return nil, state, fmt.Errorf("train: %s: %w", path, err)
	}
	state.Options.Memory = memory
	s, err := NewStage1(state.Config, state.Options, parts, d, p)
	if err != nil {
		return nil, state, fmt.Errorf("train: %s: %w", path, err)
	}
	if state.Units != len(s.units) {
		return nil, state, fmt.Errorf("train: %s was written for %d images or tiles, and here are %d: go on with the same images and flags", path, state.Units, len(s.units))
	}
	if state.Step > s.Steps() {
		return nil, state, fmt.Errorf("train: %s: step %d of %d", path, state.Step, s.Steps())
	}
	others := nn.Ignoring(func(name string) bool {
		return strings.HasPrefix(name, velocityPrefix) || strings.HasPrefix(name, queuePrefix)
	})
	if err := nn.Load(parts, f, "", others); err != nil {
		return nil, state, err
	}
	for _, v := range s.sgd.Velocities() {
		if err := safetensors.Decode(f, velocityPrefix+v.Name, v.Value); err != nil {
			return nil, state, err
		}
	}
	if err := loadQueues(f, state.Queues, s.stepper.Queues, s.Options.Queue, s.Config); err != nil {
		return nil, state, err
	}
	s.step = state.Step
	return s, state, nil
}
