package synthetic

import "anomem/nn/rng"

const headV, footV = -0.42, 0.62 // the centres of head and foot

// bracket is the normal part: a round head with a bore, a neck, and a foot with two bolt
// holes. It stands upright and is not symmetric under any turn.
type bracket struct {
	head, bore, neck, footWidth, footHeight, bolt float64
	split                                         float64 // below this v it is coated
}

func drawBracket(r *rng.Stream) bracket {
	return bracket{
		head:       between(r, 0.44, 0.54),
		bore:       between(r, 0.19, 0.27),
		neck:       between(r, 0.27, 0.40),
		footWidth:  between(r, 0.78, 0.95),
		footHeight: between(r, 0.24, 0.32),
		bolt:       between(r, 0.10, 0.14),
		split:      between(r, 0.02, 0.28),
	}
}

// blank returns the bracket before its holes are drilled.
func (b bracket) blank() shape {
	return union(
		disc(0, headV, b.head),
		box(0, 0.1, b.neck, 0.55, 0),
		box(0, footV, b.footWidth, b.footHeight, 0.1))
}

func (b bracket) boreHole() shape { return disc(0, headV, b.bore) }

// undrilled returns the bracket without its bore.
func (b bracket) undrilled() shape {
	at := b.footWidth - 0.3
	return without(b.blank(), disc(-at, footV, b.bolt), disc(at, footV, b.bolt))
}

func (b bracket) outline() shape { return without(b.undrilled(), b.boreHole()) }

// coat returns the pattern of the part's two paints: the second where it is negative.
func (b bracket) coat() shape { return func(_, v float64) float64 { return b.split - v } }
