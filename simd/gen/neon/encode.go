package main

import "fmt"

// vec is an Advanced SIMD register, V0 to V31, taken as four float32 or int32 lanes.
type vec uint32

func (v vec) s4() string  { return fmt.Sprintf("V%d.S4", v) }
func (v vec) b16() string { return fmt.Sprintf("V%d.B16", v) }
func (v vec) f() string   { return fmt.Sprintf("F%d", v) } // the lowest lane(s), as the scalar and whole-register moves name it

// word emits an instruction that Go's assembler has no name for, with the name
// that other assemblers give it beside it. A test decodes the one and compares
// it with the other.
func (f *file) word(w uint32, format string, args ...any) {
	f.op("WORD $0x%08x // %s", w, fmt.Sprintf(format, args...))
}

// three emits an instruction of the class "Advanced SIMD three same".
func (f *file) three(name string, base uint32, d, n, m vec) {
	f.word(base|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s v%d.4s, v%d.4s, v%d.4s", name, d, n, m)
}

// two emits an instruction of the class "Advanced SIMD two-register miscellaneous".
func (f *file) two(name string, base uint32, d, n vec) {
	f.word(base|uint32(n)<<5|uint32(d), "%s v%d.4s, v%d.4s", name, d, n)
}

// Operands are in the order of the architecture's manual: destination first.

func (f *file) fadd(d, n, m vec)  { f.three("fadd", 0x4e20d400, d, n, m) }  // d = n + m
func (f *file) fsub(d, n, m vec)  { f.three("fsub", 0x4ea0d400, d, n, m) }  // d = n - m
func (f *file) fmul(d, n, m vec)  { f.three("fmul", 0x6e20dc00, d, n, m) }  // d = n * m
func (f *file) fdiv(d, n, m vec)  { f.three("fdiv", 0x6e20fc00, d, n, m) }  // d = n / m
func (f *file) fcmgt(d, n, m vec) { f.three("fcmgt", 0x6ea0e400, d, n, m) } // d = n > m ? ~0 : 0
func (f *file) fcmeq(d, n, m vec) { f.three("fcmeq", 0x4e20e400, d, n, m) } // d = n == m ? ~0 : 0
func (f *file) fsqrt(d, n vec)    { f.two("fsqrt", 0x6ea1f800, d, n) }
func (f *file) fabs(d, n vec)     { f.two("fabs", 0x4ea0f800, d, n) }
func (f *file) scvtf(d, n vec)    { f.two("scvtf", 0x4e21d800, d, n) } // int32 to float32

// sshr is the arithmetic shift to the right by 1 to 32 bits.
func (f *file) sshr(d, n vec, bits int) {
	f.word(0x4f000400|uint32(64-bits)<<16|uint32(n)<<5|uint32(d), "sshr v%d.4s, v%d.4s, #%d", d, n, bits)
}

// fmlaLane is d += n * m[lane], fused.
func (f *file) fmlaLane(d, n, m vec, lane int) {
	l, h := uint32(lane&1), uint32(lane>>1)
	f.word(0x4f801000|l<<21|uint32(m)<<16|h<<11|uint32(n)<<5|uint32(d),
		"fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, lane)
}

// fcvtl and fcvtl2 convert the two lower and the two upper lanes to float64.
func (f *file) fcvtl(d, n vec) {
	f.word(0x0e617800|uint32(n)<<5|uint32(d), "fcvtl v%d.2d, v%d.2s", d, n)
}

func (f *file) fcvtl2(d, n vec) {
	f.word(0x4e617800|uint32(n)<<5|uint32(d), "fcvtl2 v%d.2d, v%d.4s", d, n)
}

// fadd2d is d = n + m in two float64 lanes.
func (f *file) fadd2d(d, n, m vec) {
	f.word(0x4e60d400|uint32(m)<<16|uint32(n)<<5|uint32(d), "fadd v%d.2d, v%d.2d, v%d.2d", d, n, m)
}

// The rest has names in Go's assembler, which wants the destination last.

func (f *file) fmla(d, n, m vec)       { f.op("VFMLA %s, %s, %s", m.s4(), n.s4(), d.s4()) }   // d += n * m, fused
func (f *file) fmls(d, n, m vec)       { f.op("VFMLS %s, %s, %s", m.s4(), n.s4(), d.s4()) }   // d -= n * m, fused
func (f *file) and(d, n, m vec)        { f.op("VAND %s, %s, %s", m.b16(), n.b16(), d.b16()) } // d = n & m
func (f *file) eor(d, n, m vec)        { f.op("VEOR %s, %s, %s", m.b16(), n.b16(), d.b16()) } // d = n ^ m
func (f *file) bsl(d, n, m vec)        { f.op("VBSL %s, %s, %s", m.b16(), n.b16(), d.b16()) } // d = d ? n : m, by bits
func (f *file) bit(d, n, m vec)        { f.op("VBIT %s, %s, %s", m.b16(), n.b16(), d.b16()) } // d = m ? n : d, by bits
func (f *file) bif(d, n, m vec)        { f.op("VBIF %s, %s, %s", m.b16(), n.b16(), d.b16()) } // d = m ? d : n, by bits
func (f *file) add(d, n, m vec)        { f.op("VADD %s, %s, %s", m.s4(), n.s4(), d.s4()) }    // int32
func (f *file) sub(d, n, m vec)        { f.op("VSUB %s, %s, %s", m.s4(), n.s4(), d.s4()) }    // d = n - m, int32
func (f *file) shl(d, n vec, bits int) { f.op("VSHL $%d, %s, %s", bits, n.s4(), d.s4()) }     // int32
func (f *file) mov(d, n vec)           { f.op("VMOV %s, %s", n.b16(), d.b16()) }
func (f *file) zero(d vec)             { f.eor(d, d, d) }

// trn takes the even (1) or the odd (2) elements of n and m in turn.
func (f *file) trn(which int, arrangement string, d, n, m vec) {
	f.op("VTRN%d V%d.%s, V%d.%s, V%d.%s", which, m, arrangement, n, arrangement, d, arrangement)
}

// ext is d = m:n shifted right by a number of bytes, the low 16 kept.
func (f *file) ext(d, n, m vec, bytes int) {
	f.op("VEXT $%d, %s, %s, %s", bytes, m.b16(), n.b16(), d.b16())
}

// dup sets all lanes of d to a constant's bits, through R8.
func (f *file) dup(d vec, bits uint32) {
	f.op("MOVD $0x%08x, R8", bits)
	f.op("VDUP R8, %s", d.s4())
}
