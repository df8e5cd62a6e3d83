package main

import (
	"strings"
	"testing"

	"anomem/internal/setting"
	"anomem/train"
	"anomem/train/augment"
)

// TestSettingsAgain wants each line of inspect --config taken by --set.
func TestSettingsAgain(t *testing.T) {
	c, o := train.Settings(train.Paper, augment.Texture, 1024, 1024)
	want := settings{&c, &o}
	var sets assignments
	for _, e := range setting.List(&want) {
		if err := sets.Set(e.String()); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
	if len(sets.names) < 60 || !sets.covers("train.epochs") || sets.covers("train.epoch") {
		t.Errorf("set %v", sets.names)
	}
	c2, o2 := train.Settings(train.Quick, augment.Object, 32, 32)
	got := settings{&c2, &o2}
	if err := got.apply(sets.texts); err != nil {
		t.Fatal(err)
	}
	if d := setting.Diff(&got, &want); d != nil {
		t.Errorf("set again, %v differ", d)
	}
	if lines := sets.notKept(&got, &want); lines != nil {
		t.Errorf("not kept: %v", lines)
	}
	c.Memory.Beta++
	if lines := sets.notKept(&got, &want); len(lines) != 1 || !strings.HasPrefix(lines[0], "memory.beta=2 was set") {
		t.Errorf("not kept: %v", lines)
	}
	if v, ok := sets.value("train.seed"); !ok || v != "0" {
		t.Errorf("train.seed %q, %v", v, ok)
	}
}
