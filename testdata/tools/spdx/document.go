package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// document is an SPDX 2.3 document: the fields of https://spdx.github.io/spdx-spec/v2.3/ that
// say what is in a binary.
type document struct {
	Version       string         `json:"spdxVersion"`
	DataLicense   string         `json:"dataLicense"`
	ID            string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	Creation      creation       `json:"creationInfo"`
	Packages      []pkg          `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type pkg struct {
	Name          string     `json:"name"`
	ID            string     `json:"SPDXID"`
	Version       string     `json:"versionInfo"`
	FileName      string     `json:"packageFileName,omitempty"`
	Download      string     `json:"downloadLocation"`
	FilesAnalyzed bool       `json:"filesAnalyzed"`
	Concluded     string     `json:"licenseConcluded"`
	Declared      string     `json:"licenseDeclared"`
	Copyright     string     `json:"copyrightText"`
	Purpose       string     `json:"primaryPackagePurpose"`
	Checksums     []checksum `json:"checksums,omitempty"`
	Refs          []ref      `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type ref struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const (
	documentID  = "SPDXRef-DOCUMENT"
	noAssertion = "NOASSERTION"
)

// newDocument describes binaries. Each depends on the modules that it is linked from.
func newDocument(all []binary, licences map[string]string, created time.Time) *document {
	d := &document{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: documentID, Name: "anomem",
		Creation: creation{created.UTC().Format("2006-01-02T15:04:05Z"), []string{"Tool: anomem-spdx"}},
	}
	names := sha256.New()
	have := map[module]bool{}
	for _, b := range all {
		fmt.Fprintf(names, "%s %s\n", b.sum, b.name)
		id := idOf(b.name, b.main.version)
		licence := licenceOf(licences, b.main.path)
		d.Packages = append(d.Packages, pkg{
			Name: b.main.path, ID: id, Version: b.main.version, FileName: b.name, Download: noAssertion, Concluded: licence, Declared: licence,
			Copyright: noAssertion, Purpose: "APPLICATION", Checksums: []checksum{{"SHA256", b.sum}},
		})
		d.relate(documentID, "DESCRIBES", id)
		for _, m := range b.modules {
			if !have[m] {
				have[m] = true
				d.Packages = append(d.Packages, library(m, licenceOf(licences, m.path)))
			}
			d.relate(id, "DEPENDS_ON", idOf(m.path, m.version))
		}
	}
	d.Namespace = "https://spdx.org/spdxdocs/anomem-" + hex.EncodeToString(names.Sum(nil))
	return d
}

func (d *document) relate(a, kind, b string) {
	d.Relationships = append(d.Relationships, relationship{a, kind, b})
}

func licenceOf(licences map[string]string, path string) string {
	if id := licences[path]; id != "" {
		return id
	}
	return noAssertion
}

// library describes a module, or the standard library.
func library(m module, licence string) pkg {
	p := pkg{
		Name: m.path, ID: idOf(m.path, m.version), Version: m.version, Concluded: licence, Declared: licence, Copyright: noAssertion, Purpose: "LIBRARY",
		Download: "https://proxy.golang.org/" + m.path + "/@v/" + m.version + ".zip",
		Refs:     []ref{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.path + "@" + m.version}},
	}
	if m.path == "std" {
		p.Download = "https://go.dev/dl/" + m.version + ".src.tar.gz"
		p.Refs[0].Locator = "pkg:golang/std@" + strings.TrimPrefix(m.version, "go")
	}
	return p
}

var notOfIDs = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// idOf returns an identifier for a package.
func idOf(name, version string) string {
	return "SPDXRef-" + notOfIDs.ReplaceAllString(name+"-"+version, "-")
}

var (
	validID  = regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	validSum = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// check returns what of a document breaks a rule of SPDX 2.3, or is not known and should be.
func (d *document) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if d.Version != "SPDX-2.3" || d.DataLicense != "CC0-1.0" || d.ID != documentID || d.Name == "" || len(d.Creation.Creators) == 0 {
		wrong("the head of the document: %q %q %q %q %q", d.Version, d.DataLicense, d.ID, d.Name, d.Creation.Creators)
	}
	if u, err := url.Parse(d.Namespace); err != nil || !u.IsAbs() || u.Fragment != "" {
		wrong("namespace %q", d.Namespace)
	}
	if _, err := time.Parse("2006-01-02T15:04:05Z", d.Creation.Created); err != nil {
		wrong("created: %v", err)
	}
	ids := []string{documentID}
	for _, p := range d.Packages {
		if !validID.MatchString(p.ID) || slices.Contains(ids, p.ID) {
			wrong("package %s: identifier %q, or that of two", p.Name, p.ID)
		}
		ids = append(ids, p.ID)
		if p.Name == "" || p.Version == "" || p.Download == "" || p.Copyright == "" || p.Declared == noAssertion || p.Declared == "" || p.Concluded != p.Declared {
			wrong("package %s: a field is missing: %+v", p.Name, p)
		}
		for _, c := range p.Checksums {
			if c.Algorithm != "SHA256" || !validSum.MatchString(c.Value) {
				wrong("package %s: checksum %v", p.Name, c)
			}
		}
	}
	described := 0
	for _, r := range d.Relationships {
		if !slices.Contains(ids, r.Element) || !slices.Contains(ids, r.Related) {
			wrong("%s %s %s: there is no such element", r.Element, r.Type, r.Related)
		}
		if r.Element == documentID && r.Type == "DESCRIBES" {
			described++
		}
	}
	if described == 0 {
		wrong("the document describes nothing")
	}
	return errors.Join(errs...)
}
