package anomem

import (
	"errors"
	"fmt"
	"slices"

	"anomem/nn/safetensors"
)

// Replay holds what a model keeps of its training images: the input φ(Δ) of the heads
// (eq. 10) for N squares or, with local heads, cells of squares. With it heads can be
// trained again on new labels, and calibrated, without the images.
type Replay struct {
	Scales   [][]float32 // for each scale [N Side Side C]
	Role     []Role      // [N]
	Image    []int32     // [N], the number of the image
	Quarters []uint8     // [N], by how many quarter turns the image is rotated, 0 to 3
	Level    []uint8     // [N], the level of the pyramid that the square is of; nil: all of level 0
	// Terms holds, for each square and scale, the score of its image by the terms of a sum
	// without heads, [N scales]; nil unless the score is a sum.
	Terms []float64
}

// Role is the purpose of a square in a Replay.
type Role uint8

const (
	RoleNormal Role = iota // trains heads as normal
	RoleSelf               // trains heads as a self-labelled anomaly
	RoleKnown              // trains heads as a known anomaly
	RoleBag                // trains heads as one square of an image with a known anomaly, in an unknown place
	RoleHeld               // calibrates: a square of a held-out normal image
	roles
)

// Len returns N.
func (r *Replay) Len() int { return len(r.Role) }

// LevelOf returns the level of the pyramid that square k is of.
func (r *Replay) LevelOf(k int) uint8 {
	if r.Level == nil {
		return 0
	}
	return r.Level[k]
}

// withoutHeld returns r without the squares of held-out images.
func (r *Replay) withoutHeld() *Replay {
	to := &Replay{Scales: make([][]float32, len(r.Scales))}
	for k, role := range r.Role {
		if role == RoleHeld {
			continue
		}
		for s, v := range r.Scales {
			each := len(v) / r.Len()
			to.Scales[s] = append(to.Scales[s], v[k*each:(k+1)*each]...)
		}
		to.Role, to.Image = append(to.Role, role), append(to.Image, r.Image[k])
		to.Quarters = append(to.Quarters, r.Quarters[k])
		if r.Level != nil {
			to.Level = append(to.Level, r.Level[k])
		}
		if each := len(r.Terms) / r.Len(); each > 0 {
			to.Terms = append(to.Terms, r.Terms[k*each:(k+1)*each]...)
		}
	}
	return to
}

// check returns an error unless heads of c can be trained on r.
func (r *Replay) check(c *Config) error {
	n := r.Len()
	if len(r.Image) != n || len(r.Quarters) != n || r.Level != nil && len(r.Level) != n || len(r.Scales) != len(c.Scales) {
		return fmt.Errorf("replay: %d squares, %d images, %d turns, %d levels, %d scales for %d of the model", n, len(r.Image), len(r.Quarters), len(r.Level), len(r.Scales), len(c.Scales))
	}
	for s, channels := range c.Channels() {
		if want := n * c.Head.Side() * c.Head.Side() * channels; len(r.Scales[s]) != want {
			return fmt.Errorf("replay: scale %d has %d values, want %d", s, len(r.Scales[s]), want)
		}
	}
	if len(r.Terms) != 0 && len(r.Terms) != n*len(c.Scales) {
		return fmt.Errorf("replay: %d scores of terms for %d squares", len(r.Terms), n)
	}
	if !finite(r.Terms...) {
		return errors.New("replay: a score of terms is not finite")
	}
	if i := slices.IndexFunc(r.Role, func(role Role) bool { return role >= roles }); i >= 0 {
		return fmt.Errorf("replay: square %d has role %d", i, r.Role[i])
	}
	if i := slices.IndexFunc(r.Quarters, func(t uint8) bool { return t > 3 }); i >= 0 {
		return fmt.Errorf("replay: square %d is turned by %d quarters", i, r.Quarters[i])
	}
	if i := slices.IndexFunc(r.Level, func(l uint8) bool { return int(l) > c.Input.Levels }); i >= 0 {
		return fmt.Errorf("replay: square %d is of level %d: want 0 to %d", i, r.Level[i], c.Input.Levels)
	}
	if i := slices.IndexFunc(r.Image, func(n int32) bool { return n < 0 || n >= maxImages }); i >= 0 {
		return fmt.Errorf("replay: square %d is of image %d: want 0 to %d", i, r.Image[i], maxImages-1)
	}
	return nil
}

// maxImages bounds image numbers to those that float32 holds exactly.
const maxImages = 1 << 24

const (
	replayPrefix = "replay."
	replaySquare = replayPrefix + "squares" // [N 3]: role, image, and turn + 4 × level
	replayTerms  = replayPrefix + "terms"   // [N scales]
)

// tensors returns r as the tensors of a model file.
func (r *Replay) tensors(c *Config) []safetensors.Tensor {
	var all []safetensors.Tensor
	side := c.Head.Side()
	for s, channels := range c.Channels() {
		all = append(all, safetensors.FromSlice(fmt.Sprintf("%s%d", replayPrefix, s), r.Scales[s], r.Len(), side, side, channels))
	}
	squares := make([]float32, 0, 3*r.Len())
	for i, role := range r.Role {
		squares = append(squares, float32(role), float32(r.Image[i]), float32(r.Quarters[i]+4*r.LevelOf(i)))
	}
	if len(r.Terms) > 0 {
		all = append(all, safetensors.FromSlice(replayTerms, r.Terms, r.Len(), len(c.Scales)))
	}
	return append(all, safetensors.FromSlice(replaySquare, squares, r.Len(), 3))
}

// whole reports whether v is an integer from 0 to limit-1.
func whole(v, limit float32) bool {
	return v >= 0 && v < limit && v == float32(int32(v))
}

// loadReplay reads what tensors returned, or returns nil if the file has no replay.
func loadReplay(f *safetensors.File, c *Config) (*Replay, error) {
	t, ok := f.Lookup(replaySquare)
	if !ok {
		return nil, nil
	}
	if len(t.Shape) != 2 || t.Shape[1] != 3 {
		return nil, fmt.Errorf("anomem: %s: %s has shape %v, want [N 3]", f.Name(), replaySquare, t.Shape)
	}
	r := &Replay{}
	squares := make([]float32, t.Len())
	if err := safetensors.Decode(f, replaySquare, squares); err != nil {
		return nil, err
	}
	for i := 0; i < len(squares); i += 3 {
		role, image, turn := squares[i], squares[i+1], squares[i+2]
		if !whole(role, float32(roles)) || !whole(image, maxImages) || !whole(turn, float32(4*(c.Input.Levels+1))) {
			return nil, fmt.Errorf("anomem: %s: %s: square %d is (%v, %v, %v)", f.Name(), replaySquare, i/3, role, image, turn)
		}
		r.Role, r.Image = append(r.Role, Role(role)), append(r.Image, int32(image))
		r.Quarters = append(r.Quarters, uint8(turn)%4)
		if c.Input.Levels > 0 {
			r.Level = append(r.Level, uint8(turn)/4)
		}
	}
	for s := range c.Scales {
		name := fmt.Sprintf("%s%d", replayPrefix, s)
		t, ok := f.Lookup(name)
		if !ok {
			return nil, fmt.Errorf("anomem: %s: there is no %s", f.Name(), name)
		}
		v := make([]float32, t.Len())
		if err := safetensors.Decode(f, name, v); err != nil {
			return nil, err
		}
		if i := notFinite(v); i >= 0 {
			return nil, fmt.Errorf("anomem: %s: %s: value %d is %v", f.Name(), name, i, v[i])
		}
		r.Scales = append(r.Scales, v)
	}
	if t, ok := f.Lookup(replayTerms); ok {
		r.Terms = make([]float64, t.Len())
		if err := safetensors.Decode(f, replayTerms, r.Terms); err != nil {
			return nil, err
		}
	}
	if err := r.check(c); err != nil {
		return nil, fmt.Errorf("anomem: %s: %w", f.Name(), err)
	}
	return r, nil
}
