package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"anomem/imageio"
)

// labelsAnswer is what GET /v1/labels answers.
type labelsAnswer struct {
	Labels []Label `json:"labels"`
	Most   int     `json:"most"` // that are taken
}

// errNoLabels refuses marks that nobody keeps.
var errNoLabels = refuse(http.StatusNotFound, "this server keeps no marks")

// listLabels answers GET /v1/labels.
func (s *Server) listLabels(w http.ResponseWriter, r *http.Request) error {
	if s.labels == nil {
		return errNoLabels
	}
	all, err := s.labels.list()
	if err != nil {
		return err
	}
	return s.sendJSON(w, labelsAnswer{append([]Label{}, all...), s.labels.most})
}

// putLabel answers POST /v1/labels: it keeps an image with its mark.
func (s *Server) putLabel(w http.ResponseWriter, r *http.Request) error {
	if s.labels == nil {
		return errNoLabels
	}
	q, err := query(r.URL.RawQuery, "label", "model")
	if err != nil {
		return err
	}
	kind := q["label"]
	if kind != labelNormal && kind != labelDefect {
		return refuse(http.StatusBadRequest, "label=%.100q: want normal or defect", kind)
	}
	_, v, err := s.model(q["model"])
	if err != nil {
		return err
	}
	boundary, err := multipartBoundary(r)
	if err != nil {
		return err
	}
	b, err := s.openBody(w, r)
	if err != nil {
		return err
	}
	defer b.close()
	file, maskFile, err := b.imageAndMask(boundary)
	if err != nil {
		return err
	}
	mask, err := s.checkLabel(r.Context(), v, kind, file, maskFile)
	if err != nil {
		return err
	}
	made, err := s.labels.put(file, kind, mask)
	if errors.Is(err, errLabelsFull) {
		return refuse(http.StatusInsufficientStorage, "%d images are marked already, as many as this server keeps", s.labels.most)
	}
	if err != nil {
		return err
	}
	return s.sendJSON(w, made)
}

// imageAndMask reads a body that is an image, or one of parts called image and mask. mask is
// nil if there is none.
func (b *body) imageAndMask(boundary string) (image, mask []byte, err error) {
	if boundary == "" {
		image, err = b.readAll(b)
		return image, nil, err
	}
	parts := multipart.NewReader(b, boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, malformed(err)
		}
		to := &image
		switch name := part.FormName(); {
		case name == "mask":
			to = &mask
		case name != "image":
			return nil, nil, refuse(http.StatusBadRequest, "a part of name %.100q: want image and perhaps mask", name)
		}
		if *to != nil {
			return nil, nil, refuse(http.StatusBadRequest, "two parts of name %s", part.FormName())
		}
		if *to, err = b.readAll(part); err != nil {
			return nil, nil, malformed(err)
		}
	}
	if _, err := io.Copy(io.Discard, b); err != nil { // what comes after the last part
		return nil, nil, malformed(err)
	}
	b.ended()
	if image == nil {
		return nil, nil, refuse(http.StatusBadRequest, "the body has no part of name image")
	}
	return image, mask, nil
}

// checkLabel decodes an image that is to be kept, and its mask, which takes the image's size.
// It refuses what training could not read.
func (s *Server) checkLabel(ctx context.Context, v *version, kind string, file, maskFile []byte) (*imageio.Mask, error) {
	img, held, err := s.decode(ctx, v, bodyName, file)
	if err != nil {
		return nil, err
	}
	w, h := img.W, img.H
	s.images.put(held) // whoever holds some must not wait for more
	switch {
	case maskFile == nil:
		return nil, nil
	case kind != labelDefect:
		return nil, refuse(http.StatusBadRequest, "a normal image has no mask")
	}
	marks, held, err := s.decode(ctx, v, "mask", maskFile)
	if err != nil {
		return nil, err
	}
	mask := imageio.NewMask(marks.W, marks.H)
	for i := range mask.Pix {
		mask.Pix[i] = marks.Pix[3*i] >= 128
	}
	s.images.put(held)
	// Rounding to a smaller size moves a side by half a pixel.
	if off := w*mask.H - h*mask.W; 2*max(off, -off) > max(w, h) {
		return nil, refuse(http.StatusUnprocessableEntity, "the mask has %d×%d pixels, and the image %d×%d: want the same shape", mask.W, mask.H, w, h)
	}
	if err := s.images.wait(ctx, cost(w, h)); err != nil {
		return nil, err
	}
	defer s.images.put(cost(w, h))
	mask = mask.Resize(w, h)
	if !mask.Any() {
		return nil, refuse(http.StatusUnprocessableEntity, "the mask marks nothing: it is white where the defect is, on black")
	}
	return mask, readsAlike(mask)
}

// readsAlike returns an error if training would read another mask from the file of one: what
// covers most of the border is taken for the background.
func readsAlike(mask *imageio.Mask) error {
	var file bytes.Buffer
	if err := png.Encode(&file, mask.ToImage()); err != nil {
		return err
	}
	read, err := imageio.DecodeMask(&file)
	if err != nil {
		return err
	}
	if !slices.Equal(read.Pix, mask.Pix) {
		return refuse(http.StatusUnprocessableEntity, "the mask marks most of the image's border: mark less, or nothing")
	}
	return nil
}

// labelOf returns the mark that a request names.
func (s *Server) labelOf(r *http.Request) (Label, error) {
	if s.labels == nil {
		return Label{}, errNoLabels
	}
	l, ok, err := s.labels.find(r.PathValue("id"))
	if err == nil && !ok {
		err = refuse(http.StatusNotFound, "there is no mark %.100q", r.PathValue("id"))
	}
	return l, err
}

// labelledImage answers GET /v1/labels/{id} with the image. It is no page, whatever it holds.
func (s *Server) labelledImage(w http.ResponseWriter, r *http.Request) error {
	l, err := s.labelOf(r)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(l.file)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%s", filepath.Base(l.file)))
	return s.send(w, http.StatusOK, "application/octet-stream", file)
}

// removeLabel answers DELETE /v1/labels/{id}.
func (s *Server) removeLabel(w http.ResponseWriter, r *http.Request) error {
	l, err := s.labelOf(r)
	if err != nil {
		return err
	}
	if _, err := s.labels.remove(l.ID); err != nil {
		return err
	}
	return s.sendJSON(w, struct{}{})
}
