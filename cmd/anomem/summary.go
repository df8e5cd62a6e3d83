package main

import (
	"fmt"
	"runtime/debug"

	"anomem"
)

// summary is what a model says of an image, in a line.
func summary(m *anomem.Model) string {
	s := fmt.Sprintf("score %s", m.Config().Score.Kind)
	if t, alpha := m.Threshold(); alpha > 0 {
		return s + fmt.Sprintf(", anomalous above %.4g (false alarms %g, by %d held-out images)", t, alpha, len(m.Calibration().Scores))
	}
	return s + ", no threshold"
}

// buildVersion is the version of the program as the build recorded it.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
