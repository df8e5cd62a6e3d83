package main

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"anomem/watch"
)

// watchFlags are the options of watch.
type watchFlags struct {
	o         watch.Options
	threads   int
	threshold float64
	group     pattern
	exec      argv
	asJSON    bool
}

func (f *watchFlags) declare(e *env) {
	positive := above(time.Duration(0))
	g := e.group("What is scored")
	g.model(&f.o.Model)
	option(g, &f.threshold, "threshold", 0, "call images with a score above `T` anomalous, whatever false-alarm rate that has", finiteNumber).byDefault("the model's")
	option(g, &f.o.Settle, "settle", 500*time.Millisecond, "read a file when it has not changed for `TIME`", notNegativeTime)
	option(g, &f.o.GiveUp, "give-up", 30*time.Second, "record a file that cannot be decoded as an error `TIME` after its last change", notNegativeTime)
	option(g, &f.o.Poll, "poll", 0, "look through DIR each `TIME`, as for a network share", positive).byDefault("the system tells of changes, or 2s")
	g.threads(&f.threads)

	g = e.group("Parts")
	option(g, &f.group, "group", pattern{}, "images of one part have in their paths the same text for the first group of `REGEXP`")
	option(g, &f.o.GroupSize, "group-size", 0, "a part is complete with `N` shots", fromTo(1, 1<<16)).byDefault("any number")
	option(g, &f.o.GroupTime, "group-time", 10*time.Second, "a part is complete after `TIME` without a further shot", positive)

	g = e.group("What is written")
	option(g, &f.o.Output, "o", "", "append records to `FILE` in place of printing them, and go on from those there")
	g.json(&f.asJSON, "JSON objects, as --json of score does")
	option(g, &f.o.Move, "move", "", "move anomalous images to `FOLDER`")
	option(g, &f.o.Link, "link", "", "link anomalous images in `FOLDER`")

	g = e.group("What happens on an anomaly")
	option(g, &f.exec, "exec", nil, "run `COMMAND` with the record on standard input")
	option(g, &f.o.Post, "post", "", "post the record to `URL`")
	option(g, &f.o.Tries, "tries", 6, "try each up to `N` times, at intervals of 1, 2, 4 ... seconds", fromTo(1, 1000))
	option(g, &f.o.TryTime, "try-time", 30*time.Second, "let a try take `TIME`", positive)
	option(g, &f.o.Queue, "max-queue", 100, "let up to `N` anomalies wait for --exec and --post", fromTo(1, 1<<20))
}

// options returns what the options ask for, or an error if they contradict each other.
func (f *watchFlags) options(e *env, dir string) (watch.Options, error) {
	given := e.given()
	f.o.Dir, f.o.Group, f.o.Exec = dir, f.group.is, f.exec
	if given["threshold"] {
		f.o.Threshold = &f.threshold
	}
	switch u, err := url.Parse(f.o.Post); {
	case f.o.Model == "":
		return f.o, usagef("say which model: -m FILE")
	case f.o.Group == nil && (given["group-size"] || given["group-time"]):
		return f.o, usagef("--group-size and --group-time are of parts: say by --group which images are of one")
	case f.o.Move != "" && f.o.Link != "":
		return f.o, usagef("give --move or --link, not both")
	case f.asJSON && f.o.Output != "":
		return f.o, usagef("--json is of what is printed; -o %s writes JSON lines unless its name ends in .csv", f.o.Output)
	case f.o.Post != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == ""):
		return f.o, usagef("--post %s: want a URL such as http://localhost:9000/reject", f.o.Post)
	}
	return f.o, nil
}

// printer returns what prints records, unless they go to a file. It calls end when they can no
// longer be printed.
func (f *watchFlags) printer(e *env, end func()) func(*watch.Record, []byte) {
	if f.o.Output != "" {
		return nil
	}
	return func(r *watch.Record, json []byte) {
		if f.asJSON {
			e.stdout.Write(json)
		} else {
			fmt.Fprintln(e.stdout, visible(r.String()))
		}
		if e.stdout.err != nil {
			end()
		}
	}
}

// pattern is the value of an option that is a regular expression with a group.
type pattern struct{ is *regexp.Regexp }

func (p *pattern) String() string {
	if p.is == nil {
		return ""
	}
	return p.is.String()
}

func (p *pattern) Set(text string) error {
	r, err := regexp.Compile(text)
	if err != nil {
		return err
	}
	if r.NumSubexp() == 0 {
		return errors.New("it has no group, such as (part[0-9]+), to name a part")
	}
	p.is = r
	return nil
}

// argv is the value of an option that is a program with its arguments. Words end at spaces,
// but not within single or double quotes.
type argv []string

func (a *argv) String() string { return strings.Join(*a, " ") }

func (a *argv) Set(text string) error {
	*a = nil
	var word strings.Builder
	var quote rune
	in := false // a word, which may be empty
	for _, r := range text {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, in = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if in {
				*a = append(*a, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		*a = append(*a, word.String())
	}
	switch {
	case quote != 0:
		return fmt.Errorf("%c is not closed", quote)
	case len(*a) == 0 || (*a)[0] == "":
		return errors.New("it names no program")
	}
	return nil
}
