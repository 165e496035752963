package app

import (
	"bytes"
	_ "embed" // the template
	"html/template"
	"net/http"

	"habilis/internal/notify"
	"habilis/internal/text"
	"habilis/internal/web/assets"
)

//go:embed devsms.html
var devSMSSource string

var devSMSPage = template.Must(template.New("devsms").Funcs(template.FuncMap{"asset": assets.Path}).Parse(devSMSSource))

// devSMSView is what the page of messages shows.
type devSMSView struct {
	Text     *text.Printer
	Lang     text.Lang
	Messages []notify.KeptSMS
}

// T is a text of the page.
func (v devSMSView) T(key string, kv ...any) string { return v.Text.T("devsms."+key, kv...) }

// devSMS adds the page of the messages by SMS kept on this machine, for it alone.
func (a *App) devSMS(mux *http.ServeMux) {
	mux.HandleFunc("GET /dev/sms", func(w http.ResponseWriter, r *http.Request) {
		if !loopbackHost(Address(r)) {
			http.NotFound(w, r)
			return
		}
		if err := a.showSMS(w, r); err != nil {
			a.Log.Error("dev sms", "request", RequestID(r), "err", err)
			a.front.refuse(w, r, errPanic)
		}
	})
}

func (a *App) showSMS(w http.ResponseWriter, r *http.Request) error {
	t := text.For(text.Match("", r.Header.Get("Accept-Language")))
	v := devSMSView{Text: t, Lang: t.Lang()}
	var err error
	if v.Messages, err = notify.ReadSMSOutbox(a.Config.Data); err != nil {
		a.Log.Warn("dev sms", "err", err) // those that can be read are shown
	}
	var b bytes.Buffer
	if err := devSMSPage.Execute(&b, v); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", devMailPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = b.WriteTo(w)
	return err
}
