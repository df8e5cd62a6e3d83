package protocol

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"

	"anomem/imageio"
)

// Shown is an image of the test that a page shows: one of those with the highest or the lowest
// scores of its kind.
type Shown struct {
	Name      string  `json:"name"` // its path below the data
	Class     string  `json:"class"`
	Anomalous bool    `json:"anomalous"`
	Score     float64 `json:"score"`
	JPEG      []byte  `json:"jpeg"` // a small copy, as a file

	from place // of the test; not in results
}

// place is an image of the test: its set, and its number there.
type place struct{ set, k int }

// Extremes are the images of the test with the highest and the lowest scores, from the
// outermost; of equal scores the first ones.
type Extremes struct {
	HighNormal  []Shown `json:"high_normal"` // false alarms first
	LowNormal   []Shown `json:"low_normal"`
	HighAnomaly []Shown `json:"high_anomaly"`
	LowAnomaly  []Shown `json:"low_anomaly"` // what is missed first
}

const (
	shownEach    = 6  // of each list
	shownSide    = 64 // pixels of the longer side
	shownQuality = 80 // of JPEG
)

// add takes an image of the test with its score.
func (e *Extremes) add(s Shown, img *imageio.Image) error {
	high, low := &e.HighNormal, &e.LowNormal
	if s.Anomalous {
		high, low = &e.HighAnomaly, &e.LowAnomaly
	}
	for _, list := range []struct {
		of   *[]Shown
		sign float64
	}{{high, -1}, {low, 1}} {
		at := slices.IndexFunc(*list.of, func(o Shown) bool { return list.sign*s.Score < list.sign*o.Score })
		if at < 0 {
			at = len(*list.of)
		}
		if at == shownEach {
			continue
		}
		if s.JPEG == nil {
			var err error
			if s.JPEG, err = small(img); err != nil {
				return err
			}
		}
		*list.of = slices.Insert(*list.of, at, s)
		*list.of = (*list.of)[:min(len(*list.of), shownEach)]
	}
	return nil
}

// small returns a small copy of an image as a JPEG file.
func small(img *imageio.Image) ([]byte, error) {
	return jpegOf(img.Shrink(shownSide).ToImage())
}

// jpegOf returns a picture as a JPEG file.
func jpegOf(img image.Image) ([]byte, error) {
	var file bytes.Buffer
	err := jpeg.Encode(&file, img, &jpeg.Options{Quality: shownQuality})
	return file.Bytes(), err
}
