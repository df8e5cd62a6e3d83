package dataset

import (
	"path"
	"strings"
)

// Count is a number of files of one kind, and the first of them.
type Count struct {
	N       int    `json:"count"`
	Example string `json:"example,omitempty"` // its path below the folder that was read
}

func (c *Count) add(name string) {
	if c.N == 0 {
		c.Example = name
	}
	c.N++
}

// Passed counts what Open and Files passed over.
type Passed struct {
	Hidden     Count `json:"hidden"`     // hidden files and folders
	Unreadable Count `json:"unreadable"` // images of kinds that cannot be read, by their names
	Unknown    Count `json:"unknown"`    // files without an image's extension, and pipes, devices and sockets
	Outside    Count `json:"outside"`    // images where the layout has none, such as beside the class folders
	Masks      Count `json:"masks"`      // masks without an image
	Beside     Count `json:"beside"`     // by Files: masks of the images that it lists
	Heatmaps   Count `json:"heatmaps"`   // folders of heatmaps that anomem wrote
}

// String lists what was passed over, with an example of each kind; "" for nothing.
func (p Passed) String() string {
	var parts []string
	for _, c := range []struct {
		Count
		one, many string
	}{
		{p.Hidden, "1 hidden", "%d hidden"},
		{p.Unreadable, "1 image of a kind that cannot be read", "%d images of kinds that cannot be read"},
		{p.Unknown, "1 of another kind", "%d of other kinds"},
		{p.Outside, "1 image outside the layout", "%d images outside the layout"},
		{p.Masks, "1 mask without an image", "%d masks without an image"},
		{p.Beside, "1 mask of an image", "%d masks of images"},
		{p.Heatmaps, "1 folder of heatmaps", "%d folders of heatmaps"},
	} {
		if c.N == 0 {
			continue
		}
		part := counted(c.N, c.one, c.many)
		if c.Example != "" {
			part += " (" + c.Example + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// passOver counts what of f, which is rel below the folder that is read, is no image.
func (p *Passed) passOver(f *folder, rel string) {
	for _, name := range f.hidden {
		p.Hidden.add(path.Join(rel, name))
	}
	for _, name := range f.files {
		if looksLikeImage(name) {
			p.Unreadable.add(path.Join(rel, name))
		} else {
			p.Unknown.add(path.Join(rel, name))
		}
	}
	for _, name := range f.other {
		p.Unknown.add(path.Join(rel, name))
	}
	for _, name := range f.heatmaps {
		p.Heatmaps.add(path.Join(rel, name))
	}
}
