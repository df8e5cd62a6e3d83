package train

import (
	"context"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/train/augment"
)

// placesRun returns a training of local heads with made blemishes, and places.
func placesRun(t testing.TB) *Run {
	r := smallRun(t, uprights("normal", 24))
	r.Config.Head.Local = true
	r.Config.Places = anomem.PlacesConfig{Size: 16, Stages: []int{1, 2, 3}}
	r.Options.Shift, r.Options.Joint = augment.Blemish, 10
	return r
}

// The score is that of heads and of places beside them. A refit keeps the places and their
// weight, and calibrates by stored cells as by the images.
func TestPlacesBesideHeads(t *testing.T) {
	ctx := context.Background()
	r := placesRun(t)
	m, err := r.Train(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Config()
	if !c.Score.Has(anomem.ScorePlaces) || !c.Score.Has(anomem.ScoreHeads) || len(m.Parts().Places) != 3 {
		t.Fatalf("score %+v, %d places", c.Score, len(m.Parts().Places))
	}
	if notes := strings.Join(m.Provenance().Notes, "\n"); !strings.Contains(notes, "places, by 24 normal images") {
		t.Errorf("notes %q", notes)
	}
	// What is upside down is out of place, whatever the heads know.
	worst := slices.Max(scoresOf(m, uprights("test", 20)))
	for i := range 5 {
		if got := m.Score(upright("odd", i, 16, 16).Rotate90(2)).Score; !(got > worst) {
			t.Errorf("upside down: %v, and normal ones have up to %v", got, worst)
		}
	}
	next, err := Refit(ctx, m, onlyDefects("new", 5), r.Options, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Config().Score; got.Beside != c.Score.Beside || next.Parts().Places[0] != m.Parts().Places[0] {
		t.Errorf("after a refit the score is %+v", got)
	}
	scores := scoresOf(next, r.Held.(*drawing))
	slices.Sort(scores)
	if !slices.Equal(scores, next.Calibration().Scores) {
		t.Errorf("calibrated by %v, and the held-out images score %v", next.Calibration().Scores, scores)
	}
}

func TestPlacesAlone(t *testing.T) {
	r := placesRun(t)
	r.Score = anomem.ScorePlaces
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Config().Score; !s.Has(anomem.ScorePlaces) || s.Has(anomem.ScoreHeads) || m.Parts().Heads != nil {
		t.Errorf("score %+v, heads %v", s, m.Parts().Heads)
	}
	r = placesRun(t)
	r.Config.Places, r.Score = anomem.PlacesConfig{}, anomem.ScorePlaces
	if _, err := r.Train(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "no places") {
		t.Errorf("places without any: %v", err)
	}
}

// Where heads compare an image with its rotated copies, places have no part.
func TestPlacesGiveWayToRotatedCopies(t *testing.T) {
	r := placesRun(t)
	r.Options.Shift = augment.Mixed
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Config().Score; s.Has(anomem.ScorePlaces) || !s.Rotations {
		t.Errorf("score %+v", s)
	}
}
