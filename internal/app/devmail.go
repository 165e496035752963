package app

import (
	"bytes"
	_ "embed" // the template and its style
	"errors"
	"html/template"
	"io/fs"
	"net/http"

	"habilis/internal/notify"
	"habilis/internal/text"
	"habilis/internal/web/assets"
)

// The pages of development that show the letters kept on this machine. They are
// no part of the product: a server that others use does not have them.

//go:embed devmail.html
var devMailSource string

//go:embed devmail.css
var devMailStyle []byte

var devMailPages = template.Must(template.New("devmail").Funcs(template.FuncMap{"asset": assets.Path}).Parse(devMailSource))

// The policies of the pages, and of the letter itself, which may style itself but
// runs nothing and stays in its frame.
const (
	devMailPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	devLetterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; " +
		"form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// devMail adds the pages, for this machine alone.
func (a *App) devMail(mux *http.ServeMux) {
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /dev/mail":             a.devMailList,
		"GET /dev/mail.css":         devMailCSS,
		"GET /dev/mail/{name}":      a.devMailOne,
		"GET /dev/mail/{name}/html": a.devMailHTML,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			err := serve(w, r)
			switch {
			case errors.Is(err, fs.ErrNotExist) || !loopbackHost(Address(r)):
				http.NotFound(w, r)
			case err != nil:
				a.Log.Error("dev mail", "request", RequestID(r), "err", err)
				a.front.refuse(w, r, errPanic)
			}
		})
	}
}

// devPage is what the template shows.
type devPage struct {
	Text    *text.Printer
	Lang    text.Lang
	Title   string
	Letters []notify.Kept
	Letter  *notify.Kept
}

// T is a text of the page; Words, the first line of a long one.
func (p devPage) T(key string, kv ...any) string { return p.Text.T("devmail."+key, kv...) }

func newDevPage(r *http.Request) devPage {
	t := text.For(text.Match("", r.Header.Get("Accept-Language")))
	return devPage{Text: t, Lang: t.Lang(), Title: t.T("devmail.title")}
}

func (a *App) devMailList(w http.ResponseWriter, r *http.Request) error {
	p := newDevPage(r)
	var err error
	if p.Letters, err = notify.ReadOutbox(a.Config.Data); err != nil {
		a.Log.Warn("dev mail", "err", err) // the letters that can be read are shown
	}
	return showDev(w, p)
}

func (a *App) devMailOne(w http.ResponseWriter, r *http.Request) error {
	letter, err := notify.ReadKept(a.Config.Data, r.PathValue("name"))
	if err != nil {
		return err
	}
	p := newDevPage(r)
	p.Letter, p.Title = &letter, letter.Subject
	return showDev(w, p)
}

func (a *App) devMailHTML(w http.ResponseWriter, r *http.Request) error {
	letter, err := notify.ReadKept(a.Config.Data, r.PathValue("name"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", devLetterPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "no-referrer")
	_, err = w.Write([]byte(letter.HTML))
	return err
}

func devMailCSS(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, err := w.Write(devMailStyle)
	return err
}

func showDev(w http.ResponseWriter, p devPage) error {
	var b bytes.Buffer
	if err := devMailPages.Execute(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", devMailPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := b.WriteTo(w)
	return err
}
