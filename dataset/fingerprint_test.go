package dataset

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"anomem"
)

// A training set knows each of its images in its role, by the bytes of the file, whatever
// they are called; other images are not known.
func TestTrainingSetSeen(t *testing.T) {
	d := classes(t, 4, 2, 1)
	for i, it := range d.Items {
		if err := os.WriteFile(it.Path, []byte(picture(t, 2, 3, fmt.Sprint(i))), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set := mustTrain(t, d, TrainingOptions{HoldOut: 0.25})
	if _, err := set.Digest(t.Context(), 1); err != nil { // Seen has read the files then
		t.Fatal(err)
	}
	seen, err := set.Seen(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	role := map[string]string{}
	for k := range set.All.Len() {
		role[set.All.Item(k).Path] = "trained"
	}
	for k := range set.Held.Len() {
		role[set.Held.Item(k).Path] = "held"
	}
	for i := range d.Items {
		b, err := os.ReadFile(d.Items[i].Path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := anomem.FingerprintOf(bytes.NewReader(b))
		want := role[d.Items[i].Path]
		if err != nil || seen.TrainedOn(f) != (want == "trained") || seen.CalibratedBy(f) != (want == "held") {
			t.Errorf("%s, %q: trained on %t, calibrated by %t, %v", d.Items[i].Path, want, seen.TrainedOn(f), seen.CalibratedBy(f), err)
		}
	}
	all := mustRead(t, d, ReadOptions{})
	prints, err := all.Fingerprints(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range prints {
		if seen.TrainedOn(f) != (role[all.Item(k).Path] == "trained") {
			t.Errorf("%s: another fingerprint than in training", all.Item(k).Path)
		}
	}
	if err := os.Remove(d.Items[0].Path); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Fingerprints(t.Context(), 2); err == nil {
		t.Error("a fingerprint of a file that is gone")
	}
}

// An image in an archive is known by its pixels.
func TestFingerprintInArchive(t *testing.T) {
	d := mustOpen(t, files(t, map[string]string{"data_batch_1.bin": records([]byte{9}, []byte{1})}), Options{Normal: []string{"automobile"}})
	im := mustRead(t, d, ReadOptions{})
	prints, err := im.Fingerprints(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range prints {
		img, err := im.Image(k)
		if err != nil || f != anomem.FingerprintOfImage(img) {
			t.Errorf("image %d: %x, %v", k, f, err)
		}
	}
	if prints[0] == prints[1] {
		t.Error("two images have one fingerprint")
	}
}
