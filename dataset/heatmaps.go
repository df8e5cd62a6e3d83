package dataset

import (
	"os"
	"path/filepath"
)

// HeatmapMarker is the name of an empty file that marks a folder of heatmaps. Whoever
// writes heatmaps into a folder creates it there, so that they are never read as images:
// such a folder is passed over and counted, and refused if it is named itself.
const HeatmapMarker = ".anomem-heatmaps"

// isHeatmaps reports whether a folder has the marker.
func isHeatmaps(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, HeatmapMarker))
	return err == nil
}
