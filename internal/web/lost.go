package web

import (
	"strings"

	"github.com/a-h/templ"

	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// Addresses of the way back of whoever lost every second factor.
const (
	pathLost     = "/login/lost"
	pathLostStop = ui.PathSecurity + "/lost/stop"
)

var lostRoutes = []route{
	{"GET " + pathLost, open, (*visit).lostForm},
	{"POST " + pathLost, open, (*visit).askLost},
	{"POST " + pathLostStop, signed, (*visit).stopLost},
}

// lostView is what the page says before the request and after it.
type lostView struct {
	Email string
	Title string
	Lead  string
	Facts []ui.Fact
	Ask   string // the words of the button; empty: it was asked, or may not be
	Refer string // whom to ask instead; empty: it may be asked
	Next  string

	told
}

func (v *visit) lostForm() error { return v.showLost(nil) }

// showLost says exactly what happens, and when.
func (v *visit) showLost(refusal error) error {
	loss, err := v.s.Logins.Loss(v.Context(), v.by, v.half())
	if err != nil {
		return v.astray(err)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := lostView{
		Email: loss.Account.Email.Address, Title: v.t.T("lost.question"), Lead: v.t.T("lost.lead"), Facts: v.lostFacts(loss),
		Next: v.next(""), told: said,
	}
	switch {
	case loss.Platform:
		view.Facts, view.Refer = nil, ended(v.sentence(login.ErrLostPlatform))
	case loss.Asked:
		view.Title, view.Lead = v.t.T("lost.asked_title"), v.t.T("lost.asked_lead", "Time", v.t.DateTime(loss.ActsAt))
	default:
		view.Ask = v.t.T("lost.ask", "Count", int(credential.Delay.Hours()))
	}
	p := v.page(v.t.T("lost.title"))
	p.Error = refusal != nil
	return v.show(status, LostPage(p, view))
}

// lostFacts are the steps, in their order, and what would be faster.
func (v *visit) lostFacts(loss login.Loss) []ui.Fact {
	return []ui.Fact{
		{Term: v.t.T("lost.now"), Value: v.lostTold(loss)},
		{Term: v.t.T("lost.wait", "Count", int(credential.Delay.Hours())), Value: v.t.T("lost.wait_text")},
		{Term: v.t.T("lost.day", "Time", v.t.DateTime(loss.ActsAt)), Value: v.t.T("lost.day_text")},
		{Term: v.t.T("lost.sooner"), Value: v.lostSooner(loss)},
	}
}

// lostTold says who is told.
func (v *visit) lostTold(loss login.Loss) string {
	said := []string{v.t.T("lost.told_email", "Email", loss.Account.Email.Address)}
	if loss.Phone != "" {
		said = append(said, v.t.T("lost.told_phone", "Number", loss.Phone))
	}
	if loss.Member {
		said = append(said, v.t.T("lost.told_administration"))
	}
	return strings.Join(said, " ")
}

// lostSooner says whom to ask, without a name: of one organisation its administrators may reset
// the factors, of several the platform (MFA-11).
func (v *visit) lostSooner(loss login.Loss) string {
	if loss.Member {
		return v.t.T("lost.sooner_administration")
	}
	return v.t.T("lost.sooner_platform")
}

// lostNote says, on the page of the second factor, what somebody asked who may be another.
func (v *visit) lostNote(p login.Pending) string {
	if p.Loss.ActsAt.IsZero() {
		return ""
	}
	return v.t.T("lost.second", "At", v.t.DateTime(p.Loss.AskedAt), "Time", v.t.DateTime(p.Loss.ActsAt))
}

func (v *visit) askLost() error {
	if _, err := v.s.Logins.AskLoss(v.Context(), v.by, v.half(), v.client()); err != nil {
		return v.showLost(err)
	}
	return v.to(withNext(pathLost, v.next("")))
}

// lostCard tells whoever signed in all the same that all is to be taken, and lets them keep it.
func (v *visit) lostCard(p ui.Page) (templ.Component, error) {
	own, err := v.s.Logins.Factors(v.Context(), v.by)
	if err != nil || own.LostAt.IsZero() {
		return nil, err
	}
	return LostCard(p, v.t.T("lost.card_text", "Time", v.t.DateTime(own.LostAt))), nil
}

func (v *visit) stopLost() error {
	if err := v.s.Logins.StopLoss(v.Context(), v.by, v.client()); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("lost.stopped"))
	return v.to(ui.PathSecurity)
}
