package augment

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, kind := range []Kind{Object, Part, Texture} {
		for _, size := range []int{32, 256} {
			o := ForKind(kind, size)
			if err := o.Check(); err != nil {
				t.Errorf("%v at %d pixels: %v", kind, size, err)
			}
			if (o.Blur > 0) != (size >= 64) {
				t.Errorf("%v at %d pixels: blur with probability %g", kind, size, o.Blur)
			}
			if sharp := kind != Object; sharp != (o.BlurSigma[1] < 2) {
				t.Errorf("%v at %d pixels: blur by up to %g pixels", kind, size, o.BlurSigma[1])
			}
		}
	}
	if o := ForKind(Part, 32); o.Flip != 0 || o.Turn != 0 {
		t.Errorf("a part is mirrored or turned: %+v", o)
	}
	if o := ForKind(Texture, 32); o.Jitter != 0 || o.Hue != 0 || o.Grey != 0 {
		t.Errorf("a texture changes its colours: %+v", o)
	}
	if err := new(Options).Check(); err != nil {
		t.Errorf("no augmentation: %v", err)
	}
	for want, change := range map[string]func(o *Options){
		"Flip is -0.1":           func(o *Options) { o.Flip = -0.1 },
		"Turn is NaN":            func(o *Options) { o.Turn = math.NaN() },
		"Jitter is 1.5":          func(o *Options) { o.Jitter = 1.5 },
		"Brightness is 2":        func(o *Options) { o.Brightness = 2 },
		"Contrast is 2":          func(o *Options) { o.Contrast = 2 },
		"Saturation is 2":        func(o *Options) { o.Saturation = 2 },
		"Hue is 0.6":             func(o *Options) { o.Hue = 0.6 },
		"Grey is 2":              func(o *Options) { o.Grey = 2 },
		"Blur is 2":              func(o *Options) { o.Blur = 2 },
		"Noise is +Inf":          func(o *Options) { o.Noise = math.Inf(1) },
		"CropArea is 0 to 1":     func(o *Options) { o.CropArea[0] = 0 },
		"CropArea is 0.2 to 2":   func(o *Options) { o.CropArea[1] = 2 },
		"CropRatio is 0 to 0":    func(o *Options) { o.CropRatio = [2]float64{} },
		"CropRatio is 2 to 1":    func(o *Options) { o.CropRatio = [2]float64{2, 1} },
		"CropRatio is 1 to +Inf": func(o *Options) { o.CropRatio = [2]float64{1, math.Inf(1)} },
		"BlurSigma is 0 to 2":    func(o *Options) { o.BlurSigma[0] = 0 },
		"BlurSigma is 0.1 to 51": func(o *Options) { o.BlurSigma[1] = 51 },
	} {
		o := ForKind(Object, 64)
		change(&o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestNames: the names that flags and files use.
func TestNames(t *testing.T) {
	type settings struct {
		Kinds  []Kind
		Shifts []Shift
	}
	all := settings{[]Kind{Object, Part, Texture}, []Shift{None, Rotate, CutPaste, Blemish, Mixed}}
	text, err := json.Marshal(all)
	if want := `{"Kinds":["object","part","texture"],"Shifts":["none","rotate","cutpaste","blemish","mixed"]}`; string(text) != want || err != nil {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	var got settings
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if got.Kinds[i] != all.Kinds[i] || got.Shifts[i] != all.Shifts[i] {
			t.Errorf("read %v, want %v", got, all)
		}
	}
	if _, err := ParseKind("cat"); err == nil || err.Error() != `augment: "cat" is no kind of image: want one of object, part, texture` {
		t.Error(err)
	}
	if _, err := ParseShift(""); err == nil || err.Error() != `augment: "" is no shift: want one of none, rotate, cutpaste, blemish, mixed` {
		t.Error(err)
	}
	if got := Kind(7).String() + Shift(7).String(); got != "Kind(7)Shift(7)" {
		t.Error(got)
	}
}
