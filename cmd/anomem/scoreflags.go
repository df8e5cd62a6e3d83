package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/term"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
)

// scoreFlags are the options of score.
type scoreFlags struct {
	model                     string
	asJSON, quiet, fail, skip bool
	threads                   int
	threshold                 float64

	given map[string]bool // on the command line

	heat, mask, raw, rawFormat, sheet string
	sheetSize                         int
	boxes                             bool

	labels, trivial bool
	data            dataset.Options
}

func (f *scoreFlags) declare(e *env) {
	g := e.group("What is scored")
	g.model(&f.model)
	g.roi(&f.data.ROI).byDefault("the model's")
	g.skipBroken(&f.skip)
	g.threads(&f.threads)

	g = e.group("Verdicts")
	option(g, &f.threshold, "threshold", 0, "call images with a score above `T` anomalous, whatever false-alarm rate that has", finiteNumber).byDefault("the model's")
	option(g, &f.fail, "fail-on-anomaly", false, "exit with 3 if an image is anomalous")

	g = e.group("What is printed")
	g.json(&f.asJSON, "one JSON object an image: path, score, scales, p_value, anomalous")
	option(g, &f.quiet, "quiet", false, "print no line for an image")
	option(g, &f.boxes, "boxes", false, "print where each image is anomalous: rectangle, area and peak of each region")

	g = e.group("What is written")
	option(g, &f.heat, "heatmap", "", "write a picture of where each image deviates to `FOLDER`")
	option(g, &f.mask, "mask", "", "write a black picture of each image, white where it is anomalous, to `FOLDER`")
	option(g, &f.raw, "raw", "", "write the values of each heatmap to `FOLDER`")
	option(g, &f.rawFormat, "raw-format", rawPNG, "`FORMAT` of --raw: png (16-bit grey) or npy (float32)", oneOf(rawPNG, rawNPY))
	option(g, &f.sheet, "sheet", "", "write the most anomalous images with their heatmaps to `FILE`, a PNG or, if it ends in .html, a page")
	option(g, &f.sheetSize, "sheet-size", 24, "show `N` images on the sheet", fromTo(1, 10000))

	g = e.group("With a labelled dataset")
	option(g, &f.labels, "labels", false, "PATH is a labelled dataset: print how well the scores separate its anomalies")
	option(g, &f.trivial, "trivial", false, "also print what image size, mean colour and principal components reach")
	g.labels(&f.data)
}

// check returns an error if options or paths contradict each other.
func (f *scoreFlags) check(paths []string) error {
	switch {
	case f.model == "":
		return usagef("say which model: -m FILE")
	case f.labels && (len(paths) != 1 || paths[0] == stdinPath):
		return usagef("--labels: give one dataset")
	case !f.labels && (len(f.data.Normal) > 0 || f.data.Layout != "" || f.data.Fine || f.trivial):
		return usagef("--normal, --layout, --fine and --trivial are of a labelled dataset: add --labels")
	}
	if n := len(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p != stdinPath })); n > 1 {
		return usagef("%s is given %d times, and standard input is one image", stdinPath, n)
	}
	return f.checkFolders()
}

// checkFolders returns an error if two options would write the same files.
func (f *scoreFlags) checkFolders() error {
	taken := map[string]string{}
	for _, o := range []struct{ name, dir string }{{"--heatmap", f.heat}, {"--mask", f.mask}, {"--raw", f.raw}} {
		if o.dir == "" {
			continue
		}
		dir := filepath.Clean(o.dir)
		if other := taken[dir]; other != "" {
			return usagef("%s and %s would write files of the same names to %s: give each a folder of its own", other, o.name, o.dir)
		}
		taken[dir] = o.name
	}
	return nil
}

// byHand returns the threshold that --threshold sets, nil for none.
func (f *scoreFlags) byHand() *float64 {
	if !f.given["threshold"] {
		return nil
	}
	return &f.threshold
}

// bar returns a progress without bars where lines of images on the same terminal show it.
func (f *scoreFlags) bar(e *env) *progress {
	if out, ok := e.stdout.w.(*os.File); ok && !f.quiet && term.IsTerminal(int(out.Fd())) {
		return &progress{w: e.stderr}
	}
	return newPhases(e)
}

// scorer returns a scorer that prints and writes what the options ask for.
func (f *scoreFlags) scorer(e *env, m *anomem.Model) (*scorer, error) {
	s := &scorer{e: e, bar: f.bar(e), m: m, skip: f.skip, show: f.shower(e.stdout), byHand: f.byHand(), threads: f.threads}
	s.roi = f.data.ROI
	if err := needsROI(m, s.roi); err != nil {
		return nil, err
	}
	s.decoder = &imageio.Decoder{Range: m.Config().Input.Range}
	c := describe.ColoursOf(m)
	if !c.Known {
		if f.boxes || f.mask != "" {
			return nil, fmt.Errorf("%s has no scale of heatmaps, which --boxes and --mask need: anomem calibrate gives it one", f.model)
		}
		if f.heat != "" || f.raw != "" && f.rawFormat == rawPNG || f.sheet != "" {
			e.warn(fmt.Sprintf("%s has no scale of heatmaps, so that each picture has its own: anomem calibrate gives it one", f.model))
		}
	}
	if f.boxes {
		s.boxes = c
	}
	if f.sheet != "" {
		if err := writable(f.sheet); err != nil {
			return nil, err
		}
		s.sheet = &sheet{path: f.sheet, most: f.sheetSize, colours: c}
	}
	for _, o := range []struct {
		dir  string
		make func() (*pictures, error)
	}{
		{f.heat, func() (*pictures, error) { return newHeatmaps(f.heat, c) }},
		{f.mask, func() (*pictures, error) { return newMasks(f.mask, c) }},
		{f.raw, func() (*pictures, error) { return newRawMaps(f.raw, f.rawFormat, c) }},
	} {
		if o.dir == "" {
			continue
		}
		folder, err := o.make()
		if err != nil {
			return nil, err
		}
		s.folders = append(s.folders, folder)
	}
	return s, nil
}

// shower returns how the result of an image is printed.
func (f *scoreFlags) shower(w io.Writer) func(describe.Image) {
	switch {
	case f.quiet:
		return func(describe.Image) {}
	case f.asJSON:
		return func(d describe.Image) { d.WriteJSON(w) } // the writer keeps the error
	}
	return func(d describe.Image) {
		fmt.Fprintln(w, d)
		for _, r := range d.Regions {
			fmt.Fprintf(w, "    %v\n", r)
		}
	}
}
