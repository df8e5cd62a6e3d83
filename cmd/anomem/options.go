package main

import (
	"encoding"
	"flag"
	"fmt"
	"time"
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
		fs.Var((*duration)(p), name, help)
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
