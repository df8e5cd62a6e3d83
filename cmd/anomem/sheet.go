package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"anomem/describe"
	"anomem/eval/report"
	"anomem/imageio"
)

// sheet gathers the most anomalous images, small, for one picture or page.
type sheet struct {
	path    string
	most    int // images
	colours *describe.Colours

	top    []sheetImage // from the highest score; of equal ones the first comes first
	scores []float64    // of all images
}

type sheetImage struct {
	report.Example
	facts string // verdict, score and p-value
}

// The sheet's measures, in pixels.
const (
	sheetSide   = 256 // the longest side of an image
	sheetGap    = 8
	sheetAcross = 3 // images beside each other
	sheetLine   = 16
	sheetWidth  = 260 // the least of an image with its heatmap
)

// add takes an image and what the model says of it.
func (s *sheet) add(d describe.Image, img *imageio.Image, heat *imageio.Map) {
	s.scores = append(s.scores, d.Score)
	at := sort.Search(len(s.top), func(i int) bool { return s.top[i].Score < d.Score })
	if at == s.most {
		return
	}
	x := report.Example{Name: d.Path, Image: img.Shrink(sheetSide), Heat: heat, Score: d.Score, PValue: math.NaN(), Flagged: d.Anomalous}
	if d.PValue != nil {
		x.PValue = *d.PValue
	}
	if heat.W >= x.Image.W && heat.H >= x.Image.H {
		x.Heat = heat.Shrink(x.Image.W, x.Image.H)
	}
	s.top = slices.Insert(s.top, at, sheetImage{x, d.Facts()})
	s.top = s.top[:min(len(s.top), s.most)]
}

// write writes the sheet: a page if its name ends in .html, else a PNG file. verdict says
// from where on an image is anomalous, and threshold is that, +Inf for none.
func (s *sheet) write(verdict string, threshold float64) error {
	if ext := strings.ToLower(filepath.Ext(s.path)); ext != ".html" && ext != ".htm" {
		return imageio.WritePNG(s.path, s.draw())
	}
	page := &report.Report{
		Title: "The most anomalous images", Lead: fmt.Sprintf("%d of %s. %s.", len(s.top), plural(len(s.scores), "scored image", "scored images"), verdict),
		Scores: s.scores, Threshold: math.NaN(), Lo: s.colours.Lo, Hi: s.colours.Hi,
	}
	if !math.IsInf(threshold, 0) {
		page.Threshold = threshold
	}
	for _, x := range s.top {
		page.Gallery = append(page.Gallery, x.Example)
	}
	return page.WriteFile(s.path)
}

// draw draws the images with their heatmaps from the highest score, row by row, each below
// its verdict and its path.
func (s *sheet) draw() image.Image {
	w, h := sheetWidth, 0
	strips := make([]*image.NRGBA, len(s.top))
	for i, x := range s.top {
		lo, hi := s.colours.Of(x.Heat)
		strips[i] = report.Strip(x.Image, x.Heat, lo, hi, nil)
		w, h = max(w, strips[i].Rect.Dx()), max(h, strips[i].Rect.Dy()+2*sheetLine)
	}
	across := max(1, min(len(s.top), sheetAcross))
	down := (len(s.top) + across - 1) / across
	out := image.NewNRGBA(image.Rect(0, 0, across*(w+sheetGap)+sheetGap, down*(h+sheetGap)+sheetGap))
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, x := range s.top {
		at := image.Pt(sheetGap+i%across*(w+sheetGap), sheetGap+i/across*(h+sheetGap))
		caption(out, at, w, x.facts)
		caption(out, at.Add(image.Pt(0, sheetLine)), w, x.Name)
		draw.Draw(out, strips[i].Rect.Add(at.Add(image.Pt(0, 2*sheetLine))), strips[i], image.Point{}, draw.Over)
	}
	return out
}

// caption writes a line at most w pixels wide with its top left corner at a point. Of a
// longer line it leaves out the beginning, as the end of a path tells more.
func caption(out draw.Image, at image.Point, w int, text string) {
	face := basicfont.Face7x13
	runes := []rune(text)
	if most := w / face.Advance; len(runes) > most {
		runes = append([]rune("..."), runes[len(runes)-most+3:]...)
	}
	d := font.Drawer{Dst: out, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(at.X, at.Y+face.Ascent)}
	d.DrawString(string(runes))
}
