package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"anomem/internal/atomicfile"
	"anomem/nn/safetensors"
)

// Previous returns the path of the checkpoint that was written before the one at path.
func Previous(path string) string { return path + ".1" }

// Recover returns the state of the newest good checkpoint at path. If that there is damaged or
// missing, the one before takes its place, and damage says what is wrong with the newer one;
// nil: nothing. fs.ErrNotExist says that there is none at all.
func Recover(path string) (s State, damage, err error) {
	s, damage = verify(path)
	if damage == nil || errors.Is(damage, fs.ErrPermission) {
		return s, nil, damage
	}
	s, err = verify(Previous(path))
	switch {
	case err == nil:
		return s, damage, os.Rename(Previous(path), path)
	case errors.Is(damage, fs.ErrNotExist) && errors.Is(err, fs.ErrNotExist):
		return State{}, nil, damage
	case errors.Is(err, fs.ErrNotExist):
		return State{}, nil, fmt.Errorf("%w, and there is none before it: train without --resume", damage)
	}
	return State{}, nil, fmt.Errorf("%w; %w: train without --resume", damage, err)
}

// verify reads the whole of a checkpoint and returns its state.
func verify(path string) (State, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return State{}, err
	}
	defer f.Close()
	s, err := stateOf(f)
	if err != nil {
		return s, err
	}
	return s, undamaged(f)
}

// undamaged returns an error if the bytes of a checkpoint are not those that were written. Those
// of earlier versions have no checksum.
func undamaged(f *safetensors.File) error {
	want := f.Metadata()[checksumKey]
	if want == "" {
		return nil
	}
	switch sum, err := f.Checksum(checksumKey); {
	case err != nil:
		return err
	case sum != want:
		return fmt.Errorf("train: %s is damaged: its checksum is %s, not %s", f.Name(), sum, want)
	}
	return nil
}

// keepPrevious makes the checkpoint at path, if there is one, the one before as well. A kill at
// any moment leaves one of both. Where there are no hard links it is renamed.
func keepPrevious(path string) error {
	if err := os.Remove(Previous(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	target, err := atomicfile.Follow(path)
	if err != nil {
		return err
	}
	err = os.Link(target, Previous(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && target == path {
		err = os.Rename(path, Previous(path))
	}
	if errors.Is(err, fs.ErrNotExist) || target != path {
		return nil // there is none, or a link to another file system leads to it
	}
	return err
}
