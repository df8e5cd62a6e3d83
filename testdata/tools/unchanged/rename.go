package main

import (
	"regexp"
	"strings"
)

// renamed lists the flags that have had several names, each command's newest first. The
// trials use the newest; a command gets the one that its help names.
var renamed = map[string][][]string{
	"train": {{"--ram", "--memory"}},
}

// spelled returns the arguments in the spelling of a command whose help is given.
func spelled(args []string, help string) []string {
	spelled := append([]string(nil), args...)
	for _, names := range renamed[args[0]] {
		for _, known := range names {
			if !regexp.MustCompile(`(?m)^ +` + known + `\b`).MatchString(help) {
				continue
			}
			for i, a := range args {
				if a == names[0] {
					spelled[i] = known
				}
			}
			break
		}
	}
	return spelled
}

// renamedChecks gives the names of checks, which are those of functions, their newest form.
// What CosineDeviation was checked for is checked of Deviations.
var renamedChecks = strings.NewReplacer(
	"hopfield.Place\n", "hopfield.Normalize\n", "hopfield.Put\n", "hopfield.ScatterRows\n",
	"hopfield.Replace\n", "hopfield.Recall\n", "hopfield.CosineDeviation\n", "hopfield.Deviations\n",
)
