package assets

import (
	"net/http"
	"strconv"
	"strings"
)

// cacheForEver is the caching of a name that carries its content's hash (one year).
const cacheForEver = "public, max-age=31536000, immutable"

// Handler serves the assets under Prefix. Only hashed names exist; GET and HEAD
// only. It expects the whole path of the request, Prefix included.
func Handler() http.Handler {
	lib := loaded()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ours := strings.CutPrefix(r.URL.Path, Prefix)
		f, found := lib.byName[name]
		switch {
		case !ours || !found:
			w.Header().Set("X-Content-Type-Options", "nosniff")
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		default:
			f.send(w, r)
		}
	})
}

// send writes the file, compressed for browsers that read gzip.
func (f file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", cacheForEver)
	h.Set("X-Content-Type-Options", "nosniff")
	content := f.content
	if f.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			content = f.gzipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(content) // a browser that leaves in the middle has nobody to tell
}
