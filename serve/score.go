package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"anomem"
	"anomem/describe"
	"anomem/eval/report"
)

// The kinds of heatmaps that /v1/score answers.
const (
	heatPNG  = "png"
	heatJSON = "json"
)

// ResultHeader holds the JSON object of an image whose heatmap is the answer.
const ResultHeader = "Anomem-Result"

// bodyName stands for the image that is a whole body, as it does for standard input in score.
const bodyName = "-"

// score answers POST /v1/score.
func (s *Server) score(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r.URL.RawQuery, "model", "heatmap")
	if err != nil {
		return err
	}
	heat := q["heatmap"]
	if heat != "" && heat != heatPNG && heat != heatJSON {
		return refuse(http.StatusBadRequest, "heatmap=%.100q: want png or json", heat)
	}
	o, v, err := s.model(q["model"])
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
	batch, err := s.begin(r.Context(), o, v, heat != "")
	if err != nil {
		return err
	}
	defer batch.end()
	batch.keep = heat == heatPNG
	switch {
	case boundary == "":
		return s.scoreOne(w, b, batch, heat)
	case heat == heatPNG:
		return refuse(http.StatusBadRequest, "heatmap=png answers one picture: send the image as the body, or ask for heatmap=json")
	}
	return s.scoreParts(w, multipart.NewReader(b, boundary), b, batch)
}

// query returns the values of a query, which has no other names than these, and each once.
func query(raw string, names ...string) (map[string]string, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the query: %v", err)
	}
	got := map[string]string{}
	for _, name := range names {
		values, ok := q[name]
		if delete(q, name); !ok {
			continue
		}
		if len(values) > 1 || values[0] == "" {
			return nil, refuse(http.StatusBadRequest, "the query: want one value of %s", name)
		}
		got[name] = values[0]
	}
	for name := range q {
		return nil, refuse(http.StatusBadRequest, "the query: there is no %.100q; it takes %s", name, strings.Join(names, " and "))
	}
	return got, nil
}

// multipartBoundary returns what parts a request's images, "" if the body is one image.
func multipartBoundary(r *http.Request) (string, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Type"))), "multipart/") {
		return "", nil // tools say anything of an image
	}
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return "", refuse(http.StatusUnsupportedMediaType, "Content-Type %.200q: want multipart/form-data with a boundary, or one image as the body", r.Header.Get("Content-Type"))
	}
	return params["boundary"], nil
}

// scoreOne answers for an image that is the whole body.
func (s *Server) scoreOne(w http.ResponseWriter, b *body, batch *batchOf, heat string) error {
	file, err := b.readAll(b)
	if err != nil {
		return err
	}
	if err := batch.decode(bodyName, file); err != nil {
		return err
	}
	xs, err := batch.all()
	if err != nil {
		return err
	}
	x := xs[0]
	if heat != heatPNG {
		var text bytes.Buffer
		if err := batch.describe(bodyName, x).WriteJSON(&text); err != nil {
			return err
		}
		return s.send(w, http.StatusOK, "application/json", text.Bytes())
	}
	return s.sendPicture(w, batch, x)
}

// sendPicture sends the image beside its heatmap, as score --heatmap draws them.
func (s *Server) sendPicture(w http.ResponseWriter, batch *batchOf, x anomem.Explanation) error {
	result, err := json.Marshal(describe.Scored(bodyName, x.Result))
	if err != nil {
		return err
	}
	lo, hi := batch.v.colours.Of(x.Heatmap)
	var file bytes.Buffer
	// The default level takes some ten times as long, for files a seventh smaller.
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&file, report.Strip(batch.jobs[0].img, x.Heatmap, lo, hi, nil)); err != nil {
		return err
	}
	w.Header().Set(ResultHeader, string(result))
	return s.send(w, http.StatusOK, "image/png", file.Bytes())
}

// describe returns the JSON object of an image, with its heatmap if that is wanted.
func (b *batchOf) describe(name string, x anomem.Explanation) describe.Image {
	d := describe.Scored(name, x.Result)
	if b.where {
		d.Heatmap = describe.HeatmapOf(x.Heatmap, b.v.colours)
	}
	return d
}

// scoreParts answers for the images that are the parts of a body, in their order.
func (s *Server) scoreParts(w http.ResponseWriter, parts *multipart.Reader, b *body, batch *batchOf) error {
	var names []string
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return malformed(err)
		}
		if len(names) == s.limits.Images {
			return refuse(http.StatusRequestEntityTooLarge, "more than %d parts", s.limits.Images)
		}
		name := partName(part)
		file, err := b.readAll(part)
		if err != nil {
			return malformed(err)
		}
		if err := b.during(func() error { return batch.decode(name, file) }); err != nil {
			return err
		}
		b.give(int64(cap(file)))
		names = append(names, name)
	}
	if _, err := io.Copy(io.Discard, b); err != nil { // what comes after the last part
		return malformed(err)
	}
	b.ended()
	if len(names) == 0 {
		return refuse(http.StatusBadRequest, "the body has no part")
	}
	xs, err := batch.all()
	if err != nil {
		return err
	}
	all := make([]describe.Image, len(xs))
	for i, x := range xs {
		all[i] = batch.describe(names[i], x)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return s.send(w, http.StatusOK, "application/json", append(text, '\n'))
}

// partName returns the name of a part's file, without folders, else that of its field.
func partName(part *multipart.Part) string {
	for _, name := range []string{part.FileName(), part.FormName()} {
		if name != "" {
			return name
		}
	}
	return bodyName
}

// malformed is the refusal of a body that is no multipart/form-data, unless err is of another
// kind.
func malformed(err error) error {
	if no := refusalOf(err); no.status != http.StatusInternalServerError {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse(http.StatusBadRequest, "the body is cut off")
	}
	return refuse(http.StatusBadRequest, "the body is no multipart/form-data: %v", err)
}
