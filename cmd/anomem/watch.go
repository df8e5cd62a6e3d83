package main

import (
	"context"

	"anomem/simd/pool"
	"anomem/watch"
)

func watchCommand() *command {
	return &command{
		name:    "watch",
		summary: "score images as they arrive in a folder",
		args:    "DIR -m MODEL [flags]",
		text: `
Watch scores the images in DIR and in the folders below it, and then those that arrive,
until Ctrl-C or SIGTERM. It prints a line for each, as score does, or with -o appends it to
a file: rows of CSV if the file ends in .csv, else JSON objects, those of score --json with
the part, size and time of change of the file. Paths are those below DIR.

That file is also how watch knows, when it is started again, what is done: an image of which
path, size and time of change stand there is not scored again. Each image is recorded once,
whenever watch is stopped, killed or cut off from power. Without the file, or with a new
one, all images in DIR are scored.

A file is read when it has not changed for --settle. If it cannot be decoded then, it is tried
again until --give-up has passed since its last change, and then recorded with the error.
Hidden files, links to folders and other kinds of files are passed over; each kind is named
once. Linux tells of changes on this machine. For a network share give --poll: the whole
folder is then looked through at that interval.

--group says by a regular expression what of a path names the part of which the image is a
shot, by its first group. When a part is complete, by --group-size shots or after
--group-time without one, its verdict follows: the highest score of its shots, anomalous if
one of them is, and the lowest p-value times their number. So n shots of normal parts raise
up to n times as many false alarms: calibrate with a rate n times as small.

--move or --link put anomalous images, or all shots of an anomalous part, below a folder.
--exec runs a program and --post calls a URL for each anomaly, with its JSON object on
standard input or as the body. No shell takes part; quotes keep the words of an argument
together, and the variable ANOMEM_WATCH is the path of DIR. What fails is tried again, up to
--tries times. Up to --max-queue anomalies wait, further ones are dropped, which is said, as
are those that wait when watch ends. The file of -o is complete in any case.

A model's file that changes is loaded again.`,
		examples: `anomem watch photos -m model.safetensors
anomem watch photos -m model.safetensors -o scores.csv --move rejected
anomem watch photos -m model.safetensors -o scores.jsonl --group '(part[0-9]+)_cam[0-9]' --group-size 4
anomem watch /mnt/share -m model.safetensors -o scores.jsonl --poll 5s --post http://plc.local/reject
anomem watch photos -m model.safetensors -o scores.jsonl --exec 'mail -s "a defect" line3@example.org'`,
		run: runWatch,
	}
}

func runWatch(e *env, args []string) error {
	var f watchFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	o, err := f.options(e, paths[0])
	if err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	boundGarbage(0)
	p := pool.New(f.threads)
	defer p.Close()
	o.Pool = p
	// When nobody reads the lines any more, nobody waits for further ones.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.OnRecord = f.printer(e, cancel)
	o.Said = func(text string) { e.warn(visible(text)) }
	return watch.Run(ctx, o)
}
