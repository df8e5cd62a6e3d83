package main

import (
	"cmp"
	"encoding"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"anomem/dataset"
)

// optionGroup is options that --help lists together, in the order in which they are declared.
type optionGroup struct {
	env     *env
	title   string
	options []*declaration
}

// declaration holds what package flag does not: limits, an earlier name, a described default.
type declaration struct {
	name       string
	old        string       // an earlier name that is still accepted; "": none
	limits     []string     // which values are taken, for --help
	defaultsTo string       // for --help, where the default is no fixed value
	check      func() error // of the value on the command line

	flags *flag.FlagSet
}

// group begins a group of options.
func (e *env) group(title string) *optionGroup {
	g := &optionGroup{env: e, title: title}
	e.groups = append(e.groups, g)
	return g
}

// option declares an option: where its value goes, its name, its default, its help (with the
// value's name in back quotes) and which values it takes. T is a type of package flag, or
// reads itself from text.
func option[T any](g *optionGroup, to *T, name string, value T, help string, rules ...rule[T]) *declaration {
	fs := g.env.flags
	*to = value
	switch p := any(to).(type) {
	case *string:
		fs.StringVar(p, name, *p, help)
	case *bool:
		fs.BoolVar(p, name, *p, help)
	case *int:
		fs.IntVar(p, name, *p, help)
	case *uint64:
		fs.Uint64Var(p, name, *p, help)
	case *float64:
		fs.Float64Var(p, name, *p, help)
	case *time.Duration:
		fs.DurationVar(p, name, *p, help)
	case flag.Value:
		fs.Var(p, name, help)
	case encoding.TextUnmarshaler:
		fs.TextVar(p, name, any(value).(encoding.TextMarshaler), help)
	default:
		panic(fmt.Sprintf("option --%s: type %T", name, to))
	}
	d := &declaration{name: name, flags: fs}
	for _, r := range rules {
		if !r.plain {
			d.limits = append(d.limits, r.want)
		}
	}
	d.check = func() error {
		for _, r := range rules {
			if !r.ok(*to) {
				return usagef("--%s: %v is not %s", name, *to, r.want)
			}
		}
		return nil
	}
	g.options = append(g.options, d)
	return d
}

// was accepts an earlier name of the option, too, which --help does not list.
func (d *declaration) was(old string) {
	d.old = old
	f := d.flags.Lookup(d.name)
	d.flags.Var(f.Value, old, f.Usage)
}

// byDefault says, in --help, what holds where the option is not given.
func (d *declaration) byDefault(text string) { d.defaultsTo = text }

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

// rule says which values an option takes.
type rule[T any] struct {
	want  string // as in "is not above 0"
	ok    func(T) bool
	plain bool // goes without saying, in --help
}

// fromBelow takes values from least to below limit.
func fromBelow[T cmp.Ordered](least, limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("from %v to below %v", least, limit), ok: func(v T) bool { return v >= least && v < limit }}
}

// fromTo takes values from least to most.
func fromTo[T cmp.Ordered](least, most T) rule[T] {
	return rule[T]{want: fmt.Sprintf("from %v to %v", least, most), ok: func(v T) bool { return v >= least && v <= most }}
}

// notNegative takes 0 and values above it.
func notNegative[T int | float64]() rule[T] {
	return rule[T]{want: "0 or more", ok: func(v T) bool { return v >= 0 }, plain: true}
}

// above takes values above limit.
func above[T cmp.Ordered](limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("above %v", limit), ok: func(v T) bool { return v > limit }}
}

// between takes values between least and limit, and neither of them.
func between[T cmp.Ordered](least, limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("between %v and %v", least, limit), ok: func(v T) bool { return v > least && v < limit }}
}

// share takes a part of a whole, but not all of it.
var share = fromBelow(0.0, 1)

// oneOf takes the given words.
func oneOf(words ...string) rule[string] {
	shown := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	return rule[string]{want: "one of " + strings.Join(shown, ", "), ok: func(v string) bool { return slices.Contains(words, v) }}
}

// given returns the options on the command line by their names of today.
func (e *env) given() map[string]bool {
	names := map[string]bool{}
	e.flags.Visit(func(f *flag.Flag) { names[f.Name] = true })
	for _, g := range e.groups {
		for _, d := range g.options {
			if d.old != "" && names[d.old] {
				names[d.name] = true
			}
		}
	}
	return names
}

// checkOptions returns what is wrong with a value on the command line.
func (e *env) checkOptions() error {
	given := map[string]bool{}
	e.flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, g := range e.groups {
		for _, d := range g.options {
			isOld := d.old != "" && given[d.old]
			if isOld && given[d.name] {
				return usagef("--%s is the old name of %s: give one", d.old, dashed(d.name))
			}
			if !isOld && !given[d.name] {
				continue
			}
			if err := d.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// dashed returns an option's name as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// The options that several commands have.

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
