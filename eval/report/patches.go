package report

import "html/template"

// Patches is rows of patches of images, each with what is said of it for normal images and for
// anomalies.
type Patches struct {
	Title string
	Rows  []Patch
}

// Patch is some patches side by side, as one picture.
type Patch struct {
	JPEG              []byte // the file
	Name              string // what it shows, for those who cannot see it
	Normal, Anomalous string // such as a share
}

// Source returns the picture as the page holds it.
func (p Patch) Source() template.URL { return jpegURI(p.JPEG) }
