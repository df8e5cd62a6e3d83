package anomem

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"anomem/nn/safetensors"
)

// Fingerprint is a short digest of an image: the first six bytes of a SHA-256. That of a
// file is of its bytes (FingerprintOf), that of an image in an archive of its pixels
// (FingerprintOfImage). A file's bytes are cheap to read, and the same whatever decodes
// them: another release of a decoder, another range of 16-bit values, another region of
// interest. A copy under another name is recognised, and an image that was saved anew is not.
//
// A new image has the fingerprint of one of n others by chance with probability n/2⁴⁸: 4e-9
// for a million.
type Fingerprint [6]byte

// FingerprintOf returns the fingerprint of a file, of which it reads all.
func FingerprintOf(file io.Reader) (f Fingerprint, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return f, fmt.Errorf("anomem: fingerprint: %w", err)
	}
	copy(f[:], h.Sum(nil))
	return f, nil
}

// FingerprintOfImage returns the fingerprint of an image that has no file of its own.
func FingerprintOfImage(img *Image) (f Fingerprint) {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d\n", img.W, img.H)
	h.Write(img.Pix)
	copy(f[:], h.Sum(nil))
	return f
}

// Seen says which images a model has seen, by their fingerprints: those that it was trained
// on, and the normal ones that calibrated it, whose scores say little of new images. A model
// file holds six bytes for each, 6 MB for a million. nil stands for a model that does not
// know, as those of earlier versions.
type Seen struct {
	trained, calibrated []Fingerprint // ascending, each once
}

// NewSeen returns the images with these fingerprints, in any order.
func NewSeen(trained, calibrated []Fingerprint) *Seen {
	return &Seen{sortedOnce(trained), sortedOnce(calibrated)}
}

func sortedOnce(f []Fingerprint) []Fingerprint {
	f = slices.Clone(f)
	slices.SortFunc(f, compareFingerprints)
	return slices.Compact(f)
}

func compareFingerprints(a, b Fingerprint) int { return bytes.Compare(a[:], b[:]) }

// TrainedOn reports whether the model was trained on an image.
func (s *Seen) TrainedOn(f Fingerprint) bool { return s != nil && holdsFingerprint(s.trained, f) }

// CalibratedBy reports whether an image calibrated the model.
func (s *Seen) CalibratedBy(f Fingerprint) bool { return s != nil && holdsFingerprint(s.calibrated, f) }

func holdsFingerprint(all []Fingerprint, f Fingerprint) bool {
	_, ok := slices.BinarySearchFunc(all, f, compareFingerprints)
	return ok
}

// WithTrained returns s after a training on more images; nil if s is nil.
func (s *Seen) WithTrained(more []Fingerprint) *Seen {
	if s == nil {
		return nil
	}
	return NewSeen(slices.Concat(s.trained, more), s.calibrated)
}

// WithCalibrated returns s after a calibration by other images; nil if s is nil.
func (s *Seen) WithCalibrated(by []Fingerprint) *Seen {
	if s == nil {
		return nil
	}
	return NewSeen(s.trained, by)
}

// Seen returns which images m has seen; nil: it does not know.
func (m *Model) Seen() *Seen { return m.seen }

// SetSeen sets which images m has seen. Neither Calibrate nor a training does that by
// itself, for they see pixels, not files.
func (m *Model) SetSeen(s *Seen) { m.seen = s }

// The tensors of Seen in a model file, [N 6] bytes each.
const (
	seenPrefix       = "seen."
	trainedTensor    = seenPrefix + "trained"
	calibratedTensor = seenPrefix + "calibrated"
)

// tensors returns s as the tensors of a model file; none for nil.
func (s *Seen) tensors() []safetensors.Tensor {
	if s == nil {
		return nil
	}
	return []safetensors.Tensor{fingerprints(trainedTensor, s.trained), fingerprints(calibratedTensor, s.calibrated)}
}

func fingerprints(name string, all []Fingerprint) safetensors.Tensor {
	return safetensors.Tensor{
		Name: name, DType: "U8", Shape: []int{len(all), len(Fingerprint{})},
		Data: func(w io.Writer) error {
			for _, f := range all {
				if _, err := w.Write(f[:]); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// loadSeen reads which images the model has seen, if the file says so.
func (m *Model) loadSeen(f *safetensors.File) error {
	if _, ok := f.Lookup(trainedTensor); !ok {
		return nil
	}
	var s Seen
	for name, to := range map[string]*[]Fingerprint{trainedTensor: &s.trained, calibratedTensor: &s.calibrated} {
		t, ok := f.Lookup(name)
		if !ok || t.DType != "U8" || len(t.Shape) != 2 || t.Shape[1] != len(Fingerprint{}) {
			return fmt.Errorf("anomem: %s: tensor %q is missing or not bytes of shape [N %d]", f.Name(), name, len(Fingerprint{}))
		}
		raw, err := f.Raw(name)
		if err != nil {
			return err
		}
		all := make([]Fingerprint, t.Shape[0])
		for i := range all {
			if _, err := io.ReadFull(raw, all[i][:]); err != nil {
				return fmt.Errorf("anomem: %s: tensor %q: %w", f.Name(), name, err)
			}
		}
		*to = sortedOnce(all)
	}
	m.seen = &s
	return nil
}
