package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteText writes the caption and the table in columns, the first to the left, the others to
// the right, for a fixed-width font.
func (t *Table) WriteText(w io.Writer) error {
	widths := make([]int, len(t.Columns))
	all := append([][]string{t.Columns}, t.Rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintln(&b, t.Caption)
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				line.WriteString(cell + pad)
			} else {
				line.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(&b, strings.TrimRight(line.String(), " "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the caption as a paragraph and the table below it.
func (t *Table) WriteMarkdown(w io.Writer) error {
	escape := strings.NewReplacer("|", `\|`, "\n", " ")
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", t.Caption)
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprintf(&b, "| %s ", escape.Replace(cell))
		}
		fmt.Fprintln(&b, "|")
	}
	line(t.Columns)
	for i := range t.Columns {
		b.WriteString(map[bool]string{true: "|---", false: "|---:"}[i == 0])
	}
	fmt.Fprintln(&b, "|")
	for _, row := range t.Rows {
		line(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteCSV writes the head and the rows, without the caption.
func (t *Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(t.Columns); err != nil {
		return err
	}
	return out.WriteAll(t.Rows)
}

// latex escapes what LaTeX reads as commands, and writes γ as mathematics.
var latex = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "γ", `$\gamma$`, "±", `$\pm$`, "\n", " ",
)

// WriteLaTeX writes a table environment, which needs no package.
func (t *Table) WriteLaTeX(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\\begin{table}\n\\caption{%s}\n\\begin{tabular}{l%s}\n\\hline\n", latex.Replace(t.Caption), strings.Repeat("r", max(0, len(t.Columns)-1)))
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(" & ")
			}
			b.WriteString(latex.Replace(cell))
		}
		b.WriteString(" \\\\\n")
	}
	line(t.Columns)
	b.WriteString("\\hline\n")
	for _, row := range t.Rows {
		line(row)
	}
	b.WriteString("\\hline\n\\end{tabular}\n\\end{table}\n")
	_, err := io.WriteString(w, b.String())
	return err
}
