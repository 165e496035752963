package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// Addresses of what lies between the two proofs.
const (
	pathSecond = "/login/second-factor"
	pathEnrol  = pathSecond + "/enrol"
)

var secondRoutes = []route{
	{"GET " + pathSecond, open, (*visit).secondForm},
	{"POST " + pathSecond, open, (*visit).second},
	{"POST " + pathSecond + "/sms", open, (*visit).secondSMS},
	{"POST " + pathSecond + "/leave", open, (*visit).leaveSecond},
	{"GET " + pathEnrol, open, (*visit).enrolForm},
	{"POST " + pathEnrol, open, (*visit).enrolChoose},
	{"GET " + pathEnrol + "/totp", open, (*visit).enrolTOTPForm},
	{"POST " + pathEnrol + "/totp", open, (*visit).enrolTOTP},
	{"GET " + pathEnrol + "/sms", open, (*visit).enrolSMSForm},
	{"POST " + pathEnrol + "/sms", open, (*visit).enrolSMS},
	{"POST " + pathEnrol + "/sms/number", open, (*visit).enrolNumber},
	{"GET " + pathProve, signed, (*visit).proveForm},
	{"POST " + pathProve, signed, (*visit).proveSecond},
	{"POST " + pathProve + "/sms", signed, (*visit).proveSMS},
}

// The fields of these pages.
const (
	fieldWay      = "way"
	fieldRemember = "remember"
)

// half is the token that a half-signed browser presents; empty: none.
func (v *visit) half() string { return v.s.cookie(v.Request, cookieHalf) }

// arrive is what follows a first proof, on whatever page it was given: a session, or the
// page that asks for what is still due. next is where the person was going.
func (v *visit) arrive(res login.Result, next string) error {
	switch {
	case res.Finish != nil:
		v.s.setCookie(v.w, cookieLink, res.Finish.Reveal(), 0)
		return v.to("/activate")
	case res.Half != nil:
		v.s.setCookie(v.w, cookieHalf, res.Half.Token.Reveal(), session.HalfLife)
		return v.to(withNext(pathSecond, next))
	}
	v.setSession(*res.Session)
	if err := v.shareNew(*res.Session); err != nil {
		return err
	}
	if v.half() != "" {
		v.s.setCookie(v.w, cookieHalf, "", -1)
	}
	if d := res.Remembered; d != nil {
		v.s.setCookie(v.w, cookieDevice, d.Token.Reveal(), d.Device.ExpiresAt.Sub(d.Device.CreatedAt))
	}
	if res.LossStopped {
		v.flash(ui.ToneOK, v.t.T("lost.used"))
	}
	if !res.LostAt.IsZero() {
		v.flash(ui.ToneBad, v.t.T("lost.arrived", "Time", v.t.DateTime(res.LostAt)))
	}
	if next == "" {
		next = ui.PathOrganizations
	}
	return v.to(next)
}

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// secondView is what the page that asks for a second factor shows.
type secondView struct {
	Action   string // where its forms go
	Email    string
	Next     string
	Way      credential.FactorKind   // the one that is asked
	Ways     []credential.FactorKind // all
	Phone    *credential.Factor      // the number to which codes go
	Sent     bool                    // a code is on its way to it
	Days     int                     // how long this browser may be remembered; 0: not at all
	Prove    bool                    // asked in an open session, not at sign-in
	Merge    bool                    // of another account of whoever is signed in
	Lost     string                  // that everything is to be taken, and what stops it; empty: nobody asked
	Errors   map[string]string
	Summary  []ui.FieldError
	Remember bool
}

// asks gives the way to ask for: the one that the person chose, or the handiest.
func (view *secondView) asks(chosen string) {
	if way := credential.FactorKind(chosen); slices.Contains(view.Ways, way) {
		view.Way = way
		return
	}
	for _, way := range []credential.FactorKind{credential.TOTP, credential.Passkey, credential.SMS, credential.Recovery} {
		if slices.Contains(view.Ways, way) {
			view.Way = way
			return
		}
	}
}

// others are the ways that the page offers besides.
func (view *secondView) others() []credential.FactorKind {
	return slices.DeleteFunc(slices.Clone(view.Ways), func(k credential.FactorKind) bool { return k == view.Way })
}

// pendingSecond reads what the half is asked. What is over leads to the beginning, and what must
// be made first to where it is made.
func (v *visit) pendingSecond() (login.Pending, secondView, error) {
	p, err := v.s.Logins.Pending(v.Context(), v.by, v.half())
	if err != nil {
		return p, secondView{}, err
	}
	if p.Enrol {
		return p, secondView{}, login.ErrMustEnrol
	}
	view := secondView{
		Action: pathSecond, Email: p.Account.Email.Address, Next: v.next(""), Ways: v.available(p.Ways()), Days: days(p.Policy.Remember),
		Phone: phoneOf(p.Factors), Sent: p.Sent, Lost: v.lostNote(p),
	}
	if v.isShared() { // nobody is remembered there
		view.Days = 0
	}
	view.asks(v.FormValue(fieldWay))
	return p, view, nil
}

func (v *visit) secondForm() error {
	_, view, err := v.pendingSecond()
	if err != nil {
		return v.astray(err)
	}
	return v.showSecond(http.StatusOK, view)
}

func (v *visit) showSecond(status int, view secondView) error {
	p := v.page(v.t.T("second.title"))
	if view.Merge {
		p = v.accountFrame("accounts.second")
	}
	p.Error = status != http.StatusOK
	if view.Merge {
		return v.show(status, MergeSecondPage(p, view))
	}
	return v.show(status, SecondPage(p, view))
}

// astray leads from a page between the two proofs to where its person must go.
func (v *visit) astray(err error) error {
	switch {
	case errors.Is(err, login.ErrMustEnrol):
		return v.to(withNext(pathEnrol, v.next("")))
	case errors.Is(err, login.ErrHasFactor):
		return v.to(withNext(pathSecond, v.next("")))
	case errors.Is(err, session.ErrHalfGone), errors.Is(err, login.ErrHalfOver):
		return v.again(fault.Of(err))
	}
	return err
}

// again sends the person to the beginning of signing in, and says why.
func (v *visit) again(f *fault.Error) error {
	if v.half() != "" {
		v.s.setCookie(v.w, cookieHalf, "", -1)
		v.flash(ui.ToneWait, ended(v.sentence(f)))
	}
	return v.to(withNext(pathLogin, v.next("")))
}

// second tries what was typed.
func (v *visit) second() error {
	_, view, err := v.pendingSecond()
	if err != nil {
		return v.astray(err)
	}
	view.Remember = view.Days > 0 && v.PostFormValue(fieldRemember) != ""
	answer, err := v.answer(view)
	if err != nil {
		return v.secondRefused(view, err)
	}
	res, err := v.s.Logins.Second(v.Context(), v.by, v.half(), answer, v.client())
	if err != nil {
		return v.secondRefused(view, err)
	}
	return v.arrive(res, view.Next)
}

// answer reads the code that was typed.
func (v *visit) answer(view secondView) (login.Answer, error) {
	a := login.Answer{Kind: view.Way, Remember: view.Remember}
	if a.Code = v.PostFormValue(fieldCode); a.Code == "" {
		return a, fault.OnField(fieldCode, "login.code_empty")
	}
	return a, nil
}

// secondRefused shows the page again, with what was wrong at the field of the code.
func (v *visit) secondRefused(view secondView, err error) error {
	f := fault.Of(err)
	if said, wrong := v.codeRefused(f, view.Way); wrong {
		view.Errors, view.Summary = map[string]string{fieldCode: said}, []ui.FieldError{{ID: fieldCode, Text: said}}
		return v.showSecond(http.StatusUnprocessableEntity, view)
	}
	if !fault.Is(err, fault.Invalid) && f.Kind != fault.Limited && f.Kind != fault.Unavailable {
		if view.Merge {
			return v.mergeAstray(err)
		}
		return v.astray(err)
	}
	status := statusOf(f)
	if fault.Is(err, fault.Invalid) {
		status = http.StatusUnprocessableEntity
	} else {
		err = fault.OnField(fieldCode, f.Code, "Wait", f.Wait)
	}
	view.Errors, view.Summary = v.fieldErrors(err)
	return v.showSecond(status, view)
}

// codeRefused is what is said of a second factor that does not open, and what to do: an
// application shows another code, a message is sent again, a printed code is crossed out.
func (v *visit) codeRefused(f *fault.Error, way credential.FactorKind) (string, bool) {
	switch f.Code {
	case login.ErrSecond.Code:
		return v.t.T("second.refused_" + string(way)), true
	case login.ErrSecondLocked.Code:
		return v.t.T("second.locked_" + string(way)), true
	}
	return "", false
}

// secondSMS sends a code to the person's number.
func (v *visit) secondSMS() error {
	p, view, err := v.pendingSecond()
	if err != nil {
		return v.astray(err)
	}
	view.Way = credential.SMS
	if view.Phone == nil {
		return credential.ErrFactorNotFound
	}
	if _, err := v.s.Logins.SendSMS(v.Context(), v.by, p.Half, view.Phone.ID); err != nil {
		return v.secondRefused(view, err)
	}
	return v.to(pathSecond + "?" + wayQuery(credential.SMS, view.Next))
}

// wayQuery is the query of a page that asks in one way.
func wayQuery(way credential.FactorKind, next string) string {
	q := url.Values{fieldWay: {string(way)}}
	if next != "" {
		q.Set("next", next)
	}
	return q.Encode()
}

// leaveSecond: the person is somebody else, or begins again.
func (v *visit) leaveSecond() error {
	if err := v.s.Logins.LeaveHalf(v.Context(), secret.NewText(v.half())); err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieHalf, "", -1)
	return v.to(pathLogin)
}
