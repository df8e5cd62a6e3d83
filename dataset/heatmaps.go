package dataset

import (
	"os"
	"path/filepath"
)

// OutputMarker is the name of an empty file that marks a folder of results, such as heatmaps
// and masks. Whoever makes such a folder creates it there, so that results are never read as
// images: the folder is passed over and counted, and refused if it is named itself.
const OutputMarker = ".anomem-output"

// isHeatmaps reports whether a folder has the marker.
func isHeatmaps(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, OutputMarker))
	return err == nil
}
