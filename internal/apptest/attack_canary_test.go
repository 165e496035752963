package apptest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"habilis/internal/apptest"
	"habilis/internal/notify"
	"habilis/internal/store"
)

// canaries are secrets that must be found nowhere but where they belong.
type canaries struct {
	t *testing.T

	mu      sync.Mutex
	secrets map[string]string // the secret, and what it is
	shown   map[string]bool   // what a person typed as an address: the form gives it back
	mailed  map[string]string // a secret, and the only address that gets it
	heard   []heard
}

// heard is an answer of the server.
type heard struct {
	what   string
	status int
	header http.Header
	body   string
}

func newCanaries(t *testing.T) *canaries {
	return &canaries{t: t, secrets: map[string]string{}, shown: map[string]bool{}, mailed: map[string]string{}}
}

// add remembers a secret.
func (k *canaries) add(what, secret string) string {
	k.t.Helper()
	if len(secret) < 12 {
		k.t.Fatalf("%s: %q is no canary", what, secret)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secrets[secret] = what
	return secret
}

// password draws one.
func (k *canaries) password(what string) string { return k.add(what, "cnr-"+rand.Text()) }

// typed draws a password that somebody types where an address is asked.
func (k *canaries) typed(what, shape string) string {
	s := k.add(what, fmt.Sprintf(shape, strings.ToLower(rand.Text())))
	k.shown[s] = true
	return s
}

// letter remembers the secret that a letter brings.
func (k *canaries) letter(what, to, secret string) string {
	k.add(what, secret)
	k.mailed[secret] = to
	return secret
}

// find gives what a text holds of the secrets, plain or dressed.
func (k *canaries) find(text string) (found []string) {
	for s, what := range k.secrets {
		bare := s
		if _, body, ok := strings.Cut(s, "_"); ok && len(body) == 43 {
			bare = body[:30] // of a token: a part without its prefix is as bad
		}
		for _, form := range []string{
			bare, strings.ToLower(bare), strings.ToUpper(bare), url.QueryEscape(bare), html.EscapeString(bare), hex.EncodeToString([]byte(bare)),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
			base64.StdEncoding.EncodeToString([]byte("\x00habilis\x00" + s)), // AUTH PLAIN
		} {
			if strings.Contains(text, form) {
				found = append(found, what)
				break
			}
		}
	}
	return found
}

// none checks that a place holds no secret.
func (k *canaries) none(place, text string) {
	k.t.Helper()
	if found := k.find(text); len(found) > 0 {
		k.t.Errorf("%s: holds %v\n%.1000s", place, found, text)
	}
}

// listener lets the canaries hear every answer.
type listener struct {
	*canaries

	road http.RoundTripper
}

func (l listener) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := l.road.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(a.Body)
	if err = errors.Join(err, a.Body.Close()); err != nil {
		return nil, err
	}
	a.Body = io.NopCloser(bytes.NewReader(b))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, heard{r.Method + " " + routeOf(r.URL.Path), a.StatusCode, a.Header.Clone(), string(b)})
	return a, nil
}

// routeOf leaves the secrets of a path out of the report of a test.
func routeOf(path string) string {
	return regexp.MustCompile(`h[a-z]+_[\w-]+`).ReplaceAllString(path, "{token}")
}

// browser is one whose answers are heard; the nodes answer in turn.
func (k *canaries) browser(c *cluster) *apptest.Client {
	b := c.Browser()
	k.mu.Lock()
	node := c.nodes[len(k.heard)%len(c.nodes)]
	k.mu.Unlock()
	b.HTTP.Transport = listener{k, c.roads[node]}
	return b
}

// signIn signs in with a password of one's own.
func (k *canaries) signIn(c *cluster, email, password string) *apptest.Client {
	k.t.Helper()
	b := k.browser(c)
	if d := c.Remembered(email); d != nil {
		b.SetCookie(d)
	}
	c.want(b.Post("/login", url.Values{"email": {email}, "password": {password}}), http.StatusSeeOther, "")
	k.add("session of "+email, b.Cookie().Value)
	return b
}

// answers checks all that was heard: a token is in the answer that made it, and the
// secrets of a session and of a link are in their cookies.
func (k *canaries) answers() {
	k.t.Helper()
	failures := 0
	for _, a := range k.heard {
		body := a.body
		if a.status == http.StatusCreated && strings.HasSuffix(a.what, "/tokens") {
			body = withoutSecret(body)
		}
		for name, values := range a.header {
			for _, v := range values {
				k.shows(a.what+", header "+name, bare(name, v))
			}
		}
		k.shows(fmt.Sprint(a.what, ": ", a.status), body)
		if a.status >= http.StatusInternalServerError {
			failures++
		}
	}
	if failures < 20 {
		k.t.Errorf("only %d failures were answered: the test proves too little", failures)
	}
}

// shows checks what a person reads: what they typed themself may be there again.
func (k *canaries) shows(place, text string) {
	k.t.Helper()
	for _, what := range k.find(text) {
		if !k.mayShow(what) {
			k.t.Errorf("%s: shows %s\n%.600s", place, what, text)
		}
	}
}

func (k *canaries) mayShow(what string) bool {
	for s := range k.shown {
		if k.secrets[s] == what {
			return true
		}
	}
	return false
}

// bare is a header without the cookies that hold a secret; the answer to an act,
// which waits in another, is read in plain.
func bare(name, value string) string {
	if name != "Set-Cookie" {
		return value
	}
	c, err := http.ParseSetCookie(value)
	switch {
	case err != nil:
		return value
	case c.Name == "habilis-s" || c.Name == "habilis-a":
		return ""
	}
	plain, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return value
	}
	return value + string(plain)
}

func withoutSecret(body string) string {
	var doc map[string]any
	if json.Unmarshal([]byte(body), &doc) != nil {
		return body
	}
	delete(doc, "secret")
	return fmt.Sprint(doc)
}

// letters checks that what a letter brings went to its recipient alone, and that no
// letter holds anything else.
func (k *canaries) letters(c *cluster) {
	k.t.Helper()
	list, err := notify.ReadOutbox(c.Data)
	if err != nil || len(list) == 0 {
		k.t.Fatal(len(list), err)
	}
	for _, l := range list {
		for s, what := range k.secrets {
			if strings.Contains(l.Text+l.HTML+l.Subject, s) && k.mailed[s] != l.To {
				k.t.Errorf("the letter «%s» to %s holds %s", l.Subject, l.To, what)
			}
		}
	}
}

// stores checks everything that the installation keeps: each row of the database,
// its raw files, a backup, the files of the data folder, the logs of all nodes.
func (k *canaries) stores(c *cluster) {
	k.t.Helper()
	var backup bytes.Buffer
	if _, err := c.App.DB.Backup(context.Background(), &backup, c.App.Ring); err != nil {
		k.t.Fatal(err)
	}
	k.none("backup", backup.String())
	rows, known, seen := 0, newCanaries(k.t), false
	known.add("what is there", "Maison des Lilas")
	_, err := store.ReadBackup(bytes.NewReader(backup.Bytes()), c.App.Ring, func(table store.Table, values []any) error {
		rows++
		for n, v := range values {
			text := fmt.Sprint(v)
			if b, ok := v.([]byte); ok {
				text = string(b)
			}
			k.none("column "+table.Name+"."+table.Columns[n], text)
			seen = seen || len(known.find(text)) > 0
		}
		return nil
	})
	if err != nil || rows < 100 || !seen {
		k.t.Errorf("%d rows were read, an address found: %v %v", rows, seen, err)
	}
	for n, node := range c.nodes {
		text := node.Log.Text()
		k.none(fmt.Sprint("log of node ", n+1), text)
		if !strings.Contains(text, "msg=") {
			k.t.Error("the log holds nothing")
		}
	}
	k.files(c.Data)
}

// files checks the data folder, but for the letters.
func (k *canaries) files(dir string) {
	k.t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path == notify.OutboxDir(dir):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		n++
		k.none("file "+filepath.Base(path), string(b))
		return err
	})
	if err != nil || n == 0 {
		k.t.Errorf("%d files in %s: %v", n, dir, err)
	}
}
