package protocol

import (
	"cmp"
	"context"
	"slices"

	"anomem/baseline"
	"anomem/imageio"
	"anomem/simd/pool"
)

// recaller is a detector whose memory holds patterns that it compares images with.
type recaller interface {
	// Recall passes each position of images to see, image by image, scale by scale within a part of
	// an image. What see receives is valid until it returns.
	Recall(imgs []*imageio.Image, see func(baseline.Position))
}

// Memory is the patterns of a scale: how often each is used, and what some of them stand for.
type Memory struct {
	Normal    []int     `json:"normal"` // of each pattern, at how many positions of normal test images it is the most similar one
	Anomalous []int     `json:"anomalous"`
	Patterns  []Pattern `json:"patterns"` // some of them
}

// Pattern is what a pattern stands for: the parts of training images, each of another one, that are
// most similar to it.
type Pattern struct {
	Number int    `json:"number"` // from 0
	JPEG   []byte `json:"jpeg"`   // the most similar part first, as a file
}

const (
	mostRecalled = 512 // images of the training and of either kind of the test, evenly spaced
	mostUsed     = 8   // patterns that are shown because normal images use them
	mostOdd      = 4   // because anomalies use them more than normal images do
	patchesEach  = 3
	patchSide    = 48 // pixels
)

// recall returns the memory of each scale.
func (im *images) recall(ctx context.Context, d recaller, p *pool.Pool) ([]Memory, error) {
	var all []Memory
	for _, anomalous := range []bool{false, true} {
		at := im.places(anomalous)
		read := func(k int) (*imageio.Image, error) { return im.test[at[k].set].Image(at[k].k) }
		err := eachBatch(ctx, p, len(at), read, func(_ int, imgs []*imageio.Image) {
			d.Recall(imgs, func(pos baseline.Position) { all = counted(all, pos, anomalous) })
		})
		if err != nil {
			return nil, err
		}
	}
	shown, best := make([][]int, len(all)), make([][]nearest, len(all))
	for s := range all {
		shown[s] = all[s].telling()
		best[s] = make([]nearest, len(shown[s]))
	}
	at := im.normal()
	read := func(k int) (*imageio.Image, error) { return im.learn.Image(at[k]) }
	err := eachBatch(ctx, p, len(at), read, func(from int, imgs []*imageio.Image) {
		d.Recall(imgs, func(pos baseline.Position) {
			for i, n := range shown[pos.Scale] {
				best[pos.Scale][i].add(from+pos.Image, pos, pos.Similarity[n])
			}
		})
	})
	if err != nil {
		return nil, err
	}
	for s := range all {
		for i, n := range shown[s] {
			file, err := jpegOf(best[s][i].joined().ToImage())
			if err != nil {
				return nil, err
			}
			all[s].Patterns = append(all[s].Patterns, Pattern{n, file})
		}
	}
	return all, nil
}

// counted counts the most similar pattern of a position; of equal ones the first.
func counted(all []Memory, pos baseline.Position, anomalous bool) []Memory {
	for len(all) <= pos.Scale {
		all = append(all, Memory{})
	}
	m := &all[pos.Scale]
	if m.Normal == nil {
		m.Normal, m.Anomalous = make([]int, len(pos.Similarity)), make([]int, len(pos.Similarity))
	}
	most := 0
	for n, v := range pos.Similarity {
		if v > pos.Similarity[most] {
			most = n
		}
	}
	if anomalous {
		m.Anomalous[most]++
	} else {
		m.Normal[most]++
	}
	return all
}

// shares returns how large a share of the positions of normal images, and of anomalies, uses each
// pattern, from 0 to 1.
func (m *Memory) shares() (normal, anomalous []float64) { return shares(m.Normal), shares(m.Anomalous) }

func shares(counts []int) []float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	all := make([]float64, len(counts))
	for i, n := range counts {
		all[i] = float64(n) / float64(max(total, 1))
	}
	return all
}

// telling returns the numbers of the patterns that are shown: those that normal images use most, and
// then those that anomalies use more than normal images do, by how much more.
func (m *Memory) telling() []int {
	normal, anomalous := m.shares()
	order := make([]int, len(normal))
	for n := range order {
		order[n] = n
	}
	by := func(value func(n int) float64) []int {
		sorted := slices.Clone(order)
		slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(value(b), value(a)) })
		return sorted
	}
	var some []int
	for _, n := range by(func(n int) float64 { return normal[n] }) {
		if len(some) < mostUsed && normal[n] > 0 {
			some = append(some, n)
		}
	}
	most := len(some) + mostOdd
	for _, n := range by(func(n int) float64 { return anomalous[n] - normal[n] }) {
		if len(some) < most && anomalous[n] > normal[n] && !slices.Contains(some, n) {
			some = append(some, n)
		}
	}
	return some
}

// nearest is the parts of images that are most similar to a pattern, one an image, the most similar
// first. Its zero value is empty.
type nearest struct{ parts []part }

type part struct {
	image int
	like  float32
	patch *imageio.Image
}

// add takes a position of an image.
func (n *nearest) add(image int, pos baseline.Position, like float32) {
	if len(n.parts) == patchesEach && !(like > n.parts[patchesEach-1].like) {
		return
	}
	if i := slices.IndexFunc(n.parts, func(p part) bool { return p.image == image }); i >= 0 {
		if !(like > n.parts[i].like) {
			return
		}
		n.parts = slices.Delete(n.parts, i, i+1)
	}
	at := slices.IndexFunc(n.parts, func(p part) bool { return like > p.like })
	if at < 0 {
		at = len(n.parts)
	}
	n.parts = slices.Insert(n.parts, at, part{image, like, around(pos)})
	n.parts = n.parts[:min(len(n.parts), patchesEach)]
}

// around returns the part of an image that a position stands for, with as much on each side of it or,
// at the edge, with more on the other side.
func around(pos baseline.Position) *imageio.Image {
	c, img := pos.Cell, pos.From
	w, h := min(3*max(c.Dx(), 1), img.W), min(3*max(c.Dy(), 1), img.H)
	x, y := min(max(c.Min.X-c.Dx(), 0), img.W-w), min(max(c.Min.Y-c.Dy(), 0), img.H-h)
	return img.Crop(x, y, w, h).Resize(patchSide, patchSide)
}

// joined returns the parts side by side, with a grey line between them.
func (n *nearest) joined() *imageio.Image {
	const gap = 2
	out := imageio.NewImage(patchesEach*(patchSide+gap)-gap, patchSide)
	for i := range out.Pix {
		out.Pix[i] = 128
	}
	for i, p := range n.parts {
		for y := range patchSide {
			copy(out.Pix[3*(y*out.W+i*(patchSide+gap)):], p.patch.Pix[3*y*patchSide:][:3*patchSide])
		}
	}
	return out
}

// places returns at most mostRecalled images of a kind of the test, evenly spaced.
func (im *images) places(anomalous bool) []place {
	var all []place
	for set, t := range im.test {
		for k := range t.Len() {
			if t.Normal(k) != anomalous {
				all = append(all, place{set, k})
			}
		}
	}
	return evenly(all, mostRecalled)
}

// normal returns at most mostRecalled normal images of the training, evenly spaced.
func (im *images) normal() []int {
	var all []int
	for k := range im.learn.Len() {
		if im.learn.Normal(k) {
			all = append(all, k)
		}
	}
	return evenly(all, mostRecalled)
}

// eachBatch decodes n images, some at a time, and passes them to see with the number of the first.
func eachBatch(ctx context.Context, p *pool.Pool, n int, read func(k int) (*imageio.Image, error), see func(from int, imgs []*imageio.Image)) error {
	for from := 0; from < n; from += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		imgs := make([]*imageio.Image, min(batch, n-from))
		errs := make([]error, len(imgs))
		p.Run(chunks(func(k int) { imgs[k], errs[k] = read(from + k) }), len(imgs))
		if err := first(errs); err != nil {
			return err
		}
		see(from, imgs)
	}
	return nil
}
