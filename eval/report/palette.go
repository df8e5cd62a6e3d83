package report

// palette holds a colour for each of 256 levels, from black through purple and orange to
// pale yellow. Lightness rises evenly, so that more looks like more, in grey and to the
// colour-blind, too. It runs straight between 16 colours of "inferno", which Nathaniel
// Smith and Stéfan van der Walt made for matplotlib and gave to the public domain (CC0),
// and is never more than 6 levels from it.
var palette = func() (table [256][3]byte) {
	points := [16]uint32{
		0x000004, 0x0c0826, 0x240c4f, 0x420a68, 0x5d126e, 0x781c6d, 0x932667, 0xae305c,
		0xc73e4c, 0xdd513a, 0xed6925, 0xf8850f, 0xfca50a, 0xfac62d, 0xf2e661, 0xfcffa4,
	}
	for i := range table {
		a, b, t := points[i/17], points[min(i/17+1, 15)], uint32(i%17)
		for c := range 3 {
			shift := 16 - 8*c
			table[i][c] = byte(((a>>shift&255)*(17-t) + (b>>shift&255)*t + 8) / 17)
		}
	}
	return table
}()

// level returns the index in palette of v between lo and hi: the first for NaN and up to
// lo, the last from hi on.
func level(v, lo, hi float32) int {
	if !(v > lo) {
		return 0
	}
	if v >= hi {
		return 255
	}
	return int(float32(255*((v-lo)/(hi-lo))) + 0.5)
}
