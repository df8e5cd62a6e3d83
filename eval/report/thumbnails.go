package report

import (
	"encoding/base64"
	"html/template"
)

// Thumbnails is a row of small pictures, above their heatmaps where they have some.
type Thumbnails struct {
	Title    string
	Pictures []Thumbnail
}

// Thumbnail is a small picture with its score.
type Thumbnail struct {
	JPEG      []byte // the file
	Heat      []byte // that of its heatmap; nil: there is none
	Name      string // what it shows, for those who cannot see it
	Label     string // its class
	Anomalous bool
	Score     float64
}

// Source returns the picture as the page holds it.
func (t Thumbnail) Source() template.URL { return jpegURI(t.JPEG) }

// HeatSource returns the heatmap as the page holds it.
func (t Thumbnail) HeatSource() template.URL { return jpegURI(t.Heat) }

// jpegURI returns a JPEG file as the page holds it.
func jpegURI(file []byte) template.URL {
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(file))
}

// Class returns the class of its style.
func (t Thumbnail) Class() string {
	if t.Anomalous {
		return classAnomalies
	}
	return classNormals
}

// Text returns its score as text.
func (t Thumbnail) Text() string { return number(t.Score) }
