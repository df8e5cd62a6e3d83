package describe

import "fmt"

// Aligned is the rectangle that images are cut to, as shares of their longer side.
type Aligned struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

func (a Aligned) String() string {
	return fmt.Sprintf("each image is cut as its part lies, to %.2f×%.2f of its longer side", a.Width, a.Height)
}
