package serve

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
)

// The page is files without a build step. It asks nothing but this server.
//
//go:embed page
var pageFiles embed.FS

// pagePolicy lets the page load its own files, images that it made, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageKinds are the media types of the page's files, whatever the system's own table says.
var pageKinds = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

// pageFile returns the file of the page at a path, nil if there is none.
func pageFile(at string) (file []byte, kind string) {
	name := "page/index.html"
	if at != "/" {
		name = at[1:]
	}
	if name == "page/index.html" && at != "/" || !fs.ValidPath(name) || path.Dir(name) != "page" {
		return nil, ""
	}
	file, err := pageFiles.ReadFile(name)
	if err != nil {
		return nil, ""
	}
	return file, pageKinds[path.Ext(name)]
}

// page answers GET / and GET /page/{file}.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	file, kind := pageFile(r.URL.Path)
	if file == nil {
		return refuse(http.StatusNotFound, "the page has no such file")
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.send(w, http.StatusOK, kind, file)
}
