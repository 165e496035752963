package web

import (
	"net/http"

	"github.com/a-h/templ"

	"habilis/internal/ident"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

var accountSessionRoutes = []route{
	{"POST /account/sessions/shared", signed, (*visit).shareSession},
	{"POST /account/devices/end", signed, (*visit).endDevice},
	{"GET " + pathHistory, signed, (*visit).ownHistory},
}

// sessionsShown is how many browsers the card shows; the page behind it has them all.
const sessionsShown = 3

func (v *visit) sessionsCard(p ui.Page) (templ.Component, error) {
	list, err := v.s.Sessions.List(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	lines := v.sessionLines(list)
	return OwnSessionsCard(p, lines[:min(len(lines), sessionsShown)], len(lines), v.session.Shared), nil
}

// sessionTitle: the computer that one sits at is called so, and comes first (DESIGN.md 16).
func (v *visit) sessionTitle(s *session.Session) string {
	if s.Current {
		return v.t.T("account.sessions.here", "Device", v.t.Browser(s.UserAgent))
	}
	return v.t.Browser(s.UserAgent)
}

// sessionProofs says with what a session was opened.
func (v *visit) sessionProofs(s *session.Session) string {
	first := v.t.T("account.sessions.first." + string(s.First))
	switch s.Second {
	case "":
		return v.t.T("account.sessions.proof_one", "First", first)
	case string(s.First):
		return first
	}
	return v.t.T("account.sessions.proof_two", "First", first, "Second", v.t.T("account.sessions.second."+s.Second))
}

// shareSession says that this workstation is used by several people, or is not.
func (v *visit) shareSession() error {
	shared := v.PostFormValue("shared") != ""
	if err := v.s.Sessions.Share(v.Context(), v.by, shared); err != nil {
		return err
	}
	v.keepShared(shared)
	key := "account.shared.off_done"
	if shared {
		key = "account.shared.on_done"
	}
	v.flash(ui.ToneOK, v.t.T(key, "Minutes", session.IdleShared))
	return v.to(ui.PathSecurity)
}

// deviceLine is a remembered browser, in words.
type deviceLine struct {
	ID, Title, Detail string
	Current           bool
}

// devicesCard lists the browsers that the person said to remember; none, nothing is shown.
func (v *visit) devicesCard(p ui.Page) (templ.Component, error) {
	list, err := v.s.Sessions.Devices(v.Context(), v.by)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	lines := make([]deviceLine, 0, len(list))
	for _, d := range list {
		lines = append(lines, deviceLine{
			ID: d.ID.String(), Title: v.t.Browser(d.UserAgent), Current: d.Current,
			Detail: v.t.T("account.devices.detail", "Until", v.t.Date(d.ExpiresAt), "Used", v.t.Ago(d.UsedAt, v.s.now()), "Address", d.Address),
		})
	}
	return OwnDevicesCard(p, lines), nil
}

func (v *visit) endDevice() error {
	id, err := ident.ParseDevice(v.PostFormValue("device"))
	if err != nil {
		return errPage
	}
	if err := v.s.Sessions.EndDevice(v.Context(), v.by, id); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("account.devices.ended"))
	return v.to(ui.PathSecurity)
}

// The history of sign-ins.
const (
	pathHistory  = ui.PathAccount + "/history"
	historyShown = 5 // lines of the card
)

// historyLine is one sign-in, or one refusal, in words.
type historyLine struct {
	Text, Detail string
	Refused      bool
}

func (v *visit) historyCard(p ui.Page) (templ.Component, error) {
	lines, err := v.historyLines()
	if err != nil {
		return nil, err
	}
	return OwnHistoryCard(p, lines[:min(len(lines), historyShown)]), nil
}

// ownHistory shows the last sign-ins and refusals of the person's account (SEC-5).
func (v *visit) ownHistory() error {
	lines, err := v.historyLines()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, HistoryPage(v.accountFrame("account.history.title"), lines))
}

func (v *visit) historyLines() ([]historyLine, error) {
	list, err := v.s.Journal.SignIns(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	lines := make([]historyLine, 0, len(list))
	for _, e := range list {
		key := "account.history." + e.Verb
		if e.Refused {
			key += ".refused"
		}
		if !v.t.Has(key) {
			key = "account.history.other"
		}
		detail := v.t.T("account.history.detail", "At", v.t.DateTime(e.At), "Address", e.Address)
		if agent, _ := e.After["browser"].(string); agent != "" {
			detail = v.t.T("account.history.detail_browser", "At", v.t.DateTime(e.At), "Address", e.Address, "Browser", v.t.Browser(agent))
		}
		lines = append(lines, historyLine{Text: v.t.T(key), Detail: detail, Refused: e.Refused})
	}
	return lines, nil
}
