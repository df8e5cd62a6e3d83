package anomem

import (
	"crypto/sha256"
	"path/filepath"
	"strings"
	"testing"

	"anomem/nn/safetensors"
)

func print6(b byte) Fingerprint { return Fingerprint{b, 1, 2, 3, 4, b} }

// A file is known by its bytes, an image without one by its size and its pixels.
func TestFingerprint(t *testing.T) {
	sum := sha256.Sum256([]byte("bytes"))
	if f, err := FingerprintOf(strings.NewReader("bytes")); err != nil || f != Fingerprint(sum[:6]) {
		t.Errorf("%x, %v, want %x", f, err, sum[:6])
	}
	pix := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}
	wide := FingerprintOfImage(&Image{W: 3, H: 2, Pix: pix})
	if wide != FingerprintOfImage(&Image{W: 3, H: 2, Pix: append([]byte(nil), pix...)}) {
		t.Error("equal images have other fingerprints")
	}
	if wide == FingerprintOfImage(&Image{W: 2, H: 3, Pix: pix}) {
		t.Error("images of other sizes have one fingerprint")
	}
}

// What a model has seen is kept in its file, whichever way that is loaded. A model that does
// not know never learns a part of it.
func TestSeenInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	m := tinyModel(t, tinyConfig(), nil)
	m.SetSeen(m.Seen().WithTrained([]Fingerprint{print6(1)}))
	m.SetSeen(m.Seen().WithCalibrated([]Fingerprint{print6(1)}))
	for _, known := range []bool{false, true} {
		if known {
			m.SetSeen(NewSeen([]Fingerprint{print6(9), print6(3), print6(9)}, nil).WithCalibrated([]Fingerprint{print6(5)}).WithTrained([]Fingerprint{print6(1)}))
		}
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		for _, opts := range [][]LoadOption{nil, {ForScoring()}} {
			got, err := Load(path, nil, opts...)
			if err != nil {
				t.Fatal(err)
			}
			s := got.Seen()
			if (s != nil) != known {
				t.Fatalf("%v, known: %t", s, known)
			}
			for b := range byte(12) {
				trained, calibrated := known && (b == 1 || b == 3 || b == 9), known && b == 5
				if s.TrainedOn(print6(b)) != trained || s.CalibratedBy(print6(b)) != calibrated {
					t.Errorf("image %d of %v, known: %t", b, s, known)
				}
			}
		}
	}
	if s := m.Seen().WithCalibrated(nil); s.CalibratedBy(print6(5)) || !s.TrainedOn(print6(3)) {
		t.Error("a new calibration does not replace the one before, or forgets the training")
	}
}

// A file whose fingerprints are no fingerprints is refused.
func TestBrokenSeen(t *testing.T) {
	m := tinyModel(t, tinyConfig(), nil)
	m.SetSeen(NewSeen([]Fingerprint{print6(1)}, nil))
	path := filepath.Join(t.TempDir(), "m.safetensors")
	for name, broken := range map[string]safetensors.Tensor{
		"other type":  safetensors.FromSlice(calibratedTensor, []float32{1, 2, 3, 4, 5, 6}, 1, 6),
		"other shape": {Name: calibratedTensor, DType: "U8", Shape: []int{6}, Data: fingerprints("", []Fingerprint{print6(1)}).Data},
		"missing":     {Name: seenPrefix + "else", DType: "U8", Shape: []int{0, 6}, Data: fingerprints("", nil).Data},
	} {
		tensors, meta, err := m.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		delete(meta, checksumKey)
		for i := range tensors {
			if tensors[i].Name == calibratedTensor {
				tensors[i] = broken
			}
		}
		if err := safetensors.WriteFile(path, tensors, meta); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), `"seen.calibrated" is missing or not bytes of shape [N 6]`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
