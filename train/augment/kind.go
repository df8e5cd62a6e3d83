package augment

import "fmt"

// Kind is what images show, and so which changes leave a normal one normal.
type Kind uint8

const (
	Object  Kind = iota // things as a camera meets them: from anywhere, in any light
	Part                // one product, held in place under a lamp
	Texture             // a surface without up or down
)

var kinds = [...]string{Object: "object", Part: "part", Texture: "texture"}

func (k Kind) String() string { return name(kinds[:], uint8(k), "Kind") }

// ParseKind returns the kind that String names.
func ParseKind(s string) (Kind, error) {
	k, err := parse(kinds[:], s, "kind of image")
	return Kind(k), err
}

// MarshalText is String, for files and flags.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is ParseKind, for files and flags.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// blurFrom is the smallest size that is blurred: of a smaller view, a blur by two
// pixels leaves little (SimCLR has none on CIFAR-10 either).
const blurFrom = 64

// ForKind returns the options for views of size×size pixels of a kind of image.
//
// The noise is a hundredth of the range, 2.5 of 255 levels. The paper's source lists
// Gaussian noise without a figure; this is what cameras add at usual gains, so that
// normal images differ by as much already and no defect is hidden by it.
func ForKind(kind Kind, size int) Options {
	o := Options{
		CropArea: [2]float64{0.2, 1}, CropRatio: [2]float64{3. / 4, 4. / 3},
		Flip:   0.5,
		Jitter: 0.8, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4,
		Blur: 0.5, BlurSigma: [2]float64{0.1, 2},
		Noise: 0.01,
	}
	if size < blurFrom {
		o.Blur = 0
	}
	switch kind {
	case Object:
	case Part:
		// A mirrored part is another part, or a wrongly mounted one. A missing corner
		// must not look like a crop, so that nearly all of the part stays in view:
		// this shifts and zooms by about a tenth, as fixtures do. Lamps age, which
		// half of the jitter stands for; more would teach that discoloured parts are
		// normal.
		o.Flip = 0
		o.CropArea, o.CropRatio = [2]float64{0.8, 1}, [2]float64{0.9, 1 / 0.9}
		o.Brightness, o.Contrast, o.Saturation = 0.2, 0.2, 0.2
	case Texture:
		// A surface may lie any way round: all eight symmetries of the square, equally
		// likely. A stain is a change of colour, so that no view changes any. The
		// scale of a texture tells good from bad (the pitch of a weave, the size of
		// grains): crops magnify by a sixth at most.
		o.Turn = 0.75
		o.CropArea, o.CropRatio = [2]float64{0.75, 1}, [2]float64{0.9, 1 / 0.9}
		o.Jitter, o.Brightness, o.Contrast, o.Saturation = 0, 0, 0, 0
	default:
		panic(fmt.Sprintf("augment: ForKind: there is no %v", kind))
	}
	return o
}
