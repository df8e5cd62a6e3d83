package serve

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"

	"anomem"
)

// tensors adds the images of a request: one input, of encoded images (BYTES [N]) or of their
// pixels (UINT8 [N H W 3], red, green and blue). Binary tensors follow the JSON.
func (b *batchOf) tensors(req *inferRequest, binary []byte) error {
	if len(req.Inputs) != 1 || req.Inputs[0].Name != imageTensor {
		return refuse(http.StatusBadRequest, "want one input, of name %q", imageTensor)
	}
	in := &req.Inputs[0]
	if in.Parameters.Shared != nil {
		return refuse(http.StatusBadRequest, "input %q: shared memory is not known here", imageTensor)
	}
	n := len(binary)
	if size := in.Parameters.BinarySize; size == nil && n > 0 || size != nil && *size != int64(n) {
		return refuse(http.StatusBadRequest, "input %q: its binary_data_size is not that of the %d bytes behind the JSON", imageTensor, n)
	}
	if hasData := in.Data != nil; hasData == (in.Parameters.BinarySize != nil) {
		return refuse(http.StatusBadRequest, "input %q: want either data or binary_data_size", imageTensor)
	}
	switch in.Datatype {
	case typeBytes:
		return b.encoded(in, binary)
	case typeUint8:
		return b.raw(in, binary)
	}
	return refuse(http.StatusBadRequest, "input %q of type %.100q: want BYTES, encoded images, or UINT8, pixels", imageTensor, in.Datatype)
}

// checkImages refuses requests without an image, or with too many.
func (s *Server) checkImages(n int64) error {
	if n < 1 {
		return refuse(http.StatusBadRequest, "%d images: want 1 or more", n)
	}
	if n > int64(s.limits.Images) {
		return refuse(http.StatusRequestEntityTooLarge, "%d images, more than %d", n, s.limits.Images)
	}
	return nil
}

// encoded adds images that are files, as base64 text in JSON.
func (b *batchOf) encoded(in *inputTensor, binary []byte) error {
	if len(in.Shape) != 1 && !(len(in.Shape) == 2 && in.Shape[1] == 1) {
		return refuse(http.StatusBadRequest, "input %q of shape %v: want [N] for encoded images", imageTensor, in.Shape)
	}
	if err := b.s.checkImages(in.Shape[0]); err != nil {
		return err
	}
	files, err := splitBytes(binary)
	if in.Data != nil {
		files, err = textBytes(in.Data)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "input %q: %v", imageTensor, err)
	}
	if int64(len(files)) != in.Shape[0] {
		return refuse(http.StatusBadRequest, "input %q: %d images for the shape %v", imageTensor, len(files), in.Shape)
	}
	for i, file := range files {
		if err := b.decode(fmt.Sprintf("image %d", i), file); err != nil {
			return err
		}
	}
	return nil
}

// splitBytes returns the elements of a binary tensor of type BYTES. Each stands behind its
// length, 4 bytes, the lowest first.
func splitBytes(data []byte) ([][]byte, error) {
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 4 {
			return nil, errors.New("the binary data end within the length of an element")
		}
		n := uint64(binary.LittleEndian.Uint32(data))
		if data = data[4:]; n > uint64(len(data)) {
			return nil, fmt.Errorf("element %d has %d bytes, but %d follow", len(all), n, len(data))
		}
		all = append(all, data[:n:n])
		data = data[n:]
	}
	return all, nil
}

// textBytes returns the elements of a tensor of type BYTES in JSON: base64 texts.
func textBytes(data json.RawMessage) ([][]byte, error) {
	var texts []string
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, fmt.Errorf("data: want an array of base64 texts: %w", err)
	}
	all := make([][]byte, len(texts))
	for i, text := range texts {
		var err error
		if all[i], err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("data %d: want an image file as base64 text: %w", i, err)
		}
	}
	return all, nil
}

// raw adds images of red, green and blue bytes.
func (b *batchOf) raw(in *inputTensor, binary []byte) error {
	s := in.Shape
	if len(s) != 4 || s[1] < 1 || s[2] < 1 || s[3] != 3 {
		return refuse(http.StatusBadRequest, "input %q of shape %v: want [N H W 3] for pixels", imageTensor, s)
	}
	if err := b.s.checkImages(s[0]); err != nil {
		return err
	}
	if most := int64(b.s.limits.Pixels); s[1] > most || s[2] > most {
		return refuse(http.StatusRequestEntityTooLarge, "input %q of shape %v: more than %d pixels", imageTensor, s, most)
	}
	h, w := int(s[1]), int(s[2])
	if err := b.s.checkPixels(w, h); err != nil {
		return err
	}
	each := 3 * h * w
	want := int(s[0]) * each
	if in.Data != nil {
		var err error
		if binary, err = flatBytes(in.Data, want); err != nil {
			return refuse(http.StatusBadRequest, "input %q: %v", imageTensor, err)
		}
	}
	if len(binary) != want {
		return refuse(http.StatusBadRequest, "input %q: %d bytes for the shape %v", imageTensor, len(binary), s)
	}
	for ; len(binary) > 0; binary = binary[each:] {
		if err := b.pixels(w, h, binary[:each:each]); err != nil {
			return err
		}
	}
	return nil
}

// flatBytes returns the numbers 0 to 255 of a JSON array, in any nesting. It fails unless
// there are n.
func flatBytes(data json.RawMessage, n int) ([]byte, error) {
	// Each number takes two characters at least, with what separates it.
	out := make([]byte, 0, min(n, len(data)/2+1))
	for i := 0; i < len(data); {
		switch c := data[i]; {
		case c == '[' || c == ']' || c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		case '0' <= c && c <= '9':
			v := 0
			for ; i < len(data) && '0' <= data[i] && data[i] <= '9' && v <= 255; i++ {
				v = 10*v + int(data[i]-'0')
			}
			if ended := i == len(data) || data[i] == ',' || data[i] == ']' || data[i] <= ' '; v > 255 || !ended {
				return nil, errors.New("data: want whole numbers from 0 to 255")
			}
			if len(out) == n {
				return nil, fmt.Errorf("data: more than the %d numbers of the shape", n)
			}
			out = append(out, byte(v))
		default:
			return nil, errors.New("data: want an array of whole numbers from 0 to 255")
		}
	}
	return out, nil
}

// tensor returns an output for the images of a request.
func (v *version) tensor(name string, xs []anomem.Explanation) (outputTensor, error) {
	t := outputTensor{Name: name, Shape: []int{len(xs)}, Datatype: typeFP64}
	if name == heatmapTensor {
		return heatmaps(t, xs)
	}
	var numbers []float64
	var verdicts []bool
	for _, x := range xs {
		switch name {
		case scoreTensor:
			numbers = append(numbers, x.Score)
		case scalesTensor:
			numbers = append(numbers, x.Scales...)
		case pValueTensor:
			numbers = append(numbers, x.PValue)
		case anomalousTensor:
			verdicts = append(verdicts, x.Anomalous)
		}
	}
	switch t.Data = numbers; name {
	case scalesTensor:
		t.Shape = append(t.Shape, v.scales)
	case anomalousTensor:
		t.Datatype, t.Data = typeBool, verdicts
	}
	return t, nil
}

// heatmaps returns the heatmaps of images as the tensor t, [N H W].
func heatmaps(t outputTensor, xs []anomem.Explanation) (outputTensor, error) {
	first := xs[0].Heatmap
	t.Datatype, t.Shape = typeFP32, append(t.Shape, first.H, first.W)
	var values []float32
	for _, x := range xs {
		if x.Heatmap.W != first.W || x.Heatmap.H != first.H {
			return t, refuse(http.StatusBadRequest, "output %q: images of different sizes have no common tensor", heatmapTensor)
		}
		values = append(values, x.Heatmap.Value...)
	}
	t.Data = values
	return t, nil
}

// appendTensor appends the values of a tensor as bytes, the lowest first.
func appendTensor(to []byte, values any) []byte {
	switch values := values.(type) {
	case []float64:
		for _, v := range values {
			to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
		}
	case []float32:
		for _, v := range values {
			to = binary.LittleEndian.AppendUint32(to, math.Float32bits(v))
		}
	case []bool:
		for _, v := range values {
			bit := byte(0)
			if v {
				bit = 1
			}
			to = append(to, bit)
		}
	}
	return to
}
