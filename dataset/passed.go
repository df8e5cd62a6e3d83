package dataset

import (
	"fmt"
	"strings"
)

// Passed counts what Open and Files passed over.
type Passed struct {
	Hidden  int // hidden files and folders
	Unknown int // files without an image's extension, and pipes, devices and sockets
	Outside int // images where the layout has none, such as beside the class folders
	Masks   int // masks without an image
}

// String lists what was passed over; "" for nothing.
func (p Passed) String() string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{p.Hidden, "hidden"},
		{p.Unknown, "of other kinds"},
		{p.Outside, "images outside the layout"},
		{p.Masks, "masks without an image"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

// passOver counts what of f itself is no image.
func (p *Passed) passOver(f *folder) {
	p.Hidden += f.hidden
	p.Unknown += len(f.files) + f.other
}
