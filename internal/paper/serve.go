package paper

import (
	"mime"
	"strconv"
)

// Headers are those of an answer that is a file, whichever door gives it (rules.md 16): to be
// saved and not opened, of its own type and no other, in a box without rights if something
// opens it all the same, and kept by nobody on the way.
func Headers(is Type, name string, bytes int64) map[string]string {
	return map[string]string{
		"Content-Type":                 string(is),
		"Content-Length":               strconv.FormatInt(bytes, 10),
		"Content-Disposition":          mime.FormatMediaType("attachment", map[string]string{"filename": name}),
		"Content-Security-Policy":      "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cache-Control":                "no-store",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
	}
}

// InPage are those of a file that a page of ours shows in a box: the browser's own viewer
// opens it there, still without rights, and nowhere else.
func InPage(is Type, name string, bytes int64) map[string]string {
	h := Headers(is, name, bytes)
	h["Content-Disposition"] = mime.FormatMediaType("inline", map[string]string{"filename": name})
	h["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
	h["X-Frame-Options"] = "SAMEORIGIN"
	return h
}
