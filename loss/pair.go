package loss

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Pair names a loss of two views of a batch.
type Pair int

const (
	PairNTXent      Pair = iota // SimCLR: eqs. 2 and 5
	PairBarlowTwins             // BarlowTwins, with Contrast.Barlow
	PairVICReg                  // VICReg, with Contrast.VICReg
)

var pairNames = []string{PairNTXent: "ntxent", PairBarlowTwins: "barlow", PairVICReg: "vicreg"}

// String returns "ntxent", "barlow" or "vicreg".
func (p Pair) String() string {
	if !p.Valid() {
		return fmt.Sprintf("Pair(%d)", int(p))
	}
	return pairNames[p]
}

// Valid reports whether p is one of the constants.
func (p Pair) Valid() bool { return p >= 0 && int(p) < len(pairNames) }

// UnmarshalJSON reads a name that String returns, or the number that files hold.
func (p *Pair) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) != nil {
		return json.Unmarshal(data, (*int)(p))
	}
	i := slices.Index(pairNames, name)
	if i < 0 {
		return fmt.Errorf("loss: pair loss %q is none of %v", name, pairNames)
	}
	*p = Pair(i)
	return nil
}
