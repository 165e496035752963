package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:embed app.css app.js htmx.min.js matrix.css matrix.js passkey.js review.css review.js session.js icons.svg LICENSE-*.txt fonts img
var files embed.FS

// Prefix is the folder of the site where the files are served.
const Prefix = "/static/"

// hashLength is how many hexadecimal digits of SHA-256 a name carries: enough
// to tell two versions of our own files apart, short enough to read.
const hashLength = 8

// types lists the exact media type of each extension we serve; a file with any
// other extension is a mistake of ours.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

// file is one asset, ready to be sent.
type file struct {
	mediaType string
	content   []byte
	gzipped   []byte // nil when it would not be smaller
}

// library holds every asset by hashed name, and the hashed name of each source name.
type library struct {
	byName map[string]file
	hashed map[string]string
}

// loaded reads the embedded files once. They are part of the binary, so a file
// that cannot be read or a reference that leads nowhere panics with its name.
var loaded = sync.OnceValue(func() *library {
	lib, err := load(files)
	if err != nil {
		panic("assets: " + err.Error())
	}
	return lib
})

// Path answers the address of an asset given its name in this folder:
// Path("app.css") is "/static/app.3f2a91c4.css". It panics for a name that
// does not exist: names are constants of the code.
func Path(name string) string {
	hashed, ok := loaded().hashed[name]
	if !ok {
		panic("assets: no file " + name)
	}
	return Prefix + hashed
}

// load reads every file; style sheets last, because they name the others.
func load(source fs.FS) (*library, error) {
	lib := &library{byName: map[string]file{}, hashed: map[string]string{}}
	var sheets []string
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return err
		case path.Ext(name) == ".css":
			sheets = append(sheets, name)
			return nil
		}
		return lib.add(source, name, nil)
	})
	if err != nil {
		return nil, err
	}
	for _, name := range sheets {
		if err := lib.add(source, name, lib.rewrite); err != nil {
			return nil, err
		}
	}
	return lib, nil
}

// add reads one file, changes its content when change is given, and files it
// under its hashed name.
func (l *library) add(source fs.FS, name string, change func(string, []byte) ([]byte, error)) error {
	content, err := fs.ReadFile(source, name)
	if err != nil {
		return err
	}
	if change != nil {
		if content, err = change(name, content); err != nil {
			return err
		}
	}
	mediaType, ok := types[path.Ext(name)]
	if !ok {
		return fmt.Errorf("%s: no media type for this extension", name)
	}
	hashed := hashedName(name, content)
	l.byName[hashed] = file{mediaType: mediaType, content: content, gzipped: compress(content)}
	l.hashed[name] = hashed
	return nil
}

// hashedName puts the hash before the extension: img/vide.svg → img/vide.9c1d02ab.svg.
func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:])[:hashLength] + ext
}

var (
	reference = regexp.MustCompile(`url\(([^)]*)\)`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	lineBreak = regexp.MustCompile(`\n\s*`)
)

// rewrite prepares a style sheet: comments and line breaks go, and each url()
// names the hashed file, relative to the sheet itself.
func (l *library) rewrite(sheet string, css []byte) ([]byte, error) {
	css = comment.ReplaceAll(css, nil)
	css = lineBreak.ReplaceAll(css, nil)
	var lost []string
	css = reference.ReplaceAllFunc(css, func(match []byte) []byte {
		name := strings.Trim(string(reference.FindSubmatch(match)[1]), `"'`)
		hashed, ok := l.hashed[path.Join(path.Dir(sheet), name)]
		if !ok {
			lost = append(lost, name)
			return match
		}
		return []byte("url(" + strings.TrimPrefix(hashed, path.Dir(sheet)+"/") + ")")
	})
	if len(lost) > 0 {
		return nil, fmt.Errorf("%s: no file for %s", sheet, strings.Join(lost, ", "))
	}
	return css, nil
}

// compress answers the gzip form of a content, nil when it saves nothing (fonts).
func compress(content []byte) []byte {
	var buffer bytes.Buffer
	w, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		return nil // the level is a constant of the package: cannot happen
	}
	if _, err := w.Write(content); err != nil {
		return nil // a bytes.Buffer does not fail: sent as it is
	}
	if err := w.Close(); err != nil || buffer.Len() >= len(content) {
		return nil
	}
	return buffer.Bytes()
}
