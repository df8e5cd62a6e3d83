package align

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"anomem/imageio"
)

// Evidence says how much alike images look, as the mean correlation between two of them after
// what a lamp may do to each.
type Evidence struct {
	Images int     `json:"images"`
	Before float64 `json:"before"` // as they are
	After  float64 `json:"after"`  // each turned and moved to agree with the others
}

// Where the decision lies. Drawn parts in any pose have 0.1 to 0.2 before and 0.80 and more
// after. Surfaces have 0.46 after, by chance, and classes of CIFAR-10 0.3 at most. Images of parts
// that are held alike are best left as they are, since their light would turn: bottles seen
// from above have 0.94 before, drawn plates that turn by 3° and solar cells 0.5.
const (
	mostBefore = 0.5
	leastAfter = 2.0 / 3
	leastSeen  = 8 // images
)

// Pays reports whether images are to be aligned.
func (e Evidence) Pays() bool {
	return e.Images >= leastSeen && e.Before <= mostBefore && e.After >= leastAfter
}

// MostImages is how many images Learn needs at most.
const MostImages = 64

// Learner collects what images show.
type Learner struct{ looks []look }

// Add looks at an image, of which it keeps nothing else.
func (l *Learner) Add(img *imageio.Image) { l.looks = append(l.looks, lookAt(img)) }

// Learn returns the template of the images added, and how much alike they look with it and
// without. It returns a nil template for fewer than two images.
func (l *Learner) Learn() (*Template, Evidence) {
	n := len(l.looks)
	if n < 2 {
		return nil, Evidence{Images: n}
	}
	e := Evidence{Images: n, Before: alike(l.looks, make([]Pose, n))}
	template := l.reference()
	var poses []Pose
	const rounds = 3
	for range rounds {
		f := newFinder(template)
		poses = make([]Pose, n)
		parallel(n, func(i int) { poses[i] = f.find(l.looks[i]).pose })
		template = mean(l.looks, poses)
	}
	e.After = alike(l.looks, poses)
	for i, v := range template.pix { // as a model file has them
		template.pix[i] = float64(float32(v))
	}
	return newTemplate(template, frameOf(l.looks, poses)), e
}

// reference returns, of a few images, the one that others agree with best, as a template.
func (l *Learner) reference() look {
	const few, others = 8, 16
	d := diskOf(fine)
	best, template := math.Inf(-1), look{}
	for _, r := range spaced(len(l.looks), few) {
		v := d.gather(l.looks[r])
		d.plain(v)
		f := newFinder(d.spread(v))
		at := spaced(len(l.looks), others)
		agree := make([]float64, len(at))
		parallel(len(at), func(i int) {
			if of := at[i]; of != r {
				if m := f.coarsely(l.looks[of].halved().halved(), 1); len(m) > 0 {
					agree[i] = m[0].agree
				}
			}
		})
		sum := 0.0
		for _, a := range agree {
			sum += a
		}
		if sum > best {
			best, template = sum, d.spread(v)
		}
	}
	return template
}

// spaced returns most evenly spaced numbers below n, or all of them.
func spaced(n, most int) []int {
	k := min(n, most)
	at := make([]int, k)
	for i := range at {
		at[i] = i * n / k
	}
	return at
}

// mean returns the mean of what looks show in their poses, plain.
func mean(looks []look, poses []Pose) look {
	d := diskOf(fine)
	return d.spread(sum(looks, poses, nil))
}

// alike returns the mean correlation between two of the looks in their poses.
func alike(looks []look, poses []Pose) float64 {
	var each float64
	s := sum(looks, poses, &each)
	n := float64(len(looks))
	return (dot(s, s) - each) / (n * (n - 1))
}

// sum returns the sum of what looks show in their poses, plain, and in each, unless it is nil,
// the sum of their squares: how many have any contrast.
func sum(looks []look, poses []Pose, each *float64) []float64 {
	d := diskOf(fine)
	s := make([]float64, len(d.at))
	v := make([]float64, len(d.at))
	for i, l := range looks {
		l.posed(v, poses[i])
		d.plain(v)
		for k, x := range v {
			s[k] += x
		}
		if each != nil {
			*each += dot(v, v)
		}
	}
	return s
}

// parallel calls do for 0 ... n-1, on all CPUs.
func parallel(n int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}
