package anomem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"anomem/internal/atomicfile"
	"anomem/nn/safetensors"
)

// Of a model that is saved, the replay stands in a file of its own beside the model's. It
// outweighs all else, and new heads alone need it. The model's metadata hold the checksum of
// that file, so that none pairs with that of another training.

const (
	refitKey     = "anomem.refit"  // of a model's metadata: the checksum of its refit file
	heldKey      = "anomem.held"   // likewise: heldReplaced if other images than those held out in that file calibrated it since
	replayKey    = "anomem.replay" // of a refit file's metadata: the version of its format
	replayFormat = "1"
	heldReplaced = "replaced"
)

// RefitPath returns where the replay of a model that is saved to path stands.
func RefitPath(path string) string {
	if real, err := atomicfile.Follow(path); err == nil {
		path = real
	}
	return path + ".refit"
}

// refitOutput returns the refit file of a model that is saved to path, and its checksum.
func (m *Model) refitOutput(path string) (file safetensors.Output, sum string, err error) {
	file = safetensors.Output{
		Path: RefitPath(path), Tensors: m.replay.tensors(&m.config),
		Metadata: map[string]string{replayKey: replayFormat},
	}
	if sum, err = safetensors.Checksum(file.Tensors, file.Metadata, checksumKey); err != nil {
		return file, "", fmt.Errorf("anomem: %w", err)
	}
	file.Metadata[checksumKey] = sum
	return file, sum, nil
}

// readRefit reads the replay of m from the refit file of a model at path.
func (m *Model) readRefit(path string) error {
	path = RefitPath(path)
	f, err := safetensors.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("anomem: there is no %s, which holds what the model keeps of its training images: put it there", path)
	case err != nil:
		return err
	}
	defer f.Close()
	meta := f.Metadata()
	if v := meta[replayKey]; v != replayFormat {
		return fmt.Errorf("anomem: %s holds nothing that this program can refit a model with: its metadata have %q %.20q, want %q", path, replayKey, v, replayFormat)
	}
	if err := checkSum(f, meta[checksumKey]); err != nil {
		return err
	}
	if sum := meta[checksumKey]; sum != m.refit {
		return fmt.Errorf("anomem: %s is of another model: its checksum is %.30q, and the model was written with %q: put the file of that one there", path, sum, m.refit)
	}
	m.replay, err = loadReplay(f, &m.config)
	switch {
	case err != nil:
		return err
	case m.replay == nil:
		return fmt.Errorf("anomem: %s: there is no %s", path, replaySquare)
	case m.heldLater:
		m.replay = m.replay.withoutHeld()
	}
	return nil
}

// removeRefit removes the refit file of the model that path held before, if there is one.
func removeRefit(path string) error {
	path = RefitPath(path)
	f, err := safetensors.Open(path)
	if err != nil {
		return nil // it is no file of this program
	}
	_, ours := f.Metadata()[replayKey]
	f.Close()
	if !ours {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("anomem: %w", err)
	}
	return nil
}

// Replay returns what the model keeps of its training images, or nil.
func (m *Model) Replay() *Replay { return m.replay }

// ErrNoReplay is ReplayError of a model that was saved without a replay, or never had one.
var ErrNoReplay = errors.New("anomem: the model keeps nothing of its training images")

// ReplayError says why the model has no replay; nil if it has one.
func (m *Model) ReplayError() error {
	switch {
	case m.replay != nil:
		return nil
	case m.replayError != nil:
		return m.replayError
	}
	return ErrNoReplay
}

// SetReplay sets what the model keeps of its training images; nil keeps nothing. It is an
// error if r does not fit the configuration of the model.
func (m *Model) SetReplay(r *Replay) error {
	if r != nil {
		if err := r.check(&m.config); err != nil {
			return fmt.Errorf("anomem: %w", err)
		}
	}
	m.replay, m.refit, m.heldLater, m.replayError = r, "", false, nil
	return nil
}

// ForgetHeld takes the held-out images out of what the model keeps: other images calibrated
// it. It takes them out of a replay that was not loaded, too, whenever that is loaded after.
func (m *Model) ForgetHeld() {
	if m.replay != nil {
		m.replay = m.replay.withoutHeld()
	}
	m.heldLater = m.refit != ""
}
