package main

import (
	"encoding/json"
	"fmt"
	"os"

	"anomem/eval/protocol"
)

func evalMergeCommand() *command {
	return &command{
		name:    "eval merge",
		summary: "put the results of several folders together",
		args:    "DIR... -o DIR [flags]",
		text: `
Merge copies the plans and the results of folders that eval run has written into one, and
says which runs have no result yet. Results that differ for one run, as those of a training
within a budget may, are refused.`,
		examples: `anomem eval merge node1 node2 -o out
anomem eval merge node1 node2 -o out --plan plan.json`,
		run: runEvalMerge,
	}
}

func runEvalMerge(e *env, args []string) error {
	var out, planned string
	var asJSON bool
	g := e.group("Flags")
	option(g, &out, "o", "", "write to `DIR`")
	option(g, &planned, "plan", "", "the runs of the plan in `FILE` alone").byDefault("those of all folders")
	g.json(&asJSON, "one JSON object")
	dirs, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	if out == "" {
		return usagef("say where the results go: -o DIR")
	}
	var plan []protocol.Run
	if planned != "" {
		text, err := os.ReadFile(planned)
		if err != nil {
			return fmt.Errorf("--plan: %w", err)
		}
		if plan, err = protocol.ParsePlan(text); err != nil {
			return fmt.Errorf("--plan: %s: %w", planned, err)
		}
	}
	n, missing, err := protocol.Merge(out, dirs, plan)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(runsEvent{Event: "done", Folder: out, Done: n, Left: len(missing)})
	}
	fmt.Fprintf(e.stdout, "%s in %s", plural(n, "result", "results"), out)
	if len(missing) > 0 {
		fmt.Fprintf(e.stdout, "; %s without a result, the first of them %s", plural(len(missing), "run", "runs"), runText(&missing[0]))
	}
	fmt.Fprintln(e.stdout)
	return nil
}
