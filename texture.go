package anomem

import (
	"errors"
	"image"

	"anomem/autograd"
	"anomem/imageio"
	"anomem/imageio/energy"
	"anomem/nn"
)

// TextureConfig describes how the texture of an image is compared with that of normal ones
// (Texture): by its energies in windows of Window×Window pixels. Window 0: it is not.
type TextureConfig struct {
	Window int `json:"window"`
}

// validate says what is wrong with t.
func (t TextureConfig) validate(say func(bad bool, format string, args ...any)) {
	say(t.Window < 0 || t.Window > maxTile, "texture: windows of %d pixels: want 0 (none) to %d", t.Window, maxTile)
}

// Texture is a normal distribution of the energies that a texture has in windows anywhere on
// normal images (energy.Normal). An image's largest distance d from it counts by how far it
// exceeds what normal images have,
//
//	max(0, (d - mean)/std - 2)
//
// so that the score of what looks normal is left to the other terms of the sum. It finds patches of
// another grain, which a network with small receptive fields takes for normal.
type Texture[T autograd.Float] struct {
	Mean   *autograd.Tensor[T] // of the energies, [energy.Values]
	Whiten *autograd.Tensor[T] // energy.Normal.Whiten, [energy.Triangle]
	// Spread holds the mean and the standard deviation of the largest distance, over the
	// normal images fitted to, each left out in turn.
	Spread *autograd.Tensor[T] // [2]
}

// usualTexture is how far, in standard deviations, the largest distance of an image may exceed the
// mean of normal ones before it counts.
const usualTexture = 2

// NewTexture returns a texture without values.
func NewTexture[T autograd.Float]() *Texture[T] {
	return &Texture[T]{autograd.New[T](energy.Values), autograd.New[T](energy.Triangle), autograd.New[T](2)}
}

// Visit visits "mean", "whiten" and "spread", which are no parameters.
func (t *Texture[T]) Visit(v nn.Visitor[T], prefix string) {
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "mean"), Tensor: t.Mean, Buffer: true})
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "whiten"), Tensor: t.Whiten, Buffer: true})
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "spread"), Tensor: t.Spread, Buffer: true})
}

// TextureFit fits a Texture to images that come one after the other.
type TextureFit struct {
	maps    []energy.Map
	inside  [][]bool
	moments []energy.Moments // of each image
	all     energy.Moments
}

// Add adds images, of which the parts within regions count; nil: all of them. What it sees are
// windows of that many pixels a side.
func (f *TextureFit) Add(m *Model, imgs []*Image, regions []*imageio.Mask) {
	parts, within := m.within(imgs, regions)
	for i, of := range m.energies(parts) {
		inside := windowsIn(of, parts[i], within[i], m.config.Texture.Window)
		var one energy.Moments
		one.Add(of, inside)
		f.all.Add(of, inside)
		f.maps, f.inside, f.moments = append(f.maps, of), append(f.inside, inside), append(f.moments, one)
	}
}

// Fit sets the values of t. It is an error if no image was added.
func (f *TextureFit) Fit(t *Texture[float32]) error {
	if len(f.maps) == 0 {
		return errors.New("anomem: the texture of no image")
	}
	normal, err := f.all.Normal()
	if err != nil {
		return err
	}
	copy(t.Mean.Data(), normal.Mean)
	copy(t.Whiten.Data(), normal.Whiten)
	var worst []float64
	for i, of := range f.maps {
		if len(f.maps) > 1 {
			if normal, err = f.all.Without(f.moments[i]).Normal(); err != nil {
				return err
			}
		}
		worst = append(worst, float64(worstOf(normal.Distances(of), f.inside[i])))
	}
	mean, std := meanAndDeviation(worst)
	t.Spread.Data()[0], t.Spread.Data()[1] = float32(mean), float32(std)
	return nil
}

// energies returns the energies of each image.
func (m *Model) energies(imgs []*Image) []energy.Map {
	e := &energiesOf{imgs, m.config.Texture.Window, make([]energy.Map, len(imgs))}
	m.pool.Run(e, len(imgs))
	return e.maps
}

// energiesOf measures the energies of images, one a chunk.
type energiesOf struct {
	imgs   []*Image
	window int
	maps   []energy.Map
}

func (e *energiesOf) Chunk(i int) { e.maps[i] = energy.Of(e.imgs[i], e.window) }

// windowsIn reports which windows of an image hold a pixel of its region; nil: all.
func windowsIn(of energy.Map, img *Image, region *imageio.Mask, window int) []bool {
	if region == nil {
		return nil
	}
	inside := make([]bool, of.Rows*of.Cols)
	for k := range inside {
		y0, y1 := energy.Window(k/of.Cols, of.Rows, img.H, window)
		x0, x1 := energy.Window(k%of.Cols, of.Cols, img.W, window)
		inside[k] = region.AnyIn(image.Rect(x0, y0, x1, y1))
	}
	return inside
}

// textures returns how far the textures of images deviate within regions, and with where at
// which windows.
func (m *Model) textures(imgs []*Image, regions []*imageio.Mask, where bool) []finding {
	t := m.parts.Texture
	normal := energy.Normal{Mean: t.Mean.Data(), Whiten: t.Whiten.Data()}
	mean, std := t.Spread.Data()[0], t.Spread.Data()[1]
	all := make([]finding, len(imgs))
	for i, of := range m.energies(imgs) {
		d := normal.Distances(of)
		for k, v := range d {
			d[k] = max(0, (v-mean)/std-usualTexture)
		}
		all[i].score = float64(worstOf(d, windowsIn(of, imgs[i], regions[i], m.config.Texture.Window)))
		if where {
			all[i].rect, all[i].maps = overWindows(d, of, imgs[i], m.config.Texture.Window)
		}
	}
	return all
}

// overWindows returns the values d of the windows of an image as a map, with one more row or column
// at each end that repeats the last one, and the part of the image that it stretches over: the
// middle of each of its cells is that of a window.
func overWindows(d []float32, of energy.Map, img *Image, window int) (image.Rectangle, []valueMap) {
	rows, cols := of.Rows+2, of.Cols+2
	v := make([]float32, rows*cols)
	for k := range v {
		y, x := min(max(k/cols-1, 0), of.Rows-1), min(max(k%cols-1, 0), of.Cols-1)
		v[k] = d[y*of.Cols+x]
	}
	left, right := endsOver(of.Cols, img.W, window)
	top, bottom := endsOver(of.Rows, img.H, window)
	return image.Rect(left, top, right, bottom), []valueMap{{v, rows, cols}}
}

// endsOver returns the ends of n+2 cells whose middles but for the first and the last are those of
// n windows along a side.
func endsOver(n, side, window int) (lo, hi int) {
	window = min(window, side)
	step := side
	if n > 1 {
		step = (side - window) / (n - 1)
	}
	lo = (window - 3*step) / 2
	return lo, side - lo
}
