package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// crossed lets this side go on from what the base wrote: a model must give the same
// scores, a checkpoint the same model.
func crossed(ran []trial, base, here *side, r *report) error {
	for _, t := range ran {
		model := filepath.Join(base.dir, t.name, "m.safetensors")
		if _, err := os.Stat(model); err != nil {
			continue
		}
		if t.name == "resume" {
			if err := resumed(t, base, here, r); err != nil {
				return err
			}
			continue
		}
		for _, command := range t.commands {
			if !strings.HasPrefix(command, "score ") || !strings.Contains(command, "-m m.safetensors") {
				continue
			}
			was, err := base.run(t.name, command)
			if err != nil {
				return err
			}
			other := strings.Replace(command, "-m m.safetensors", "-m ../../base/"+t.name+"/m.safetensors", 1)
			is, err := here.run(t.name, other)
			if err != nil {
				return err
			}
			difference := textDiffers(was.stdout, is.stdout)
			if was.code != is.code {
				difference = fmt.Sprintf("exit code %d, was %d: %s", is.code, was.code, is.stderr)
			}
			r.line(t.name, "a model of the base, scored here", difference)
			break
		}
	}
	return nil
}

// resumed interrupts a training of the base, and goes on here.
func resumed(t trial, base, here *side, r *report) error {
	const folder = "crossed"
	interrupted, goOn := t.commands[1], t.commands[2]
	if _, err := base.run(folder, interrupted); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(base.dir, folder), filepath.Join(here.dir, folder)); err != nil {
		return err
	}
	is, err := here.run(folder, goOn)
	if err != nil {
		return err
	}
	difference := fmt.Sprintf("exit code %d: %s", is.code, is.stderr)
	if is.code == 0 {
		was, err := os.ReadFile(filepath.Join(base.dir, t.name, "whole.safetensors"))
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(here.dir, folder, "m.safetensors"))
		if err != nil {
			return err
		}
		difference = bytesDiffer(was, b)
	}
	r.line(t.name, "a checkpoint of the base, gone on from here", difference)
	return nil
}
