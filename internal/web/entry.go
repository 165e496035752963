package web

import (
	"errors"
	"net/http"
	"net/url"

	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/org"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// pathProve is where a person proves a second factor again, and comes back from.
const pathProve = "/account/second-factor"

// enter opens an organisation: its member, in a session that its security policy accepts
// at this very request (SEC-4).
func (v *visit) enter() error {
	if err := v.whose(); err != nil {
		return err
	}
	return v.s.Logins.Entry(v.Context(), v.by, v.org.ID)
}

// whose reads the organisation of the URL, for a member of it, and speaks as they have it there
// (ADR 0013).
func (v *visit) whose() (err error) {
	if v.org, v.held, err = v.s.Orgs.Enter(v.Context(), v.by, v.PathValue("org")); err != nil {
		return err
	}
	lang, err := v.s.Preferences.Language(v.Context(), v.by, v.org.ID, v.t.Lang())
	if err == nil {
		v.t = text.For(lang)
	}
	return err
}

// outside shows the refusal to let a session into an organisation, with the way on; it
// reports whether f is one. Nothing else of the organisation is shown than its name.
func (v *visit) outside(f *fault.Error) (ui.ErrorProps, bool) {
	at := v.org
	body := ui.ErrorProps{Title: v.t.T("entry.title", "Org", at.Name), Text: ended(v.sentence(f))}
	switch {
	case errors.Is(f, login.ErrNetwork):
		body.BackLabel, body.BackHref = v.t.T("entry.places"), ui.PathOrganizations+"?stay=1"
	case errors.Is(f, login.ErrOtherFactor):
		body.BackLabel, body.BackHref = v.t.T("entry.prove"), pathProve+"?next="+url.QueryEscape(v.backTo())
	case errors.Is(f, login.ErrFactorDue):
		body.BackLabel, body.BackHref = v.t.T("entry.enrol"), ui.PathSecurity
	default:
		return body, false
	}
	v.org = org.Org{}
	return body, true
}

// backTo is where to come back to: the page that was refused, or the home of the
// organisation after a form, whose fields are not kept.
func (v *visit) backTo() string {
	if v.Method == http.MethodGet {
		return v.URL.RequestURI()
	}
	return v.home()
}
