package protocol

import (
	"testing"

	"anomem/baseline/knn"
)

// Settings reach detectors with parameters, and those that set themselves.
func TestConfigured(t *testing.T) {
	d, err := configured(&Run{Detector: "knn", Set: []string{"neighbours=7"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := d.(*knn.Detector).Config; c.Neighbours != 7 {
		t.Errorf("%+v", c)
	}
	if _, err := configured(&Run{Detector: "anomem", Set: []string{"train.epochs=2"}}, nil); err != nil {
		t.Error(err)
	}
	for _, r := range []Run{{Detector: "knn", Set: []string{"train.epochs=2"}}, {Detector: "anomem", Set: []string{"neighbours=7"}}, {Detector: "pca", Set: []string{"neighbours=7"}}} {
		if _, err := configured(&r, nil); err == nil {
			t.Errorf("%s takes %v", r.Detector, r.Set)
		}
	}
}
