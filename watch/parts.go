package watch

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"anomem/describe"
)

// parts groups the shots of parts until these are complete.
type parts struct {
	size  int           // shots that complete a part; 0: any number
	quiet time.Duration // without a further shot completes it, too
	open  map[string]*part
}

// part is the shots of a part so far.
type part struct {
	shots []*Record
	last  time.Time // when the last came
}

// take adds a record: a shot to its part, while a part's own record ends that part.
func (p *parts) take(r *Record, now time.Time) {
	switch o := p.open[r.Part]; {
	case r.Part == "":
	case r.Shots != nil && o != nil && len(r.Shots) < len(o.shots):
		o.shots = o.shots[len(r.Shots):] // of the next part of this name
	case r.Shots != nil:
		delete(p.open, r.Part)
	case o == nil:
		p.open[r.Part] = &part{shots: []*Record{r}, last: now}
	default:
		o.shots, o.last = append(o.shots, r), now
	}
}

// complete returns the name of a complete part, and whether there is one. waiting says how
// many files of each part wait for their verdict.
func (p *parts) complete(now time.Time, waiting map[string]int) (name string, any bool) {
	for _, name := range slices.Sorted(maps.Keys(p.open)) {
		o := p.open[name]
		if p.size > 0 && len(o.shots) >= p.size || waiting[name] == 0 && !now.Before(o.last.Add(p.quiet)) {
			return name, true
		}
	}
	return "", false
}

// next returns when the first part completes if no further shot comes, and whether there is
// one.
func (p *parts) next(waiting map[string]int) (at time.Time, any bool) {
	for name, o := range p.open {
		if end := o.last.Add(p.quiet); waiting[name] == 0 && (!any || end.Before(at)) {
			at, any = end, true
		}
	}
	return at, any
}

// verdict returns the record of an open part. Its score is the highest of its shots, and it is
// anomalous if one of them is. Its p-value is the lowest times their number, the bound of
// Bonferroni: of normal parts, at most that share has one as low.
func (p *parts) verdict(name string) *Record {
	r := &Record{Image: describe.Image{Score: math.NaN()}, Part: name, Shots: []string{}}
	shots := p.open[name].shots
	if p.size > 0 && len(shots) > p.size {
		shots = shots[:p.size]
	}
	unread, tested := 0, 0
	for _, s := range shots {
		r.Shots = append(r.Shots, s.Path)
		if !s.judged() {
			unread++
			continue
		}
		if !(r.Score >= s.Score) {
			r.Score = s.Score
		}
		r.Anomalous = r.Anomalous || s.Anomalous
		if s.PValue != nil {
			if tested++; r.PValue == nil || *s.PValue < *r.PValue {
				r.PValue = s.PValue
			}
		}
	}
	if r.PValue != nil {
		bound := min(1, *r.PValue*float64(tested))
		r.PValue = &bound
	}
	switch n := len(r.Shots); {
	case unread > 0:
		r.Error = fmt.Sprintf("%d of %d shots cannot be read", unread, n)
	case n < p.size:
		r.Error = fmt.Sprintf("%d of %d shots came", n, p.size)
	}
	return r
}
