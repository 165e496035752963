package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

var passkeyRoutes = []route{
	{"POST " + ui.PathPasskeySignIn, open, (*visit).passkeySignInOptions},
	{"POST /login/passkey", open, (*visit).passkeySignIn},
	{"POST " + ui.PathPasskeySecond, open, (*visit).passkeySecondOptions},
	{"POST " + pathSecond + "/passkey", open, (*visit).passkeySecond},
	{"POST " + ui.PathPasskeyHalf, open, (*visit).passkeyHalfOptions},
	{"POST " + pathEnrol + "/passkey", open, (*visit).passkeyEnrol},
	{"POST " + pathProve + "/passkey", signed, (*visit).passkeyProve},
	{"POST " + ui.PathPasskeyStepUp, signed, (*visit).passkeyStepUpOptions},
	{"POST " + ui.PathPasskeyNew, signed, (*visit).passkeyNewOptions},
	{"GET " + ui.PathPasskeys, signed, (*visit).passkeyForm},
	{"POST " + ui.PathPasskeys, signed, (*visit).addPasskey},
}

// cookieCeremony ties a challenge to a browser that nobody signed in: an answer from
// another one is worth nothing.
const cookieCeremony = "w"

// options answers a page's script with what to ask the device, or with the sentence to
// show instead.
func (v *visit) options(b []byte, err error) error {
	status := http.StatusOK
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			return err
		}
		v.retryAfter(f)
		status = statusOf(f)
		if b, err = json.Marshal(map[string]string{"text": ended(v.sentence(f))}); err != nil {
			return err
		}
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_, err = v.w.Write(b)
	return err
}

func (v *visit) passkeySignInOptions() error {
	secret := v.s.cookie(v.Request, cookieCeremony)
	if secret == "" {
		secret = rand.Text()
		v.s.setCookie(v.w, cookieCeremony, secret, 0)
	}
	return v.options(v.s.Logins.BeginPasskeySignIn(v.Context(), v.by, ceremonyPlace(secret)))
}

// ceremonyPlace names a browser by its cookie, whose value is kept nowhere.
func ceremonyPlace(cookie string) string {
	sum := sha256.Sum256([]byte(cookie))
	return "browser " + hex.EncodeToString(sum[:])
}

func (v *visit) passkeySecondOptions() error {
	return v.options(v.s.Logins.BeginPasskeySecond(v.Context(), v.by, v.half()))
}

func (v *visit) passkeyHalfOptions() error {
	return v.options(v.s.Logins.BeginPasskeyHalf(v.Context(), v.by, v.half()))
}

func (v *visit) passkeyStepUpOptions() error {
	return v.options(v.s.Logins.BeginPasskeyStepUp(v.Context(), v.by))
}

func (v *visit) passkeyNewOptions() error {
	return v.options(v.s.Logins.BeginPasskey(v.Context(), v.by))
}

// passkeySignIn opens a session by a passkey alone. Every refusal looks the same (ENU-01).
func (v *visit) passkeySignIn() error {
	view := v.loginView("", v.PostFormValue("shared") != "")
	place := ceremonyPlace(v.s.cookie(v.Request, cookieCeremony))
	res, err := v.s.Logins.SignInPasskey(v.Context(), v.by, place, []byte(v.PostFormValue(ui.FieldPasskey)), v.client())
	if err != nil {
		return v.passkeySignInRefused(view, err)
	}
	v.s.setCookie(v.w, cookieCeremony, "", -1)
	if view.Shared != v.isShared() {
		v.keepShared(view.Shared)
	}
	return v.arrive(res, view.Next)
}

func (v *visit) passkeySignInRefused(view loginView, err error) error {
	f := fault.Of(err)
	switch {
	case errors.Is(err, login.ErrRefused):
		view.Failure = v.t.T("passkeys.sign_in_refused")
	case f.Kind == fault.Limited, f.Kind == fault.Unavailable, f.Kind == fault.Conflict:
		v.retryAfter(f)
		view.Failure = ended(v.sentence(f))
	default:
		return err
	}
	p := v.page(v.t.T("login.title"))
	p.Error = true
	return v.show(statusOf(f), LoginPage(p, view))
}

// passkeyView is the page that adds a passkey: first it asks who is there, if that was not
// proved lately; then for the device.
type passkeyView struct {
	Name      string
	Proof     *ui.StepUpProps // nil: proved lately
	Available bool            // this server can have passkeys

	told
}

func (v *visit) passkeyForm() error {
	if v.mustProve() {
		return v.showPasskey(passkeyView{}, nil)
	}
	err := v.s.Logins.MayAddPasskey(v.Context(), v.by)
	if fault.Of(err).Code == login.ErrStronger.Code {
		return v.proveStronger(ui.PathPasskeys)
	}
	if errors.Is(err, credential.ErrNoPasskeys) { // the page says so
		err = nil
	}
	return v.showPasskey(passkeyView{}, err)
}

func (v *visit) showPasskey(view passkeyView, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) && f.Code != login.ErrPasskeyRefused.Code {
			return refusal
		}
		status = statusOf(f)
		view.told = v.words(refusal)
	}
	view.Available = v.s.Logins.Passkeys.Available()
	view.Proof = v.proof(v.t.T("passkeys.why"), view.Errors)
	p := v.accountFrame("passkeys.title")
	p.Error = refusal != nil
	return v.show(status, PasskeyPage(p, view))
}

// addPasskey proves the person when the page asked for it, and adds the passkey that their
// device made.
func (v *visit) addPasskey() error {
	view := passkeyView{Name: v.PostFormValue(fieldName)}
	made := v.PostFormValue(ui.FieldPasskeyMade)
	if made == "" {
		if err := v.prove(); err != nil {
			return v.showPasskey(view, err)
		}
		return v.to(ui.PathPasskeys)
	}
	added, err := v.s.Logins.AddPasskey(v.Context(), v.by, view.Name, []byte(made), v.client())
	switch {
	case fault.Of(err).Code == login.ErrStronger.Code:
		return v.proveStronger(ui.PathPasskeys)
	case err != nil:
		return v.showPasskey(view, err)
	}
	return v.factorIsAdded(added)
}
