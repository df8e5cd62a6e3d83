package anomem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/resnet"
)

// leastConfig is the smallest possible model, for fuzzing.
func leastConfig() Config {
	c := tinyConfig()
	c.Encoder.Width, c.Input.Size = 1.0/64, 8
	c.Scales[0].Patterns, c.Scales[1].Patterns = 3, 2
	c.Head.Pool, c.Head.Hidden = 1, 2
	return c
}

// leastReplay holds a square of each role, for leastConfig.
func leastReplay() *Replay {
	r := &Replay{Role: []Role{RoleNormal, RoleSelf, RoleKnown, RoleBag, RoleHeld}, Image: []int32{0, 0, 7, 1<<24 - 1, 3}, Quarters: []uint8{0, 0, 0, 1, 3}}
	for _, channels := range []int{4, 8} {
		var v []float32
		for i := range 5 * channels {
			v = append(v, float32(i)/7)
		}
		r.Scales = append(r.Scales, v)
	}
	return r
}

// completeModel has everything that a file can hold.
func completeModel(t testing.TB) *Model {
	t.Helper()
	return completeModelOf(t, leastConfig())
}

// localModel is completeModel with local heads.
func localModel(t testing.TB) *Model {
	t.Helper()
	c := leastConfig()
	c.Head.Pool, c.Head.Local = 3, true
	return completeModelOf(t, c)
}

// pairedModel is completeModel with a second head a scale, for rotated copies.
func pairedModel(t testing.TB) *Model {
	t.Helper()
	return completeModelOf(t, paired(leastConfig()))
}

func completeModelOf(t testing.TB, c Config) *Model {
	t.Helper()
	c.Score.Kind = ScoreHeads
	m := tinyModel(t, c, nil)
	if err := m.SetReplay(leastReplay()); err != nil {
		t.Fatal(err)
	}
	if err := m.Calibrate([]float64{0.3, -1e-9, 1. / 3, 5, 1e300}, Promise{Alpha: 0.2}); err != nil {
		t.Fatal(err)
	}
	m.SetProvenance(Provenance{
		Version: "v1 <&>", Seed: math.MaxUint64, Data: "digest", Images: 12, Known: 3,
		Notes: []string{"a note, 60 %", "“quoted” \n λ"}, Train: json.RawMessage(`{"seed":1,"shift":"rotate"}`),
	})
	return m
}

func fileOf(t testing.TB, m *Model) []byte {
	t.Helper()
	tensors, meta, err := m.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	return written(t, tensors, meta)
}

func written(t testing.TB, tensors []safetensors.Tensor, meta map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, meta); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func loadBytes(b []byte, opts ...LoadOption) (*Model, error) {
	f, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)), "bytes")
	if err != nil {
		return nil, err
	}
	return LoadFrom(f, nil, opts...)
}

// A model keeps its scores, its verdicts and the bytes of its file when it is saved and
// loaded.
func TestSaveAndLoad(t *testing.T) {
	plain := tinyModel(t, tinyConfig(), nil)
	plain.parts.Heads = nil
	for name, m := range map[string]*Model{"complete": completeModel(t), "local": localModel(t), "paired": pairedModel(t), "plain": plain, "tiles": tinyModel(t, tiled(tinyConfig()), nil)} {
		dir := t.TempDir()
		first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
		if err := m.Save(first); err != nil {
			t.Fatal(err)
		}
		back, err := Load(first, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := back.Save(second); err != nil {
			t.Fatal(err)
		}
		a, _ := os.ReadFile(first)
		b, _ := os.ReadFile(second)
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes, and after a load %d others", name, len(a), len(b))
		}
		if !reflect.DeepEqual(back.Config(), m.Config()) || !reflect.DeepEqual(back.Provenance(), m.Provenance()) ||
			!reflect.DeepEqual(back.Replay(), m.Replay()) || !reflect.DeepEqual(back.Calibration(), m.Calibration()) {
			t.Errorf("%s: another model: %+v, %+v", name, back.Config(), back.Provenance())
		}
		if s, alpha := back.Threshold(); s != first2(m.Threshold()) || alpha != m.promise.Alpha {
			t.Errorf("%s: threshold %v for %v", name, s, alpha)
		}
		for i, img := range someImages() {
			if got, want := back.Score(img), m.Score(img); !sameResult(got, want) {
				t.Errorf("%s: image %d: %+v after a load, %+v before", name, i, got, want)
			}
			if !slices.Equal(back.Heatmap(img).Value, m.Heatmap(img).Value) {
				t.Errorf("%s: image %d: another heatmap after a load", name, i)
			}
		}
	}
}

func first2(a, _ float64) float64 { return a }

func TestSetReplayRefuses(t *testing.T) {
	m := tinyModel(t, leastConfig(), nil)
	for want, change := range map[string]func(r *Replay){
		"5 squares, 4 images":          func(r *Replay) { r.Image = r.Image[1:] },
		"1 scales for 2":               func(r *Replay) { r.Scales = r.Scales[1:] },
		"scale 1 has 39 values":        func(r *Replay) { r.Scales[1] = r.Scales[1][1:] },
		"square 2 has role 5":          func(r *Replay) { r.Role[2] = roles },
		"5 squares, 5 images, 4 turns": func(r *Replay) { r.Quarters = r.Quarters[1:] },
		"square 1 is turned by 4":      func(r *Replay) { r.Quarters[1] = 4 },
		"square 4 is of image -1":      func(r *Replay) { r.Image[4] = -1 },
		"square 0 is of image 16777":   func(r *Replay) { r.Image[0] = 1 << 24 },
	} {
		r := leastReplay()
		change(r)
		if err := m.SetReplay(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if err := m.SetReplay(nil); err != nil || m.Replay() != nil {
		t.Error(err)
	}
}

// forged is a file of completeModel with changed tensors and metadata.
type forged struct {
	tensors []safetensors.Tensor
	meta    map[string]string
	config  map[string]any
}

func (f *forged) in(part string) map[string]any { return f.config[part].(map[string]any) }

func (f *forged) scale(i int) map[string]any {
	return f.config["scales"].([]any)[i].(map[string]any)
}

func (f *forged) drop(name string) {
	f.tensors = slices.DeleteFunc(f.tensors, func(t safetensors.Tensor) bool { return t.Name == name })
}

// put replaces a tensor, or adds one.
func (f *forged) put(name string, v []float32, shape ...int) {
	f.drop(name)
	f.tensors = append(f.tensors, safetensors.FromSlice(name, v, shape...))
}

// spoil sets the first value of a float32 tensor.
func (f *forged) spoil(name string, v float32) {
	i := slices.IndexFunc(f.tensors, func(t safetensors.Tensor) bool { return t.Name == name })
	if i < 0 {
		panic(name)
	}
	data := f.tensors[i].Data
	f.tensors[i].Data = func(w io.Writer) error {
		var b bytes.Buffer
		if err := data(&b); err != nil {
			return err
		}
		var first bytes.Buffer
		if err := safetensors.Encode(&first, []float32{v}); err != nil {
			return err
		}
		copy(b.Bytes(), first.Bytes())
		_, err := w.Write(b.Bytes())
		return err
	}
}

var forgeries = []struct {
	want string // in the error
	do   func(f *forged)
}{
	{"is no anomem model", func(f *forged) { delete(f.meta, formatKey) }},
	{`is of format "2"`, func(f *forged) { f.meta[formatKey] = "2" }},
	{`"anomem.config"`, func(f *forged) { f.config = nil; f.meta[configKey] = "{" }},
	{`"anomem.provenance"`, func(f *forged) { delete(f.meta, provenanceKey) }},
	{"-40 of them known anomalies", func(f *forged) { f.meta[provenanceKey] = `{"images":12,"known":-40}` }},
	{`"anomem.calibration"`, func(f *forged) { delete(f.meta, calibrationKey) }},
	{"false-alarm rate 2", func(f *forged) { f.meta[calibrationKey] = `{"alpha":2}` }},
	{"cannot promise", func(f *forged) { f.meta[calibrationKey] = `{"alpha":0.01}` }},
	{"input size 0", func(f *forged) { delete(f.in("input"), "size") }},
	{"updates", func(f *forged) { f.in("memory")["updates"] = 1 << 40 }},

	// The sizes that a configuration claims are not allocated.
	{`"encoder.layer4.1.conv2.weight" is missing or not of shape [524288 524288 3 3]`, func(f *forged) { f.in("encoder")["width"] = 1024 }},
	{`"encoder.layer4.1.conv2.weight" is missing or not of shape [32768 32768 3 3]`, func(f *forged) {
		f.in("encoder")["width"] = 64
		f.put("encoder.conv1.weight", make([]float32, 4096*27), 4096, 3, 3, 3)
	}},
	{`"memory.1.patterns" is missing or not of shape [1048576 8]`, func(f *forged) { f.scale(1)["patterns"] = 1 << 20 }},
	{`"head.0.hidden.weight" is missing or not of shape [65536 4]`, func(f *forged) { f.in("head")["hidden"] = 1 << 16 }},
	{`"head.1.hidden.weight" is missing or not of shape [8192 32768]`, func(f *forged) {
		f.in("head")["hidden"], f.in("head")["pool"] = 1<<13, 64
		f.put("head.0.hidden.weight", nil, 0)
		f.tensors[len(f.tensors)-1] = safetensors.Tensor{
			Name: "head.0.hidden.weight", DType: "F4", Shape: []int{1 << 13, 64 * 64 * 4},
			Data: func(w io.Writer) error { _, err := w.Write(make([]byte, 1<<13*64*64*2)); return err },
		}
	}},
	{"-2", func(f *forged) { f.scale(0)["patterns"] = -2 }},
	{"1e999", func(f *forged) {
		f.meta[configKey] = strings.Replace(f.meta[configKey], `"beta":2`, `"beta":1e999`, 1)
		f.config = nil
	}},

	{"missing in the file", func(f *forged) { f.drop("encoder.layer1.0.bn1.bias") }},
	{`"memory.0.patterns" is missing`, func(f *forged) { f.drop("memory.0.patterns") }},
	{`"head.1.hidden.weight" is missing`, func(f *forged) { f.drop("head.1.hidden.weight") }},
	{"missing in the file", func(f *forged) { f.drop("head.0.out.bias") }},
	{`"turned.0.hidden.weight" is missing`, func(f *forged) { f.in("head")["turned"], f.in("score")["turns"] = 0.5, true }},
	{"need a score against rotated copies", func(f *forged) { f.in("head")["turned"] = 0.5 }},
	{"weight -1 of heads for rotated copies", func(f *forged) { f.in("head")["turned"] = -1 }},
	{"there are none", func(f *forged) {
		f.tensors = slices.DeleteFunc(f.tensors, func(t safetensors.Tensor) bool { return strings.HasPrefix(t.Name, "head.") })
	}},
	{"unexpected in the file", func(f *forged) { f.put("encoder.fc.weight", []float32{1}, 1) }},
	{"of another shape", func(f *forged) { f.put("encoder.bn1.bias", []float32{1, 2}, 2) }},
	{"value 0 of encoder.conv1.weight is NaN", func(f *forged) { f.spoil("encoder.conv1.weight", float32(math.NaN())) }},
	{"value 0 of memory.1.patterns is -Inf", func(f *forged) { f.spoil("memory.1.patterns", float32(math.Inf(-1))) }},
	{"a variance below 0", func(f *forged) { f.spoil("encoder.bn1.running_var", -1) }},

	{"replay.squares has shape [10]", func(f *forged) { f.put(replaySquare, make([]float32, 10), 10) }},
	{"replay.squares has shape [5 2]", func(f *forged) { f.put(replaySquare, make([]float32, 10), 5, 2) }},
	{"replay: scale 0 has 20 values, want 16", func(f *forged) { f.put(replaySquare, make([]float32, 12), 4, 3) }},
	{"there is no replay.1", func(f *forged) { f.drop("replay.1") }},
	{"replay: scale 0 has 4 values", func(f *forged) { f.put("replay.0", make([]float32, 4), 1, 1, 1, 4) }},
	{"replay.0: value 0 is NaN", func(f *forged) { f.spoil("replay.0", float32(math.NaN())) }},
	{"square 0 is (0.5, 0, 0)", func(f *forged) { f.spoil(replaySquare, 0.5) }},
	{"square 0 is (5, 0, 0)", func(f *forged) { f.spoil(replaySquare, 5) }},
	{"square 0 is (NaN, 0, 0)", func(f *forged) { f.spoil(replaySquare, float32(math.NaN())) }},
	{"square 0 is (-1, 0, 0)", func(f *forged) { f.spoil(replaySquare, -1) }},

	{"score 1 of 2 is NaN", func(f *forged) { f.put(scoresTensor, []float32{1, float32(math.NaN())}, 2) }},
	{"without a held-out normal", func(f *forged) { f.put(scoresTensor, nil, 0) }},
	{"cannot be decoded", func(f *forged) {
		f.drop(scoresTensor)
		f.tensors = append(f.tensors, safetensors.Tensor{Name: scoresTensor, DType: safetensors.I64, Shape: []int{1}, Data: func(w io.Writer) error {
			_, err := w.Write(make([]byte, 8))
			return err
		}})
	}},
}

func forge(t testing.TB, do func(f *forged)) []byte {
	t.Helper()
	f := &forged{}
	var err error
	if f.tensors, f.meta, err = completeModel(t).Tensors(); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(f.meta[configKey]), &f.config); err != nil {
		t.Fatal(err)
	}
	delete(f.meta, checksumKey) // what is refused without it was not damaged, but forged
	do(f)
	if f.config != nil {
		b, err := json.Marshal(f.config)
		if err != nil {
			t.Fatal(err)
		}
		f.meta[configKey] = string(b)
	}
	return written(t, f.tensors, f.meta)
}

// loadAllocates returns how many bytes loading b allocates.
func loadAllocates(b []byte) (uint64, *Model, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := loadBytes(b)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, m, err
}

// allocates bounds what loading n bytes may allocate. A value of half a byte becomes four.
// The encoder is up to twenty times the tensor that it is checked by. Weights are read,
// converted, kept, folded and transformed: some ten copies.
func allocates(n int) uint64 { return 1<<20 + 200*uint64(n) }

func TestLoadRefuses(t *testing.T) {
	for _, c := range forgeries {
		b := forge(t, c.do)
		n, _, err := loadAllocates(b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
		if n > allocates(len(b)) {
			t.Errorf("%s: of a file of %d bytes %d are allocated", c.want, len(b), n)
		}
	}
	if _, err := loadBytes(forge(t, func(*forged) {})); err != nil {
		t.Errorf("what is not forged is refused: %v", err)
	}
	// Scores are sorted on loading.
	m, err := loadBytes(forge(t, func(f *forged) { f.put(scoresTensor, []float32{3, 1, 5, 4, 2}, 5) }))
	if err != nil || !slices.Equal(m.Calibration().Scores, []float64{1, 2, 3, 4, 5}) || m.threshold != 5 {
		t.Errorf("%v: scores %v, threshold %v", err, m.Calibration(), m.threshold)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a file that is not there")
	}
}

// At every depth, the tensor that an encoder is checked by is a twentieth of it or more.
func TestEncodersAreKnownByOneTensor(t *testing.T) {
	for _, depth := range []int{18, 34, 50, 101} {
		for _, width := range []float64{1. / 64, 1. / 8} {
			net, err := resnet.New[float32](resnet.Config{Depth: depth, Width: width})
			if err != nil {
				t.Fatal(err)
			}
			all, known := 0, 0
			for _, e := range nn.Entries(net, "") {
				if all += e.Tensor.Len(); e.Name == "layer4.1.conv2.weight" {
					known = e.Tensor.Len()
				}
			}
			if inner := int(512 * width); known != 9*inner*inner {
				t.Fatalf("ResNet-%d: %d values in layer4.1.conv2.weight", depth, known)
			}
			// At a 64th of the width, biases and norms weigh more.
			if width > 1./64 && all > 20*known || all > 30*known {
				t.Errorf("ResNet-%d of width %g: %d values, %d of them in layer4.1.conv2.weight", depth, width, all, known)
			}
		}
	}
}

// FuzzLoad checks that no file makes Load panic or allocate much more than it holds, and
// that what is loaded can be saved and loaded again to the same file.
func FuzzLoad(f *testing.F) {
	f.Add(fileOf(f, completeModel(f)))
	f.Add(fileOf(f, localModel(f)))
	f.Add(fileOf(f, pairedModel(f)))
	for _, c := range forgeries {
		if b := forge(f, c.do); len(b) < 1<<20 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, m, err := loadAllocates(b)
		if n > allocates(len(b)) {
			t.Errorf("of %d bytes %d are allocated", len(b), n)
		}
		if _, scoring := loadBytes(b, ForScoring()); scoring != nil && err == nil {
			t.Errorf("for scoring what can be loaded is refused: %v", scoring)
		}
		if err != nil {
			if s := fmt.Sprint(err); len(s) > 1<<20 {
				t.Errorf("an error of %d bytes", len(s))
			}
			return
		}
		c := m.Config()
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		first := fileOf(t, m)
		again, err := loadBytes(first)
		if err != nil {
			t.Fatalf("what was loaded and saved is refused: %v", err)
		}
		if !bytes.Equal(first, fileOf(t, again)) {
			t.Error("another file after the second load")
		}
	})
}

// A bit that flips anywhere is found: in the metadata, in a name, in a tensor.
func TestLoadFindsDamage(t *testing.T) {
	m := tinyModel(t, leastConfig(), nil)
	tensors, meta, err := m.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	whole := written(t, tensors, meta)
	if _, err := loadBytes(whole); err != nil {
		t.Fatal(err)
	}
	header := bytes.IndexByte(whole, '{')
	said := 0
	for at := header; at < len(whole); at += 1 + len(whole)/300 {
		b := slices.Clone(whole)
		b[at] ^= 1 << (at % 8)
		_, err := loadBytes(b)
		if err == nil && !bytes.Equal(bytes.TrimSpace(b), bytes.TrimSpace(whole)) && b[at] != ' ' && whole[at] != ' ' {
			t.Errorf("byte %d of %d: a flipped bit is not found", at, len(b))
		}
		if err != nil && strings.Contains(err.Error(), "is damaged") {
			said++
		}
	}
	if said < 200 {
		t.Errorf("%d of 300 errors say that the file is damaged", said)
	}
	delete(meta, checksumKey) // as files of earlier versions
	if _, err := loadBytes(written(t, tensors, meta)); err != nil {
		t.Errorf("without a checksum: %v", err)
	}
}
