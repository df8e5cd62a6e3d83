package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"testing"
)

// The digest is what its comment says, changes with every byte, name and label, and
// not with the place or with what is normal.
func TestDigest(t *testing.T) {
	content := images("train/good/a.png", "test/good/b.png", "test/cut/c.png", "ground_truth/cut/c_mask.png")
	sum := func(content map[string]string, o Options) string {
		s, err := mustOpen(t, files(t, content), o).Digest(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	file := func(name string) string {
		h := sha256.Sum256([]byte(picture(t, 2, 3, name)))
		return hex.EncodeToString(h[:])
	}
	first := sum(content, Options{})
	h := sha256.New()
	fmt.Fprintf(h, "\"test/cut/c.png\" 0 \"cut\" \"test\" \"\" %s %s\n", file("test/cut/c.png"), file("ground_truth/cut/c_mask.png"))
	fmt.Fprintf(h, "\"test/good/b.png\" 0 \"good\" \"test\" \"\" %s -\n", file("test/good/b.png"))
	fmt.Fprintf(h, "\"train/good/a.png\" 0 \"good\" \"train\" \"\" %s -\n", file("train/good/a.png"))
	if want := hex.EncodeToString(h.Sum(nil)); first != want {
		t.Errorf("digest %s, want %s", first, want)
	}
	if again := sum(content, Options{Normal: []string{"cut"}}); again != first {
		t.Error("another digest in another place, or with another class normal")
	}
	for name := range content {
		changed := maps.Clone(content)
		changed[name] = "other bytes"
		if sum(changed, Options{}) == first {
			t.Errorf("the same digest though %s changed", name)
		}
		if name == "ground_truth/cut/c_mask.png" {
			delete(changed, name)
		} else {
			delete(changed, name)
			changed[name[:len(name)-5]+"z.png"] = content[name]
		}
		if len(changed) > 0 && name != "train/good/a.png" && sum(changed, Options{}) == first {
			t.Errorf("the same digest though %s was renamed", name)
		}
	}

	// An archive counts whole, each record by its index.
	archive := map[string]string{"test_batch.bin": records([]byte{1}, []byte{2})}
	o := Options{Normal: []string{"bird"}}
	before := sum(archive, o)
	archive["test_batch.bin"] = records([]byte{1}, []byte{2}, []byte{2})
	if sum(archive, o) == before {
		t.Error("the same digest with a record more")
	}
}

// The digest of some items is that of a dataset which holds no others.
func TestDigestOf(t *testing.T) {
	some, err := mustOpen(t, files(t, images("a.png", "c.png")), Options{}).Digest(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mustOpen(t, files(t, images("a.png", "b.png", "c.png")), Options{}).DigestOf(t.Context(), []int{0, 2}, 1)
	if err != nil || got != some {
		t.Errorf("digest %s, %v, want %s", got, err, some)
	}
}
