package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/secret"
	"habilis/internal/web/ui"
)

// pathLogin is where whoever has no session signs in.
const pathLogin = "/login"

var loginRoutes = []route{
	{"GET /{$}", open, (*visit).root},
	{"GET " + pathLogin, open, (*visit).loginForm},
	{"POST " + pathLogin, open, (*visit).signIn},
	{"POST /logout", open, (*visit).signOut},
	{"GET /password/forgot", open, (*visit).forgotForm},
	{"POST /password/forgot", open, (*visit).forgot},
	{"GET /password/forgot/sent", open, (*visit).forgotSent},
	{"GET /password/reset/{token}", linkPages, (*visit).resetLink},
	{"GET /password/reset", linkPages, (*visit).resetForm},
	{"POST /password/reset", linkPages, (*visit).reset},
	{"GET /setup/{token}", linkPages, (*visit).setUpLink},
	{"GET /setup", linkPages, (*visit).setUpForm},
	{"POST /setup", linkPages, (*visit).setUp},
}

// root leads to the organisations, or to sign in.
func (v *visit) root() error {
	if v.me.ID.IsZero() {
		return v.to(pathLogin)
	}
	return v.to(ui.PathOrganizations)
}

// loginView is what the sign-in page shows.
type loginView struct {
	Email, Next string
	Failure     string            // the sentence of a refusal
	Errors      map[string]string // by field
	Summary     []ui.FieldError
	SignedInAs  string
	Dev         bool
	Passkeys    bool // this server can have passkeys
	Shared      bool // several people use this workstation
}

func (v *visit) loginView(email string, shared bool) loginView {
	return loginView{Email: email, Next: v.next(""), Dev: v.s.Dev, Passkeys: v.s.Logins.Passkeys.Available(), Shared: shared}
}

func (v *visit) loginForm() error {
	view := v.loginView(v.FormValue(fieldEmail), v.isShared())
	if !v.me.ID.IsZero() {
		view.SignedInAs = v.name()
	}
	return v.show(http.StatusOK, LoginPage(v.page(v.t.T("login.title")), view))
}

// signIn tries the password. Every refusal looks the same (ENU-01); the page
// keeps the address that was typed, never the password.
func (v *visit) signIn() error {
	view := v.loginView(v.PostFormValue(fieldEmail), v.PostFormValue("shared") != "")
	res, err := v.s.Logins.SignIn(v.Context(), v.by, view.Email, secret.NewText(v.PostFormValue("password")), v.client())
	if err != nil {
		return v.signInRefused(view, err)
	}
	if view.Shared != v.isShared() {
		v.keepShared(view.Shared)
	}
	return v.arrive(res, view.Next)
}

func (v *visit) signInRefused(view loginView, err error) error {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Invalid:
		view.Errors, view.Summary = v.fieldErrors(err)
	case fault.Unauthenticated, fault.Limited, fault.Unavailable:
		v.retryAfter(f)
		view.Failure = v.sentence(f)
	default:
		return err
	}
	p := v.page(v.t.T("login.title"))
	p.Error = true
	return v.show(statusOf(f), LoginPage(p, view))
}

// signOut ends the session and empties what the browser kept (rules.md 8).
func (v *visit) signOut() error {
	if !v.me.ID.IsZero() {
		if err := v.s.Logins.SignOut(v.Context(), v.by); err != nil {
			return err
		}
	}
	v.s.setCookie(v.w, cookieSession, "", -1)
	v.w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	v.flash(ui.ToneOK, v.t.T("login.signed_out"))
	return v.to(pathLogin)
}

// forgotView is what the page of a forgotten password shows.
type forgotView struct {
	Email   string
	Errors  map[string]string
	Summary []ui.FieldError
}

func (v *visit) forgotForm() error {
	return v.show(http.StatusOK, ForgotPage(v.page(v.t.T("login.forgot.title")), forgotView{Email: v.FormValue(fieldEmail)}))
}

// forgot answers the same whether the address has an account or not.
func (v *visit) forgot() error {
	view := forgotView{Email: v.PostFormValue(fieldEmail)}
	err := v.s.Logins.Forgot(v.Context(), v.by, view.Email)
	if fault.Is(err, fault.Invalid) {
		view.Errors, view.Summary = v.fieldErrors(err)
		p := v.page(v.t.T("login.forgot.title"))
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, ForgotPage(p, view))
	}
	if err != nil {
		return err
	}
	return v.to("/password/forgot/sent")
}

func (v *visit) forgotSent() error {
	return v.show(http.StatusOK, ForgotSentPage(v.page(v.t.T("login.forgot_sent.title")), v.s.Dev))
}

// keepLink exchanges the token of a mailed link for a cookie at once, so that it
// stays in no address bar, history or referrer (INV-12). It spends nothing.
func (v *visit) keepLink(path string) error {
	v.s.setCookie(v.w, cookieLink, v.PathValue("token"), 0)
	return v.to(path)
}

func (v *visit) resetLink() error { return v.keepLink("/password/reset") }

// passwordView is a page that chooses a password.
type passwordView struct {
	Email   string
	Min     int
	Errors  map[string]string
	Summary []ui.FieldError
}

func (v *visit) resetForm() error {
	email, err := v.s.Logins.CheckReset(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ResetPage(v.page(v.t.T("login.reset.title")), passwordView{Email: email}))
}

func (v *visit) reset() error {
	presented := v.s.cookie(v.Request, cookieLink)
	email, err := v.s.Logins.CheckReset(v.Context(), v.by, presented)
	if err != nil {
		return err
	}
	err = v.s.Logins.Reset(v.Context(), v.by, presented, secret.NewText(v.PostFormValue("new_password")))
	if fault.Is(err, fault.Invalid) {
		view := passwordView{Email: email}
		view.Errors, view.Summary = v.fieldErrors(err)
		p := v.page(v.t.T("login.reset.title"))
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, ResetPage(p, view))
	}
	if err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.s.setCookie(v.w, cookieSession, "", -1)
	v.s.setCookie(v.w, cookieDevice, "", -1)
	v.flash(ui.ToneOK, v.t.T("login.reset.done"))
	return v.to(pathLogin)
}
