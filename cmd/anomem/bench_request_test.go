package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"anomem/simd/pool"
)

func TestNetworkOfName(t *testing.T) {
	for name, images := range map[string]int{
		"infer/resnet50-224-b16": 16,
		"train/resnet18-32-b3":   3,
		"train/resnet18-32-b0":   0,
		"train/resnet18-32-b03":  0,
		"train/resnet18-32-b3x":  0,
		"train/resnet34-32-b3":   0,
		"train/resnet18-64-b3":   0,
		"score/resnet18-32-b3":   0,
		"resnet18-32-b3":         0,
		"sgemm/256":              0,
	} {
		if b, ok := networkOfName(name, false); ok != (images > 0) || ok && (b.name != name || b.images != images) {
			t.Errorf("networkOfName(%q) = %q, %d images, %v; want %d images", name, b.name, b.images, ok, images)
		}
	}
}

func TestServeRuns(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	var out bytes.Buffer
	in := strings.NewReader("infer/resnet18-32-b2\nadd/2Ki\n")
	if err := serveRuns(in, &out, p, time.Millisecond, false); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(&out)
	for _, want := range []timedRun{
		{Name: "infer/resnet18-32-b2", Threads: 2, Unit: unitFlops, Images: 2},
		{Name: "add/2Ki", Threads: 1, Unit: unitBytes},
	} {
		var got timedRun
		if err := answers.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Name != want.Name || got.Threads != want.Threads || got.Unit != want.Unit {
			t.Errorf("measured %+v, want %+v", got, want)
		}
		if got.Calls < 1 || got.Seconds <= 0 || got.Value <= 0 || (got.Images > 0) != (want.Images > 0) {
			t.Errorf("measured %+v", got)
		}
	}
	if err := serveRuns(strings.NewReader("no/such\n"), &out, p, time.Millisecond, false); err == nil {
		t.Error("a name that no benchmark has is served")
	}
}

// TestMemoryPeak touches memory, and gives it back before the peak is read.
func TestMemoryPeak(t *testing.T) {
	before := startMemoryPeak()
	if before == 0 {
		t.Skip("the system does not tell the peak of resident memory")
	}
	const size = 64 << 20
	block := make([]byte, size)
	for i := range block {
		block[i] = 1
	}
	if after := memoryPeak(); after < before+size*9/10 {
		t.Errorf("the peak went from %d to %d bytes while %d were touched", before, after, size)
	}
}
