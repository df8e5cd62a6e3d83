package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A binary of anomem gives a document without a fault, in which each module that it is linked
// from has a licence; the same binary gives the same document.
func TestDocument(t *testing.T) {
	const root = "../../.."
	path := filepath.Join(t.TempDir(), "anomem")
	build := exec.Command("go", "build", "-o", path, "./cmd/anomem")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	b, err := readBinary(path)
	if err != nil {
		t.Fatal(err)
	}
	licences, err := licencesOf(root)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d := newDocument([]binary{b}, licences, at)
	if err := d.check(); err != nil {
		t.Error(err)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"spdxVersion":"SPDX-2.3"`, `"created":"2026-01-02T03:04:05Z"`, `"filesAnalyzed":false`,
		`"name":"std"`, `"name":"golang.org/x/sys"`, `"referenceLocator":"pkg:golang/gonum.org/v1/gonum@v`, `"checksumValue":"` + b.sum,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	again, err := json.Marshal(newDocument([]binary{b}, licences, at))
	if err != nil || string(again) != string(text) {
		t.Errorf("another document: %v", err)
	}
}

// Each rule has a document that breaks it.
func TestCheckFinds(t *testing.T) {
	b := binary{name: "anomem", sum: strings.Repeat("0", 64), main: module{"anomem", "abc"}, modules: []module{{"std", "go1.26"}, {"a/b", "v1"}}}
	licences := map[string]string{"anomem": "Apache-2.0", "std": "BSD-3-Clause", "a/b": "MIT"}
	make := func() *document { return newDocument([]binary{b}, licences, time.Now()) }
	if err := make().check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(d *document){
		"head":            func(d *document) { d.DataLicense = "MIT" },
		"namespace":       func(d *document) { d.Namespace += "#x" },
		"created":         func(d *document) { d.Creation.Created = "today" },
		"identifier":      func(d *document) { d.Packages[1].ID = "SPDXRef-a_b" },
		"that of two":     func(d *document) { d.Packages[1].ID = d.Packages[0].ID },
		"field":           func(d *document) { d.Packages[2].Declared = noAssertion },
		"checksum":        func(d *document) { d.Packages[0].Checksums[0].Value = "00" },
		"no such element": func(d *document) { d.Relationships[1].Related = "SPDXRef-none" },
		"nothing":         func(d *document) { d.Relationships = nil },
	} {
		d := make()
		change(d)
		if err := d.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Licences are told by their words, and an unknown one is an error.
func TestLicence(t *testing.T) {
	bsd := "Redistribution and use in source and binary\nforms, with or without"
	for text, want := range map[string]string{
		"Apache License\n  Version 2.0, January 2004": "Apache-2.0",
		bsd + " ... Neither the name of":              "BSD-3-Clause",
		bsd:                                           "BSD-2-Clause",
		"Permission is hereby granted, free of charge, to any person obtaining\na copy": "MIT",
		"All rights reserved.": "",
	} {
		if got := licence(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if _, err := licenceIn(t.TempDir()); !errors.Is(err, errUnknown) {
		t.Errorf("%v", err)
	}
}
