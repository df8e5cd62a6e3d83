package report

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestTableFormats(t *testing.T) {
	table := Table{Caption: "50 % & more", Columns: []string{"name", "γ", "a_b"}, Rows: [][]string{{"x|y", "0.05", "1.0"}, {`#{"q", \z}`, "", "10.0"}}}
	for name, c := range map[string]struct {
		write func(*Table, io.Writer) error
		want  string
	}{
		"text": {(*Table).WriteText, `50 % & more
name           γ   a_b
x|y         0.05   1.0
#{"q", \z}        10.0
`},
		"markdown": {(*Table).WriteMarkdown, `50 % & more

| name | γ | a_b |
|---|---:|---:|
| x\|y | 0.05 | 1.0 |
| #{"q", \z} |  | 10.0 |
`},
		"csv": {(*Table).WriteCSV, `name,γ,a_b
x|y,0.05,1.0
"#{""q"", \z}",,10.0
`},
		"latex": {(*Table).WriteLaTeX, `\begin{table}
\caption{50 \% \& more}
\begin{tabular}{lrr}
\hline
name & $\gamma$ & a\_b \\
\hline
x|y & 0.05 & 1.0 \\
\#\{"q", \textbackslash{}z\} &  & 10.0 \\
\hline
\end{tabular}
\end{table}
`},
	} {
		var b bytes.Buffer
		if err := c.write(&table, &b); err != nil || b.String() != c.want {
			t.Errorf("%s: %v\n%s", name, err, &b)
		}
		if err := c.write(&table, fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("%s: a full disk: %v", name, err)
		}
	}
}

var errFull = errors.New("no space")

// fullDisk is a writer without space.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
