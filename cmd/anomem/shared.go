package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"anomem/dataset"
)

// The options that several commands have, so that a word means the same in all.

const maxThreads = 1024

func (g *optionGroup) threads(to *int) {
	option(g, to, "threads", runtime.GOMAXPROCS(0), "run on `N` threads", fromTo(1, maxThreads))
}

func (g *optionGroup) seed(to *uint64) {
	option(g, to, "seed", 1, "`NUMBER` that all random numbers follow from")
}

func (g *optionGroup) json(to *bool, what string) { option(g, to, "json", false, "print "+what) }

func (g *optionGroup) skipBroken(to *bool) {
	option(g, to, "skip-broken", false, "leave out images that cannot be decoded, and name them on standard error")
}

func (g *optionGroup) model(to *string) { option(g, to, "m", "", "the model's `FILE`") }

// roi declares the option that says what counts of images.
func (g *optionGroup) roi(to *string) *declaration {
	return option(g, to, "roi", "", "what counts of the images: a `MASK` for all of them, or a folder with a mask NAME.png for each NAME.png")
}

// labels declares the options that say which images of a dataset are normal, and how it is
// laid out.
func (g *optionGroup) labels(o *dataset.Options) {
	option(g, (*commas)(&o.Normal), "normal", nil, "the normal `CLASS`, or several with commas between them")
	option(g, &o.Layout, "layout", "", "read the dataset as `LAYOUT` manifest, cifar10, cifar100, idx, svhn, cub, mvtec, visa, ksdd, classes or flat").byDefault("what it looks like")
	g.columns(o)
	option(g, &o.Fine, "fine", false, "CIFAR-100: use its 100 classes, not the 20 super-classes")
}

// table declares the options that say which rows of a CSV file are normal, for a command
// that reads folders of one kind beside.
func (g *optionGroup) table(o *dataset.Options) {
	option(g, (*commas)(&o.Normal), "normal", nil, "of a CSV file: the normal `CLASS`, or several with commas between them")
	g.columns(o)
}

func (g *optionGroup) columns(o *dataset.Options) {
	option(g, (*pairs)(&o.Columns), "columns", nil, "columns of a CSV file that have other names: `NAMES` as path=image,label=status")
	option(g, &o.Object, "object", "", "of a CSV file with several objects: the `NAME` of the one to read")
}

// pairs is the value of an option that is a list of NAME=VALUE with commas.
type pairs map[string]string

func (p *pairs) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(*p)) {
		all = append(all, name+"="+(*p)[name])
	}
	return strings.Join(all, ",")
}

func (p *pairs) Set(value string) error {
	*p = pairs{}
	for pair := range strings.SplitSeq(value, ",") {
		name, is, ok := strings.Cut(pair, "=")
		if !ok || name == "" || is == "" {
			return fmt.Errorf("%q is not NAME=VALUE", pair)
		}
		(*p)[name] = is
	}
	return nil
}

// commas is the value of an option that is a list with commas.
type commas []string

func (c *commas) String() string { return strings.Join(*c, ",") }

func (c *commas) Set(value string) error {
	*c = nil
	if value != "" {
		*c = strings.Split(value, ",")
	}
	return nil
}
