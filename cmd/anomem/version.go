package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"anomem/simd"
)

func versionCommand() *command {
	return &command{
		name:    "version",
		summary: "print what this binary is and what it runs on",
		args:    "[flags]",
		text:    "Version prints the module's version and commit as far as the build recorded\nthem, the Go release, the platform and the SIMD level in use.",
		examples: `anomem version
anomem version --json`,
		run: runVersion,
	}
}

// version is what version --json prints.
type version struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	SIMD    string `json:"simd"`
}

func runVersion(e *env, args []string) error {
	var asJSON bool
	e.group("Flags").json(&asJSON, "one JSON object")
	if done, err := e.parse(args); done {
		return err
	}
	e.headline(e.headlineWriter(asJSON), runtime.GOMAXPROCS(0))
	v := version{
		Version: buildVersion(),
		Go:      runtime.Version(),
		OS:      runtime.GOOS,
		Arch:    runtime.GOARCH,
		SIMD:    simd.Level(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Commit = commit(info.Settings)
	}
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(v)
	}
	fmt.Fprintf(e.stdout, "version  %s\n", v.Version)
	if v.Commit != "" {
		fmt.Fprintf(e.stdout, "commit   %s\n", v.Commit)
	}
	fmt.Fprintf(e.stdout, "go       %s\nplatform %s/%s\nsimd     %s\n", v.Go, v.OS, v.Arch, v.SIMD)
	return nil
}

// commit returns the revision that the build recorded, with "+" if the tree had
// changes on top of it, or "" if it recorded none.
func commit(settings []debug.BuildSetting) string {
	var revision, plus string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			plus = "+"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + plus
}

// buildVersion returns the version of the program as the build recorded it.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
