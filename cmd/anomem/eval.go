package main

import (
	"encoding/json"
	"fmt"

	"anomem/baseline/registry"
	"anomem/eval/protocol"
)

func evalCommand() *command {
	return &command{
		name:    "eval",
		summary: "measure detectors by protocols, in runs that survive",
		args:    "COMMAND",
		text: `
Eval compares detectors, this one and those of other papers, on data of yours or of the
papers. A plan lists every run: a detector, the data, seeds. A run writes one result, and
the same run gives the same bytes on every machine, unless it trains within a budget of
time. Runs may be stopped and started again, and spread over machines: those that have a
result are passed over.`,
		examples: `anomem eval list
anomem eval run one-vs-all cifar10 --detector pca,anomem --budget 5m -o out
anomem eval report out`,
		sub: []*command{evalListCommand(), evalRunCommand(), evalPlanCommand(), evalMergeCommand(), evalReportCommand()},
	}
}

func evalListCommand() *command {
	return &command{
		name:    "eval list",
		summary: "list protocols and detectors",
		args:    "[flags]",
		text:    "List prints the protocols and the detectors, a line each.",
		examples: `anomem eval list
anomem eval list --json`,
		run: runEvalList,
	}
}

// listed is a line of eval list --json.
type listed struct {
	Kind    string `json:"kind"` // protocol or detector
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

func runEvalList(e *env, args []string) error {
	var asJSON bool
	e.group("Flags").json(&asJSON, "a JSON object a line")
	if done, err := e.parse(args); done {
		return err
	}
	var all []listed
	for _, p := range protocol.Protocols() {
		all = append(all, listed{"protocol", p.Name, p.Summary})
	}
	for _, d := range registry.All() {
		all = append(all, listed{"detector", d.ID, d.Summary})
	}
	out := json.NewEncoder(e.stdout)
	for _, l := range all {
		if asJSON {
			if err := out.Encode(l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%-9s %-20s %s\n", l.Kind, l.Name, l.Summary)
	}
	return nil
}
