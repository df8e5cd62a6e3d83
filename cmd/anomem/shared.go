package main

import (
	"runtime"
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

// labels declares the options that say which images of a dataset are normal, and how it is
// laid out.
func (g *optionGroup) labels(o *dataset.Options) {
	option(g, (*commas)(&o.Normal), "normal", nil, "the normal `CLASS`, or several with commas between them")
	option(g, &o.Layout, "layout", "", "read the dataset as `LAYOUT` manifest, cifar10, cifar100, idx, mvtec, classes or flat").byDefault("what it looks like")
	option(g, &o.Fine, "fine", false, "CIFAR-100: use its 100 classes, not the 20 super-classes")
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
