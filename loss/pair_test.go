package loss

import (
	"encoding/json"
	"testing"
)

// Files hold numbers, and flags may say names.
func TestPairJSON(t *testing.T) {
	for text, want := range map[string]Pair{
		`0`: PairNTXent, `2`: PairVICReg,
		`"ntxent"`: PairNTXent, `"barlow"`: PairBarlowTwins, `"vicreg"`: PairVICReg,
	} {
		got := Pair(7)
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want || !got.Valid() {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{`"simclr"`, `1.5`, `true`, `{}`} {
		var p Pair
		if err := json.Unmarshal([]byte(text), &p); err == nil {
			t.Errorf("%s is taken for %v", text, p)
		}
	}
	for _, p := range []Pair{PairNTXent, PairBarlowTwins, PairVICReg} {
		data, err := json.Marshal(p)
		if err != nil || string(data) != string('0'+byte(p)) {
			t.Errorf("%v is written as %s, %v", p, data, err)
		}
	}
}
