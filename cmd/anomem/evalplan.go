package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"anomem/eval/protocol"
)

func evalPlanCommand() *command {
	return &command{
		name:    "eval plan",
		summary: "print the runs of a protocol, without making them",
		args:    "PROTOCOL DATA [OTHER...] [flags]",
		text: `
Plan prints a JSON list with a run a line, for eval run --plan. How many there are it says
on standard error. Lines may be taken out, or put together from several plans.` + protocolText,
		examples: `anomem eval plan one-vs-all cifar10 --detector pca,anomem --budget 5m > plan.json
anomem eval run --plan plan.json --index 0 -o out`,
		run: runEvalPlan,
	}
}

// protocolText describes the arguments of eval plan and eval run.
const protocolText = `

PROTOCOL and DATA are one of:

  one-vs-all DATA       each class of DATA, or each of --normal, as the normal one, and all
                        others as anomalies
  ood DATA OTHER...     the classes --normal of DATA, or all, as normal, and the sets OTHER
                        as anomalies
  ood DATA              the classes --normal of DATA together as normal, and its others as
                        anomalies
  folder DATA           an industrial set in the layout of MVTec AD or VisA: an object, a
                        folder of several, or a table; with masks, heatmaps are measured
  cross-type DATA       with --gamma above 0, each kind of anomalies in turn as one that no
                        known anomaly is of, tested alone; with 0, all kinds together. Scores
                        of a group of the table, such as a video, are averaged
  sweep DATA            one-vs-all with each of the values of --vary
  ablation DATA         one-vs-all with the model itself changed in several ways
  linear DATA           accuracy of a linear classifier of the classes of DATA, which sees the
                        features that the model learned without classes, in several ways

With --gamma, some anomalies of the training split are known to the detector. A share above 0
is drawn --draws times. Data without a test split are tested on three tenths of the normal
images and all anomalies that are not known.`

func runEvalPlan(e *env, args []string) error {
	var f gridFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 2, -1)
	if done {
		return err
	}
	plan, err := f.plan(paths)
	if err != nil {
		return err
	}
	text, err := protocol.MarshalPlan(plan)
	if err != nil {
		return err
	}
	e.warn(fmt.Sprintf("%s: --index 0 to %d", plural(len(plan), "run", "runs"), len(plan)-1))
	_, err = e.stdout.Write(text)
	return err
}

// gridFlags are the options that say which runs there are.
type gridFlags struct {
	grid   protocol.Grid
	gammas shares
	budget time.Duration
	kind   string
}

func (f *gridFlags) declare(e *env) {
	g := e.group("Which runs")
	option(g, (*commas)(&f.grid.Detectors), "detector", commas{"pca", "anomem"}, "the `DETECTOR`, or several with commas between them; eval list names them")
	option(g, (*commas)(&f.grid.Normal), "normal", nil, "the normal `CLASS`, or several with commas between them: one-vs-all takes each in turn").byDefault("all")
	option(g, &f.gammas, "gamma", shares{0}, "share of known anomalies among the images trained on: `SHARE`, or several with commas between them")
	option(g, &f.grid.Known, "gamma-class", "", "the known anomalies are of this `CLASS` alone")
	option(g, &f.grid.Draws, "draws", 1, "draw the known anomalies `N` times", above(0))
	option(g, &f.grid.Seeds, "seeds", 1, "run each detector with `N` seeds", above(0))
	g = e.group("Training")
	option(g, &f.budget, "budget", 0, "`TIME` for the training of a run, on this machine at this time", notBelow(time.Duration(0))).byDefault("the detector's own")
	option(g, &f.kind, "kind", "", "what the images show, for detectors that take settings: `KIND` auto, object, part or texture",
		oneOf("", "auto", "object", "part", "texture")).byDefault("auto")
	option(g, (*several)(&f.grid.Set), "set", nil, "a setting of the detectors that take some: `NAME=VALUE`, such as preset=quick, train.epochs=2 or any that train --set takes; may be repeated")
	option(g, &f.grid.Vary, "vary", "", "sweep: a setting that all detectors take, and its values: `NAME=VALUE,VALUE`, such as memory.beta=1,2,4 or scales.0.ratio=0.1,0.3")
	g = e.group("Images")
	option(g, &f.grid.Data.Layout, "layout", "", "read the data as `LAYOUT` manifest, cifar10, cifar100, idx, svhn, cub, mvtec, visa, ksdd, classes or flat").byDefault("what they look like")
	option(g, (*pairs)(&f.grid.Data.Columns), "columns", nil, "columns of a CSV file that have other names: `NAMES` as path=image,label=status")
	option(g, &f.grid.Data.Object, "object", "", "of a CSV file with several objects: the `NAME` of the one to read").byDefault("each")
	option(g, &f.grid.Data.Fine, "fine", false, "CIFAR-100: use its 100 classes, not the 20 super-classes")
	option(g, &f.grid.Data.Grey, "grey", false, "take the colours from all images")
	option(g, &f.grid.Data.Side, "side", 0, "make all images squares of `PIXELS`", notNegative[int]()).byDefault("as they are")
	option(g, &f.grid.Train, "train", 0, "train on `N` normal images: the first ones, or of several classes evenly spaced ones", notNegative[int]()).byDefault("all")
	option(g, &f.grid.Test, "test", 0, "test on `N` images of each class, evenly spaced", notNegative[int]()).byDefault("all")
}

// protocolNames returns the names of the protocols.
func protocolNames() (all []string) {
	for _, p := range protocol.Protocols() {
		all = append(all, p.Name)
	}
	return all
}

// plan returns the runs of a protocol on data, which paths name.
func (f *gridFlags) plan(paths []string) ([]protocol.Run, error) {
	g := f.grid
	switch g.Protocol = paths[0]; {
	case !slices.Contains(protocolNames(), g.Protocol):
		return nil, usagef("%q is no protocol; there are %s", g.Protocol, strings.Join(protocolNames(), ", "))
	case len(paths) < 2:
		return nil, usagef("an argument is missing: the data")
	case g.Protocol == protocol.Sweep && g.Vary == "":
		return nil, usagef("say which setting varies: --vary NAME=VALUE,VALUE")
	case len(paths) > 2 && g.Protocol != protocol.OOD:
		return nil, usagef("unexpected argument %q: only %s takes other sets", paths[2], protocol.OOD)
	}
	g.Data.Path, g.Gammas, g.Budget = paths[1], f.gammas, protocol.Duration(f.budget)
	for _, path := range paths[2:] {
		g.Out = append(g.Out, protocol.Data{Path: path, Grey: g.Data.Grey, Side: g.Data.Side})
	}
	if f.kind != "" {
		g.Set = append([]string{"kind=" + f.kind}, g.Set...)
	}
	return g.Plan()
}

// shares is the value of an option that is a list of shares with commas.
type shares []float64

func (n *shares) String() string {
	var all []string
	for _, v := range *n {
		all = append(all, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return strings.Join(all, ",")
}

func (n *shares) Set(value string) error {
	*n = nil
	for text := range strings.SplitSeq(value, ",") {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !share.ok(v) {
			return fmt.Errorf("%q is not a share from 0 to below 1", text)
		}
		*n = append(*n, v)
	}
	return nil
}

// several is the value of an option that may be repeated.
type several []string

func (s *several) String() string { return strings.Join(*s, " ") }

func (s *several) Set(value string) error {
	*s = append(*s, value)
	return nil
}
