package energy

// plane is an image of one colour. Beyond its edges it goes on as they are.
type plane struct {
	w, h int
	v    []float32 // [h w]
}

// minus returns p - q.
func (p plane) minus(q plane) plane {
	out := plane{p.w, p.h, make([]float32, len(p.v))}
	for i, v := range p.v {
		out.v[i] = v - q.v[i]
	}
	return out
}

// moved returns p, moved to the left and up.
func (p plane) moved(left, up int) plane {
	out := plane{p.w, p.h, make([]float32, len(p.v))}
	for y := range p.h {
		from := p.v[min(y+up, p.h-1)*p.w:][:p.w]
		row := out.v[y*p.w:][:p.w]
		for x := range row {
			row[x] = from[min(x+left, p.w-1)]
		}
	}
	return out
}

// blurred returns the means over the 3×3 pixels around each.
func (p plane) blurred() plane {
	across := plane{p.w, p.h, make([]float32, len(p.v))}
	for y := range p.h {
		row, to := p.v[y*p.w:][:p.w], across.v[y*p.w:][:p.w]
		for x := range row {
			to[x] = row[max(x-1, 0)] + row[x] + row[min(x+1, p.w-1)]
		}
	}
	out := plane{p.w, p.h, make([]float32, len(p.v))}
	for y := range p.h {
		above, row := across.v[max(y-1, 0)*p.w:][:p.w], across.v[y*p.w:][:p.w]
		below, to := across.v[min(y+1, p.h-1)*p.w:][:p.w], out.v[y*p.w:][:p.w]
		for x := range to {
			to[x] = (above[x] + row[x] + below[x]) / 9
		}
	}
	return out
}

// halved returns p at a half of its resolution, the means of 2×2 pixels. What is left of an odd
// side is left out; a side of one pixel stays.
func (p plane) halved() plane {
	w, h := max(1, p.w/2), max(1, p.h/2)
	out := plane{w, h, make([]float32, w*h)}
	for y := range h {
		upper, lower := p.v[2*y*p.w:][:p.w], p.v[min(2*y+1, p.h-1)*p.w:][:p.w]
		for x := range w {
			l, r := 2*x, min(2*x+1, p.w-1)
			out.v[y*w+x] = (upper[l] + upper[r] + lower[l] + lower[r]) / 4
		}
	}
	return out
}

// sums returns the sums of the absolute values above and to the left of each corner of a pixel,
// [h+1 w+1].
func (p plane) sums() []float64 {
	out := make([]float64, (p.w+1)*(p.h+1))
	for y := range p.h {
		above, to := out[y*(p.w+1):][:p.w+1], out[(y+1)*(p.w+1):][:p.w+1]
		var row float64
		for x, v := range p.v[y*p.w:][:p.w] {
			row += float64(max(v, -v))
			to[x+1] = above[x+1] + row
		}
	}
	return out
}
