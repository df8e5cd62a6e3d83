package augment

import "fmt"

// Kind is what images show. It decides which changes leave a normal image normal.
type Kind uint8

const (
	Object  Kind = iota // things as a camera meets them: from anywhere, in any light
	Part                // one product, held in place under a lamp
	Texture             // a surface without up or down
)

var kinds = [...]string{Object: "object", Part: "part", Texture: "texture"}

// String returns "object", "part" or "texture".
func (k Kind) String() string { return name(kinds[:], uint8(k), "Kind") }

// ParseKind is the inverse of String. It fails for any other text.
func ParseKind(s string) (Kind, error) {
	k, err := parse(kinds[:], s, "kind of image")
	return Kind(k), err
}

// MarshalText implements encoding.TextMarshaler by String.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler by ParseKind.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// blurFrom is the smallest size of views that are blurred. A blur by two pixels leaves
// little of a smaller view; SimCLR has none on CIFAR-10 either.
const blurFrom = 64

// ForKind returns the options for views of size×size pixels of a kind of image. It panics
// for an unknown kind.
//
// The noise is a hundredth of the range, 2.5 of 255 levels. The paper lists Gaussian
// noise without a figure. Cameras add as much at usual gains, so normal images already
// differ by it and it hides no defect.
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
	if kind != Object {
		// The camera of a machine is in focus. A blur by two pixels hides defects that are a
		// pixel or two wide in a view, and their cells keep their labels.
		o.BlurSigma[1] = 1
	}
	switch kind {
	case Object:
	case Part:
		// A mirrored part is another part, or a wrongly mounted one. Nearly all of a
		// part stays in view, or a missing corner would look like a crop: crops shift
		// and zoom by about a tenth, as fixtures do. Half of the jitter stands for ageing
		// lamps; more would teach that discoloured parts are normal.
		o.Flip = 0
		o.CropArea, o.CropRatio = [2]float64{0.8, 1}, [2]float64{0.9, 1 / 0.9}
		o.Brightness, o.Contrast, o.Saturation = 0.2, 0.2, 0.2
	case Texture:
		// A surface may lie any way round: all eight symmetries of the square are
		// equally likely. A stain is a change of colour, so no view changes colours.
		// The scale tells good from bad (the pitch of a weave, the size of grains), so
		// crops magnify by a sixth at most.
		o.Turn = 0.75
		o.CropArea, o.CropRatio = [2]float64{0.75, 1}, [2]float64{0.9, 1 / 0.9}
		o.Jitter, o.Brightness, o.Contrast, o.Saturation = 0, 0, 0, 0
	default:
		panic(fmt.Sprintf("augment: ForKind: there is no %v", kind))
	}
	return o
}
