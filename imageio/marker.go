package imageio

// A marker decides which pixels of a picture are marked, by the rule of DecodeMask.
type marker struct {
	w, h  int
	read  valueReader
	lossy bool

	background value
	class      []byte // of each pixel
	weak       []weakValue
	tooMany    bool // weak values to be numbers of kinds
	anyStrong  bool
	most       int // the largest difference from the background
}

// Classes of pixels. Those from 1 to mostWeak are of one weak value each.
const (
	behind  = 0   // has the value of the background
	aWeak   = 254 // has one of too many weak values
	aStrong = 255
)

// mostWeak is the most weak values that are taken for numbers of kinds. Grey edges and
// noise have more, as a rule.
const mostWeak = 16

// A weakValue is not strong, and differs from the background.
type weakValue struct {
	value value
	from  int // the background
	marks bool
}

func newMarker(p *picture) *marker {
	b := p.Bounds()
	return &marker{w: b.Dx(), h: b.Dy(), read: p.values(), lossy: p.lossy}
}

func (m *marker) mask() *Mask {
	m.findBackground()
	m.classify()
	mask := NewMask(m.w, m.h)
	switch {
	case m.most == 0:
		if !m.background.black() {
			for i := range mask.Pix {
				mask.Pix[i] = true
			}
		}
		return mask
	case m.lossy && (!m.anyStrong || m.most < 3<<14):
		m.markHalf(mask)
		return mask
	case m.anyStrong && !m.lossy && !m.tooMany:
		m.findKinds()
	}
	for i, c := range m.class {
		switch c {
		case behind:
		case aStrong:
			mask.Pix[i] = true
		default:
			mask.Pix[i] = !m.anyStrong || c != aWeak && m.weak[c-1].marks
		}
	}
	return mask
}

// findBackground counts the values along the border.
func (m *marker) findBackground() {
	count := map[value]int{}
	row := make([]value, m.w)
	add := func(values []value) {
		for _, v := range values {
			count[v]++
		}
	}
	for y := range m.h {
		if y == 0 || y == m.h-1 {
			m.read(row, 0, y)
			add(row)
			continue
		}
		m.read(row[:1], 0, y)
		add(row[:1])
		if m.w > 1 {
			m.read(row[:1], m.w-1, y)
			add(row[:1])
		}
	}
	best := 0
	for v, n := range count {
		if n > best || n == best && v.before(m.background) {
			m.background, best = v, n
		}
	}
}

// before orders values: the darker first, so that the result does not depend on the order
// of a map.
func (v value) before(o value) bool {
	if v.sum() != o.sum() {
		return v.sum() < o.sum()
	}
	for k := range v {
		if v[k] != o[k] {
			return v[k] < o[k]
		}
	}
	return false
}

// classify gives each pixel its class.
func (m *marker) classify() {
	m.class = make([]byte, m.w*m.h)
	row := make([]value, m.w)
	last, class := m.background, byte(behind)
	for y := range m.h {
		m.read(row, 0, y)
		to := m.class[y*m.w:][:m.w]
		for x, v := range row {
			if v != last {
				last, class = v, m.classOf(v)
			}
			to[x] = class
		}
	}
}

func (m *marker) classOf(v value) byte {
	from, strong := v.from(m.background)
	m.most = max(m.most, from)
	if from == 0 {
		return behind
	}
	if strong {
		m.anyStrong = true
		return aStrong
	}
	for i := range m.weak {
		if m.weak[i].value == v {
			return byte(i + 1)
		}
	}
	if len(m.weak) == mostWeak {
		m.tooMany = true
		return aWeak
	}
	m.weak = append(m.weak, weakValue{value: v, from: from})
	return byte(len(m.weak))
}

// markHalf marks what differs at least half as much as anything.
func (m *marker) markHalf(mask *Mask) {
	row := make([]value, m.w)
	for y := range m.h {
		m.read(row, 0, y)
		for x, v := range row {
			from, _ := v.from(m.background)
			mask.Pix[y*m.w+x] = 2*from >= m.most
		}
	}
}
