package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fault is one instruction replaced by another.
type fault struct {
	function string
	line     int // from 1
	old, new string
	dropped  bool   // the instruction is left out, not replaced
	text     []byte // of the whole file, with the fault
}

// faultsIn returns one fault for the file, or each faults for each of its functions,
// spread evenly over the possible ones. Faults in arithmetic are preferred to dropped
// stores.
func faultsIn(file string, each int) ([]fault, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	var (
		groups   [][]fault // of the file, or one a function
		function string
		ignored  bool
	)
	for i, line := range lines {
		if m := textLine.FindStringSubmatch(line); m != nil {
			function = m[1]
			// A peak loop is timed; its results are not read.
			ignored = strings.HasPrefix(function, "peak")
			if !ignored && (each > 0 || groups == nil) {
				groups = append(groups, nil)
			}
		}
		if ignored || groups == nil {
			continue
		}
		if changed := faulty(line); changed != line {
			last := len(groups) - 1
			f := fault{function: function, line: i + 1, old: instruction(line), new: instruction(changed)}
			if f.dropped = f.new == ""; f.dropped {
				f.new = "(dropped)"
			}
			groups[last] = append(groups[last], f)
		}
	}
	var faults []fault
	for _, g := range groups {
		if len(g) == 0 {
			return nil, fmt.Errorf("%s: a function has no instruction that a fault is known for", file)
		}
		for _, f := range choose(g, max(1, each)) {
			changed := slices.Clone(lines)
			changed[f.line-1] = faulty(lines[f.line-1])
			f.text = []byte(strings.Join(changed, "\n"))
			faults = append(faults, f)
		}
	}
	return faults, nil
}

// choose returns up to n of the faults, evenly spread.
func choose(from []fault, n int) []fault {
	arithmetic := slices.DeleteFunc(slices.Clone(from), func(f fault) bool { return f.dropped })
	if len(arithmetic) > 0 {
		from = arithmetic
	}
	n = min(n, len(from))
	var chosen []fault
	for i := range n {
		chosen = append(chosen, from[(2*i+1)*len(from)/(2*n)])
	}
	return chosen
}

var textLine = regexp.MustCompile(`^TEXT\s+·?(\w+)`)

// instruction returns a line's instruction without the comment beside it.
func instruction(line string) string {
	line, _, _ = strings.Cut(line, "//")
	return strings.Join(strings.Fields(line), " ")
}

// mnemonics maps instructions to ones with the same operands and other results.
var mnemonics = []struct{ from, to string }{
	// amd64
	{`VFMADD(\d+[PS]S)`, `VFNMADD$1`},
	{`VFNMADD(\d+[PS]S)`, `VFMADD$1`},
	{`VADD([PS][SD])`, `VSUB$1`},
	{`VSUB([PS][SD])`, `VADD$1`},
	{`VMUL([PS][SD])`, `VADD$1`},
	{`VDIV([PS][SD])`, `VMUL$1`},
	{`VMAX([PS]S)`, `VMIN$1`},
	{`VMIN([PS]S)`, `VMAX$1`},
	{`VANDPS`, `VORPS`},
	{`VANDNPS`, `VANDPS`},
	{`VUNPCKLPS`, `VUNPCKHPS`},
	// arm64
	{`VFMLA`, `VFMLS`},
	{`VFMLS`, `VFMLA`},
	{`FADD([SD])`, `FSUB$1`},
	{`FSUB([SD])`, `FADD$1`},
	{`FMUL([SD])`, `FADD$1`},
	{`VTRN1`, `VTRN2`},
	{`VZIP1`, `VZIP2`},
}

// stores are the stores of whole vectors: a fault drops one where a function, such
// as a copy, has no arithmetic.
var stores = regexp.MustCompile(`^\s*(VMOV[UA]PS\s+[XYZ]\d+,.*\(|VST1|FSTPQ|FMOVQ\s+F\d+,.*\()`)

// words maps the arm64 instructions that the assembler has no name for, by their
// opcode: bits outside the operands, which mask covers.
var words = []struct{ from, to uint32 }{
	{0x4e20d400, 0x4ea0d400}, // fadd -> fsub
	{0x4ea0d400, 0x4e20d400}, // fsub -> fadd
	{0x6e20dc00, 0x4e20d400}, // fmul -> fadd
	{0x6e20fc00, 0x6e20dc00}, // fdiv -> fmul
	{0x4e20cc00, 0x4ea0cc00}, // fmla -> fmls
	{0x4ea0cc00, 0x4e20cc00}, // fmls -> fmla
	{0x4f801000, 0x4f805000}, // fmla by lane 0 -> fmls
	{0x4e20f400, 0x4ea0f400}, // fmax -> fmin
	{0x6ea0e400, 0x4e20e400}, // fcmgt -> fcmeq, since fcmge may do as well, as in a clamp
}

const wordMask = 0xffe0fc00

var wordLine = regexp.MustCompile(`^(\s*WORD\s+\$)(0x[0-9a-fA-F]{8})`)

// faulty returns the line with another instruction, or as it is if no fault is
// known for it.
func faulty(line string) string {
	for _, m := range mnemonics {
		re := regexp.MustCompile(`^(\s*)` + m.from + `\b`)
		if re.MatchString(line) {
			return re.ReplaceAllString(line, "${1}"+strings.ReplaceAll(m.to, "$1", "${2}"))
		}
	}
	if m := wordLine.FindStringSubmatch(line); m != nil {
		word, _ := strconv.ParseUint(m[2], 0, 32)
		for _, w := range words {
			if uint32(word)&wordMask == w.from {
				return wordLine.ReplaceAllString(line, fmt.Sprintf("${1}0x%08x", uint32(word)&^wordMask|w.to))
			}
		}
	}
	if stores.MatchString(line) {
		return "// dropped: " + strings.TrimSpace(line)
	}
	return line
}
