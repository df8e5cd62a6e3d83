package dataset

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// maskSuffix is the suffix of MVTec's masks, which messages recommend.
const maskSuffix = "_mask"

// maskName matches the stem of a mask's file: its image's name, a word for a mask, and a
// number where an image has several.
var maskName = regexp.MustCompile(`(?i)^(.*[^-_. ])([-_. ]+(?:masks?|gt|ground[-_ ]?truth|labels?|seg|segmentation))(?:[-_. ]?([0-9]+))?$`)

// cutMaskSuffix cuts a mask's suffix, which it returns in lower case, from the end of a
// stem. It reports whether there is one, and whether a number follows it.
func cutMaskSuffix(stem string) (of, suffix string, numbered, ok bool) {
	m := maskName.FindStringSubmatch(stem)
	if m == nil {
		return stem, "", false, false
	}
	return m[1], strings.ToLower(m[2]), m[3] != "", true
}

// maskFolders name folders of masks, in lower case.
var maskFolders = []string{
	"mask", "masks", "ground_truth", "groundtruth", "ground-truth", "ground truth", "gt", "label", "labels",
	"seg", "segmentation", "segmentations",
}

// place is where a file lies: in a folder of masks within a parent folder.
type place struct {
	folder string // of masks
	parent string // of that folder; "" is the root
	image  string // the folder of the images; "" for any below parent
	rest   string // the file's path below folder
}

// maskPlaces returns the folders of masks that a file lies in, the outermost first.
// Folders called by a name in normal are classes.
func maskPlaces(name string, normal []string) []place {
	parts := strings.Split(name, "/")
	var places []place
	for i, part := range parts[:len(parts)-1] {
		p := place{
			folder: strings.Join(parts[:i+1], "/"), parent: strings.Join(parts[:i], "/"), rest: strings.Join(parts[i+1:], "/"),
		}
		if slices.Contains(normal, part) {
			continue
		}
		if slices.Contains(maskFolders, strings.ToLower(part)) {
			places = append(places, p)
		} else if of, _, _, ok := cutMaskSuffix(part); ok {
			p.image = path.Join(p.parent, of)
			places = append(places, p)
		}
	}
	return places
}
