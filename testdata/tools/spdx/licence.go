package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// licencesOf returns the licence of each module that the module in a folder needs, by its
// path, and that of the standard library under "std".
func licencesOf(folder string) (map[string]string, error) {
	cmd := exec.Command("go", "list", "-m", "-json", "all")
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	all := map[string]string{}
	for in := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct{ Path, Dir string }
		if err := in.Decode(&m); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if m.Dir == "" {
			continue // it is not downloaded, and so in no binary
		}
		if all[m.Path], err = licenceIn(m.Dir); err != nil {
			return nil, err
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	all["std"], err = licenceIn(strings.TrimSpace(string(root)))
	return all, err
}

// licenceIn returns the SPDX name of the licence in a folder.
func licenceIn(dir string) (string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "LICEN[SC]E*"))
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if id := licence(string(text)); id != "" {
			return id, nil
		}
	}
	return "", fmt.Errorf("%s: %w", dir, errUnknown)
}

var errUnknown = errors.New("no licence that is known here")

// licence returns the SPDX name of a licence's text, "" for an unknown one. It knows those that
// modules of anomem have.
func licence(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	has := func(words string) bool { return strings.Contains(text, words) }
	switch {
	case has("apache license version 2.0"):
		return "Apache-2.0"
	case has("redistribution and use in source and binary forms") && has("neither the name"):
		return "BSD-3-Clause"
	case has("redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	}
	return ""
}
