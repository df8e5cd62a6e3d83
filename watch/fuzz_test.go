package watch

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"anomem/describe"
)

// A file of any text is refused and left as it is, or opened: then a record that is added
// follows those that were read, whenever it is opened again.
func FuzzJournal(f *testing.F) {
	p := 0.25
	when := time.Date(2026, 5, 1, 2, 3, 4, 5, time.UTC)
	records := []*Record{
		{Image: describe.Image{Path: "a\r\n,\"b\".png", Score: -1.5, PValue: &p, Anomalous: true}, Size: 3, Modified: when},
		{Image: describe.Image{Path: "broken.png"}, Error: "no image", Part: "7", Modified: when},
		{Image: describe.Image{Score: 2}, Part: "7", Shots: []string{"a", "b"}},
	}
	for csv, format := range map[bool]format{false: jsonLines{}, true: csvLines{}} {
		text := bytes.Clone(format.head())
		for _, r := range records {
			text = append(text, format.line(r)...)
		}
		f.Add(text, csv)
		f.Add(text[:len(text)-9], csv)
		f.Add(append(text, "\x00\x00"...), csv)
		f.Add(text[:3], csv)
		f.Add([]byte{}, csv)
	}
	f.Add([]byte("remember the milk"), true)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, csv bool) {
		path := filepath.Join(dir, "r.jsonl")
		if csv {
			path = filepath.Join(dir, "r.csv")
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		var read, again []id
		var fates []bool
		j, err := openJournal(path, func(r *Record) { read, fates = append(read, r.id()), append(fates, r.Anomalous) })
		if err != nil {
			if got := readFile(t, path); !bytes.Equal(got, text) {
				t.Errorf("%q was refused (%v), and has become %q", text, err, got)
			}
			return
		}
		err = j.add(records[:1])
		j.close()
		if err != nil {
			t.Fatal(err)
		}
		var fatesAgain []bool
		j, err = openJournal(path, func(r *Record) { again, fatesAgain = append(again, r.id()), append(fatesAgain, r.Anomalous) })
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", text, err)
		}
		j.close()
		if read, fates = append(read, records[0].id()), append(fates, true); !reflect.DeepEqual(again, read) || !reflect.DeepEqual(fatesAgain, fates) {
			t.Errorf("%q: %d records, then %d: %v, %v", text, len(read), len(again), fates, fatesAgain)
		}
	})
}
