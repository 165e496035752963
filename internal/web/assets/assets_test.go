package assets

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// maxSheet bounds the style sheet as it is sent, in bytes (DESIGN §19).
const maxSheet = 25_000

func get(t *testing.T, method, target, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func sheet(t *testing.T) string {
	t.Helper()
	return body(t, get(t, http.MethodGet, Path("app.css"), ""))
}

// names lists the embedded files.
func names(t *testing.T) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// rules.md 8: exact type, nosniff; hashed names may be kept for ever.
func TestEveryFileIsServedUnderItsHashedName(t *testing.T) {
	hashed := regexp.MustCompile(`^/static/.+\.[0-9a-f]{8}\.[a-z0-9]+$`)
	for _, name := range names(t) {
		address := Path(name)
		if !hashed.MatchString(address) {
			t.Errorf("%s: %s carries no hash", name, address)
		}
		res := get(t, http.MethodGet, address, "")
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", address, res.StatusCode)
		}
		if got, want := res.Header.Get("Content-Type"), types[path.Ext(name)]; got != want {
			t.Errorf("%s: type %q, want %q", name, got, want)
		}
		if got := res.Header.Get("Cache-Control"); got != cacheForEver {
			t.Errorf("%s: caching %q", name, got)
		}
		if got := res.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: nosniff missing", name)
		}
	}
}

func TestEveryReferenceOfTheSheetResolves(t *testing.T) {
	found := reference.FindAllStringSubmatch(sheet(t), -1)
	if len(found) < 4 { // two fonts, two walls
		t.Fatalf("only %d references: the expression no longer finds them", len(found))
	}
	for _, match := range found {
		if res := get(t, http.MethodGet, Prefix+match[1], ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", match[1], res.StatusCode)
		}
	}
}

// No third-party asset (rules.md 8), no rule that reads a text of the interface.
func TestTheSheetsDependOnNothingElse(t *testing.T) {
	for _, name := range []string{"app.css", "matrix.css", "review.css"} {
		css := body(t, get(t, http.MethodGet, Path(name), ""))
		for _, banned := range []string{"http:", "https:", "//", "@import", "data:", "data-l=", "expression("} {
			if strings.Contains(css, banned) {
				t.Errorf("%s contains %q", name, banned)
			}
		}
		if len(css) >= maxSheet {
			t.Errorf("%s weighs %d bytes, the limit is %d", name, len(css), maxSheet)
		}
		if strings.Count(css, "{") != strings.Count(css, "}") {
			t.Errorf("%s: braces do not match", name)
		}
	}
}

// The policy has no unsafe-eval, and trusted types refuse strings as HTML (rules.md 8).
func TestTheScriptsBuildNoHTMLFromStrings(t *testing.T) {
	for _, name := range []string{"app.js", "matrix.js", "passkey.js", "review.js", "session.js"} {
		js, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAll(js, nil)
		for _, banned := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser", ".style", "localStorage", "sessionStorage"} {
			if strings.Contains(string(code), banned) {
				t.Errorf("%s uses %s", name, banned)
			}
		}
	}
}

// known-good versions: architecture.md, decided dependencies.
func TestHtmxIsTheDecidedVersion(t *testing.T) {
	js, err := files.ReadFile("htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(js), `version:"2.0.11"`) {
		t.Error("htmx.min.js is not 2.0.11")
	}
}

func TestOnlyHashedNamesExist(t *testing.T) {
	wrong := strings.Replace(Path("app.css"), "app.", "app.0", 1)
	for _, target := range []string{
		"/static/", "/static/app.css", "/static/img/", "/static/doc.go", "/static/../assets.go",
		"/static/%2e%2e/assets.go", "/static//app.css", wrong, "/app.css", strings.TrimPrefix(Path("app.css"), "/static"),
	} {
		res := get(t, http.MethodGet, target, "")
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", target, res.StatusCode)
		}
		if res.Header.Get("Cache-Control") == cacheForEver {
			t.Errorf("%s: a missing file is kept for ever", target)
		}
	}
}

func TestMethods(t *testing.T) {
	if res := get(t, http.MethodPost, Path("app.css"), ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
	res := get(t, http.MethodHead, Path("app.css"), "")
	if res.StatusCode != http.StatusOK || body(t, res) != "" || res.ContentLength <= 0 {
		t.Errorf("HEAD: status %d, length %d", res.StatusCode, res.ContentLength)
	}
}

func TestCompression(t *testing.T) {
	plain := sheet(t)
	res := get(t, http.MethodGet, Path("app.css"), "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers: %v", res.Header)
	}
	r, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(content) != plain {
		t.Error("the compressed sheet differs from the plain one")
	}
	if res := get(t, http.MethodGet, Path("fonts/bricolage.woff2"), "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a font, already compressed, is compressed again")
	}
}

// A changed drawing changes the name of the sheet that shows it: old and new never mix.
func TestAChangedDrawingRenamesTheSheet(t *testing.T) {
	name := func(drawing string) string {
		lib, err := load(fstest.MapFS{
			"app.css":   {Data: []byte("/* c */\n.a{\n  background:url(\"img/a.svg\")}")},
			"img/a.svg": {Data: []byte(drawing)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(lib.byName[lib.hashed["app.css"]].content); got != ".a{background:url("+lib.hashed["img/a.svg"]+")}" {
			t.Fatalf("sheet: %s", got)
		}
		return lib.hashed["app.css"]
	}
	if name("<svg/>") == name("<svg />") {
		t.Error("the sheet keeps its name")
	}
}

func TestMistakesInTheFolderAreRefused(t *testing.T) {
	for title, folder := range map[string]fstest.MapFS{
		"reference to nothing": {"app.css": {Data: []byte("a{background:url(img/none.svg)}")}},
		"unknown type":         {"x.exe": {Data: []byte("x")}},
	} {
		if _, err := load(folder); err == nil {
			t.Errorf("%s: accepted", title)
		}
	}
}

func TestPathOfAnUnknownNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Path("none.css")
}

// What we ship of others is shipped with its licence (DESIGN §5).
func TestLicencesAreShipped(t *testing.T) {
	all := names(t)
	for _, name := range []string{"LICENSE-htmx.txt", "LICENSE-phosphor-icons.txt", "fonts/LICENSE-atkinson-next.txt", "fonts/LICENSE-bricolage.txt"} {
		if !slices.Contains(all, name) {
			t.Errorf("%s is missing", name)
		}
	}
}
