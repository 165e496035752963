package web

import (
	"net/http"

	"habilis/internal/web/ui"
)

// pathStop is where the link of a letter leads that stops the removal of a factor.
const pathStop = "/factors/stop"

func (v *visit) stopLink() error { return v.keepLink(pathStop) }

// stopForm says what would be stopped. Opening it stops nothing: mail programs open links.
func (v *visit) stopForm() error {
	s, err := v.s.Logins.CheckStop(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	ask := ui.ConfirmProps{
		Action: pathStop, Button: ui.ButtonProps{Label: v.t.T("factors.stop.button"), Kind: ui.Primary},
		Keep: v.t.T("factors.stop.leave"), Back: pathLogin,
	}
	if at := v.t.DateTime(s.ActsAt); s.All {
		ask.Title, ask.Text, ask.Button.Label = v.t.T("lost.stop_question"), v.t.T("lost.stop_text", "Time", at), v.t.T("lost.stop")
	} else {
		ask.Title = v.t.T("factors.stop.question", "Name", v.factorTitle(s.Kind, s.Name, ""))
		ask.Text = v.t.T("factors.stop.text", "Time", at)
	}
	return v.show(http.StatusOK, StopPage(v.page(v.t.T("factors.stop.title")), ask))
}

func (v *visit) stopRemoval() error {
	if err := v.s.Logins.Stop(v.Context(), v.by, v.s.cookie(v.Request, cookieLink), v.client()); err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.flash(ui.ToneOK, v.t.T("factors.stop.done"))
	if v.me.ID.IsZero() {
		return v.to(pathLogin)
	}
	return v.to(ui.PathSecurity)
}
