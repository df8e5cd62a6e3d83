package describe

import (
	"fmt"

	"anomem/imageio"
)

// ROI describes a region of interest: the size of the images that have it, the rectangle
// around it, in pixels from the top left corner, and its share of the image, 0 to 1.
type ROI struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	X      int     `json:"x"`
	Y      int     `json:"y"`
	W      int     `json:"w"`
	H      int     `json:"h"`
	Share  float64 `json:"share"`
}

// ROIOf describes a region; nil for nil.
func ROIOf(m *imageio.Mask) *ROI {
	if m == nil {
		return nil
	}
	r := m.Bounds()
	return &ROI{m.W, m.H, r.Min.X, r.Min.Y, r.Dx(), r.Dy(), m.Share()}
}

// String returns a phrase.
func (r *ROI) String() string {
	return fmt.Sprintf("%.1f %% of %d×%d pixels, within %d×%d from (%d, %d)", 100*r.Share, r.Width, r.Height, r.W, r.H, r.X, r.Y)
}
