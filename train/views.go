package train

import (
	"context"
	"fmt"
	"image"
	"slices"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// viewer makes the augmented views of units.
type viewer struct {
	labeller
	seed  uint64
	shift augment.Shift
	turns bool // copies are rotated by one quarter turn more each, not shifted at random
	views int  // of each row
	batch augment.Batch
	rows  []augment.Row // of the first view
	other []augment.Row // of the second
	tiles bool
	mixer mixer
	parts regionViews
	blank bool // a normal image of one colour was seen
}

func newViewer(c anomem.Config, o Options, d dataset.Source, units []unit) viewer {
	l := labeller{data: d, units: units}
	parts := regionViews{sizes: c.MapSizes(), scale: len(c.Scales)}
	if c.Head.Local {
		l.cells = c.Head.Distances()
		parts.sizes = append(parts.sizes, image.Pt(c.Head.Pool, c.Head.Pool))
	}
	views := 2
	if o.Uncontrasted {
		views = 1
	}
	return viewer{
		turns: o.Turn > 0, views: views,
		labeller: l, seed: o.Seed, shift: o.Shift, tiles: c.Input.Tile > 0, mixer: newMixer(c, o, d), parts: parts,
		batch: augment.Batch{Options: o.Augment, Size: c.Input.Size, Width: c.Input.Width, Norm: c.Input.Norm()},
	}
}

// fill makes both views of the picked units, each unit followed by its shifted copies. What
// a view shows depends only on the seed, the pass, the unit and the number of the view.
func (v *viewer) fill(ctx context.Context, p *pool.Pool, b *Batch[float32], picks []pick, copies int) error {
	images, regions, err := v.images(ctx, p, picks, true)
	if err != nil {
		return err
	}
	masks, err := v.masks(picks)
	if err != nil {
		return err
	}
	n := copies * len(picks)
	v.begin(v.views * n)
	rows := [2]*[]augment.Row{&v.rows, &v.other}
	for view := range v.views {
		all := (*rows[view])[:0]
		for i, u := range picks {
			for c := range copies {
				row := augment.Row{
					Image: images[i], Mask: masks[i], Cover: v.coverOf(view*n + i*copies + c), Region: regions[i],
					View: rng.New(v.seed, rng.Name("view"), u.pass, uint64(u.unit), uint64(2*c+view)),
				}
				if c > 0 && v.turns {
					row.Quarters = c
				} else if c > 0 {
					row.Shift = v.shift
					row.Shifting = rng.New(v.seed, rng.Name("shift"), u.pass, uint64(u.unit), uint64(c))
				}
				all = append(all, row)
			}
		}
		*rows[view] = all
		v.parts.begin(all, view)
	}
	if v.views == 1 {
		v.batch.Views(p, b.Views[0], v.rows)
	} else {
		v.batch.Pairs(p, b.Views, [2][]augment.Row{v.rows, v.other})
	}
	for view := range v.views {
		b.Cells[view] = resized(b.Cells[view], v.cells*n)
		for k := range n * min(v.cells, 1) {
			labels := b.Cells[view][k*v.cells : (k+1)*v.cells]
			v.label(labels, view*n+k, picks[k/copies].unit, masks[k/copies] != nil, k%copies > 0)
			v.parts.unlabel(labels, view, k)
		}
	}
	b.Places = v.parts.places(n, v.views, b.Positions)
	return nil
}

// images returns the pictures of the picked units and their regions of interest, cut to
// tiles. With move, tiles of normal images are displaced at random by up to a quarter of
// their side, so that seams differ from pass to pass, and known anomalies are mixed.
func (v *viewer) images(ctx context.Context, p *pool.Pool, picks []pick, move bool) ([]*imageio.Image, []*imageio.Mask, error) {
	l := loading{
		v: v, ctx: ctx, picks: picks, move: move, images: make([]*imageio.Image, len(picks)), regions: make([]*imageio.Mask, len(picks)),
		blank: make([]bool, len(picks)), errs: make([]error, len(picks)),
	}
	p.Run(&l, len(picks))
	v.blank = v.blank || slices.Contains(l.blank, true)
	return l.images, l.regions, errorsOf(l.errs...)
}

// loading loads the images of units, one per chunk.
type loading struct {
	v       *viewer
	ctx     context.Context
	picks   []pick
	move    bool
	images  []*imageio.Image
	regions []*imageio.Mask
	blank   []bool // which are normal images of one colour
	errs    []error
}

func (l *loading) Chunk(i int) {
	if l.errs[i] = l.ctx.Err(); l.errs[i] != nil {
		return
	}
	u := l.v.units[l.picks[i].unit]
	img, err := l.v.data.Image(u.image)
	if err != nil {
		l.errs[i] = fmt.Errorf("train: %w", err)
		return
	}
	region, err := l.v.data.Region(u.image)
	if err != nil {
		l.errs[i] = fmt.Errorf("train: %w", err)
		return
	}
	l.blank[i] = l.v.data.Normal(u.image) && img.Constant()
	if l.v.tiles {
		rect := u.rect
		if l.move && l.v.data.Normal(u.image) { // tiles of anomalous images must keep matching their mask
			r := rng.New(l.v.seed, rng.Name("tile"), l.picks[i].pass, uint64(l.picks[i].unit))
			if moved := jitter(rect, img, &r); region == nil || region.AnyIn(moved) {
				rect = moved
			}
		}
		if region != nil {
			region = region.Crop(rect)
		}
		img = img.CropReflect(rect.Min.X, rect.Min.Y, rect.Dx(), rect.Dy())
	}
	if l.move && region == nil && l.v.mixer.known != nil && !l.v.data.Normal(u.image) {
		if img, err = l.v.mixer.mixed(img, l.picks[i]); err != nil {
			l.errs[i] = fmt.Errorf("train: %w", err)
			return
		}
	}
	l.images[i], l.regions[i] = img, region
}

// jitter displaces a tile by up to a quarter of its side in each direction, within the
// image.
func jitter(rect image.Rectangle, img *imageio.Image, r *rng.Stream) image.Rectangle {
	move := func(at, side, size int) int {
		d := r.IntN(side/2+1) - side/4
		return max(0, min(at+d, size-side))
	}
	x := move(rect.Min.X, rect.Dx(), img.W)
	y := move(rect.Min.Y, rect.Dy(), img.H)
	return image.Rect(x, y, x+rect.Dx(), y+rect.Dy())
}
