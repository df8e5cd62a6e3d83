package describe

import (
	"fmt"

	"anomem/imageio"
)

// Region is a connected place of an image that deviates. Its rectangle and area are in pixels
// of the upright image, from the top left corner.
type Region struct {
	X    int     `json:"x"`
	Y    int     `json:"y"`
	W    int     `json:"w"`
	H    int     `json:"h"`
	Area int     `json:"area"`
	Peak float32 `json:"peak"` // the largest value of its heatmap
}

// Regions describes regions of a heatmap; none gives an empty slice rather than nil.
func Regions(of []imageio.Region) []Region {
	all := make([]Region, len(of))
	for i, r := range of {
		all[i] = Region{r.Bounds.Min.X, r.Bounds.Min.Y, r.Bounds.Dx(), r.Bounds.Dy(), r.Area, r.Peak}
	}
	return all
}

// String returns a line: rectangle, area and peak.
func (r Region) String() string {
	return fmt.Sprintf("region x %d y %d w %d h %d  area %d  peak %.5f", r.X, r.Y, r.W, r.H, r.Area, r.Peak)
}
