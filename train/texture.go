package train

import (
	"context"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/train/augment"
)

// textureShare is how many windows of a texture fit along the shorter side of an image.
const textureShare = 8

// textureFor returns how the texture of images is seen whose shorter side is given.
func textureFor(shortest int) anomem.TextureConfig {
	return anomem.TextureConfig{Window: max(1, shortest/textureShare)}
}

// usesTexture reports whether the energies of textures are part of the score. They stand beside
// heads: alone, they would give most images the score 0.
func (r *Run) usesTexture(c anomem.Config, o Options) bool {
	switch r.Score {
	case "", anomem.ScoreSum:
		heads := o.Shift != augment.None || dataset.Anomalies(r.Data) > 0
		return c.Texture.Window > 0 && heads && !o.Shift.Rotates() && len(termsOf(o)) == 0 && !r.usesPlaces(c, o)
	}
	return false
}

// addTexture fits the texture and returns the model whose score it is.
func (r *Run) addTexture(ctx context.Context, s *stage2, m *anomem.Model) (*anomem.Model, error) {
	if err := fitTexture(ctx, m, s.parts, r.wholeImages("texture")); err != nil {
		return nil, err
	}
	t := anomem.Term{Kind: anomem.ScoreTexture}
	for range s.config.Scales {
		t.Weight, t.Mean, t.Std = append(t.Weight, 1), append(t.Mean, 0), append(t.Std, 1)
	}
	s.config.Score.Kind, s.config.Score.Terms = anomem.ScoreSum, []anomem.Term{t}
	return anomem.NewModel(s.config, s.parts, s.pool)
}

// fitTexture gives parts the texture of the images of some, which are normal. m is the model of the
// parts.
func fitTexture(ctx context.Context, m *anomem.Model, parts *anomem.Parts[float32], some subset) error {
	var f anomem.TextureFit
	if err := batches(ctx, some, func(_ int, images []*imageio.Image, regions []*imageio.Mask) { f.Add(m, images, regions) }); err != nil {
		return err
	}
	parts.Texture = anomem.NewTexture[float32]()
	return f.Fit(parts.Texture)
}

// rehearseTexture estimates what it takes to fit a texture, and to find the deviations of images
// from it, by few images.
func (c *costs) rehearseTexture(ctx context.Context, m *anomem.Model, parts anomem.Parts[float32], r *Run, w *stopwatch) error {
	few := spaced(newSubset(r.Data, true), rehearsedWholes)
	w.lap()
	if err := fitTexture(ctx, m, &parts, few); err != nil {
		return err
	}
	c.addWhole(r, w.lap()/time.Duration(max(1, few.Len())), 1)
	return nil
}
