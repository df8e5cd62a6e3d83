package main

import (
	"slices"
	"strings"
)

// An elementwise kernel computes element i of its outputs from element i of its
// inputs. Slices have one length, which Go has checked. With channels, those inputs
// have cols elements, and the others rows of as many.
type elementwise struct {
	name, params, doc string
	in, out, channels string                // slices read, written, and read anew for each row, separated by spaces
	width             int                   // vectors a turn of the main loop, at most 4
	constants         []constant            // into V31, V30, ...
	body              func(f *file, r regs) // one vector
}

// A constant fills a register: with the bits of a float32 or int32, or, if param
// is set, with that parameter.
type constant struct {
	name  string
	bits  uint32
	param bool
}

// regs are the registers of one vector's worth of elements: the slices as body
// finds and leaves them, and scratch.
type regs struct {
	slice, constant map[string]vec
	tmp             []vec
}

// write emits the kernel: a loop over width vectors, one over single vectors, and
// one over single elements, which lie in the lowest lane with zeros beside them.
// All three run the same instructions, so all three give the same bits.
func (k elementwise) write(f *file) {
	f.fn(k.name, k.params, "", k.doc)
	in, out := strings.Fields(k.in), strings.Fields(k.out)
	all := slices.Clone(in)
	for _, s := range out {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	pointer := map[string]int{} // R0, R1, ...
	for i, s := range all {
		pointer[s] = i
		f.op("MOVD %s, R%d", f.fp(s), i)
	}
	const n = 6
	const rows, cols = 7, 9 // R8 fills constants
	if k.channels == "" {
		f.op("MOVD %s, R%d", f.length(all[0]), n)
	} else {
		f.op("MOVD %s, R%d", f.fp("rows"), rows)
		f.op("MOVD %s, R%d", f.fp("cols"), cols)
	}
	constants := load(f, k.constants)
	done := "done"
	if k.channels != "" {
		done = "next"
		f.mark("row")
		f.op("CBZ R%d, done", rows)
		f.op("MOVD R%d, R%d", cols, n)
	}

	per := (32 - len(k.constants)) / k.width // registers a vector
	group := func(g int) regs {
		r := regs{slice: map[string]vec{}, constant: constants}
		next := vec(g)
		take := func() vec { v := next; next += vec(k.width); return v }
		for _, s := range all {
			r.slice[s] = take()
		}
		for range per - len(all) {
			r.tmp = append(r.tmp, take())
		}
		return r
	}
	list := func(s string, count int) string {
		var v []string
		for g := range count {
			v = append(v, group(g).slice[s].s4())
		}
		return "[" + strings.Join(v, ", ") + "]"
	}

	block := func(label, next string, count int) {
		f.mark(label)
		f.op("CMP $%d, R%d", 4*count, n)
		f.op("BLT %s", next)
		for _, s := range in {
			if slices.Contains(out, s) {
				f.op("VLD1 (R%d), %s", pointer[s], list(s, count))
			} else {
				f.op("VLD1.P %d(R%d), %s", 16*count, pointer[s], list(s, count))
			}
		}
		f.interleave(count, func(g int) { k.body(f, group(g)) })
		for _, s := range out {
			f.op("VST1.P %s, %d(R%d)", list(s, count), 16*count, pointer[s])
		}
		f.op("SUB $%d, R%d", 4*count, n)
		f.op("B %s", label)
	}
	if k.width > 1 {
		block("blocks", "vectors", k.width)
	}
	block("vectors", "singles", 1)

	f.mark("singles")
	f.op("CBZ R%d, %s", n, done)
	r := group(0)
	for _, s := range in {
		if slices.Contains(out, s) {
			f.op("FMOVS (R%d), %s", pointer[s], r.slice[s].f())
		} else {
			f.op("FMOVS.P 4(R%d), %s", pointer[s], r.slice[s].f())
		}
	}
	k.body(f, r)
	for _, s := range out {
		f.op("FMOVS.P %s, 4(R%d)", r.slice[s].f(), pointer[s])
	}
	f.op("SUB $1, R%d", n)
	f.op("B singles")
	if k.channels != "" {
		f.mark("next")
		for _, s := range strings.Fields(k.channels) {
			f.op("SUB R%d<<2, R%d", cols, pointer[s])
		}
		f.op("SUB $1, R%d", rows)
		f.op("B row")
	}
	f.mark("done")
	f.op("RET")
}

// load fills V31, V30, ... with constants, and says which holds which.
func load(f *file, constants []constant) map[string]vec {
	at := map[string]vec{}
	for i, c := range constants {
		v := vec(31 - i)
		at[c.name] = v
		if c.param {
			f.op("FMOVS %s, %s", f.fp(c.name), v.f())
			f.op("VDUP V%d.S[0], %s", v, v.s4())
		} else {
			f.note("%s", c.name)
			f.dup(v, c.bits)
		}
	}
	return at
}
