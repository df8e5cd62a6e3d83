package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"anomem/eval/protocol"
	"anomem/eval/report"
)

func evalReportCommand() *command {
	return &command{
		name:    "eval report",
		summary: "print tables of results",
		args:    "DIR [flags]",
		text: `
Report prints the results of eval run: for each protocol and data a table of AUROCs, with
mean, spread and the worst task, one of other metrics, one by scale for detectors that have
several, and for sets of one task one by kind of anomalies. Where the protocol is that of
the paper's table 1, its figures stand beside, marked as quoted. Runs without a result are
counted on standard error.

With --format html it prints a page, one file that needs nothing else: the tables, curves,
AUROC against γ where several were run, and for each detector the scores by class, the
images with the highest and the lowest scores with their heatmaps, its scores by scale, and
what the patterns of its memory stand for and how often they are used. Results may have lost
their scores (jq 'del(.scores)'): tables stay, and curves are left out.`,
		examples: `anomem eval report out
anomem eval report out --against pca
anomem eval report out --format markdown > table.md
anomem eval report out --format html > report.html`,
		run: runEvalReport,
	}
}

// tableFormats write a table in the formats of eval report.
var tableFormats = map[string]func(t *report.Table, w io.Writer) error{
	"text":     (*report.Table).WriteText,
	"markdown": (*report.Table).WriteMarkdown,
	"csv":      (*report.Table).WriteCSV,
	"latex":    (*report.Table).WriteLaTeX,
}

func runEvalReport(e *env, args []string) error {
	var format, against string
	var asJSON bool
	g := e.group("Flags")
	option(g, &format, "format", "text", "write tables as `FORMAT`, or a page", oneOf("text", "markdown", "csv", "latex", "html"))
	option(g, &against, "against", "", "add by how much the error 1-AUROC is less than that of `DETECTOR`")
	g.json(&asJSON, "a JSON object for each row, in place of tables")
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	results, missing, err := protocol.ReadResults(paths[0])
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		e.warn(missingText(paths[0], missing))
	}
	if len(results) == 0 {
		return fmt.Errorf("%s has no result yet", paths[0])
	}
	if format == "html" && !asJSON {
		page, err := protocol.Page(results, func(r *protocol.Result) (*protocol.Details, error) { return protocol.ReadDetails(paths[0], r) }, against)
		if err != nil {
			return err
		}
		return page.WriteHTML(e.stdout)
	}
	all := protocol.Summarise(results)
	if asJSON {
		out := json.NewEncoder(e.stdout)
		for _, s := range all {
			if err := out.Encode(s); err != nil {
				return err
			}
		}
		return nil
	}
	tables, err := protocol.Tables(all, against)
	if err != nil {
		return err
	}
	for i := range tables {
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		if err := tableFormats[format](&tables[i], e.stdout); err != nil {
			return err
		}
	}
	return nil
}

// missingText says how many runs have no result, and why the first of them that failed did.
func missingText(dir string, missing []protocol.Run) string {
	text := plural(len(missing), "run has", "runs have") + " no result"
	for i := range missing {
		if why := protocol.LogError(dir, &missing[i]); why != "" {
			return text + fmt.Sprintf("; %s failed: %s", runText(&missing[i]), why)
		}
	}
	return text
}

// firstLine returns a text up to the end of its first line.
func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
