package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var accountRoutes = []route{
	{"GET " + ui.PathAccount, signed, (*visit).accountPage},
	{"POST " + ui.PathAccount, signed, (*visit).saveAccount},
	{"GET /account/password", signed, (*visit).passwordForm},
	{"POST /account/password", signed, (*visit).changePassword},
	{"GET /account/sessions", signed, (*visit).sessions},
	{"POST /account/sessions/end", signed, (*visit).endSession},
	{"POST /account/sessions/end-others", signed, (*visit).endOthers},
	{"POST " + ui.PathLanguage, open, (*visit).chooseLanguage},
}

// languageLife is how long a browser remembers the language of a stranger.
const languageLife = 365 * 24 * time.Hour

// accountView is what «Mon compte» shows.
type accountView struct {
	Account account.Account
	Person  personView
	Places  []placeLine
}

func (v *visit) accountPage() error {
	return v.showAccount(http.StatusOK, personView{
		Email: v.me.Email.Address, Title: v.me.Title, GivenName: v.me.GivenName, FamilyName: v.me.FamilyName,
	})
}

func (v *visit) showAccount(status int, person personView) error {
	places, err := v.placeLines("")
	if err != nil {
		return err
	}
	p := v.accountFrame("account.page.mine")
	p.Error = status != http.StatusOK
	return v.show(status, AccountPage(p, accountView{Account: v.me, Person: person, Places: places}))
}

func (v *visit) accountFrame(key string) ui.Page { return v.ownFrame(v.t.T(key)) }

// ownFrame is the frame of the pages of one's account.
func (v *visit) ownFrame(title string) ui.Page {
	p := v.page(title)
	p.Nav = []ui.NavGroup{{Items: []ui.NavItem{
		{Label: v.t.T("web.places"), Href: ui.PathOrganizations, Icon: ui.IconHouse},
		{Label: v.t.T("account.page.title"), Href: ui.PathSecurity, Icon: ui.IconShieldCheck, Current: v.URL.Path == ui.PathSecurity},
		{Label: v.t.T("account.page.mine"), Href: ui.PathAccount, Icon: ui.IconIdentificationBadge, Current: v.URL.Path == ui.PathAccount},
		{Label: v.t.T("mydata.title"), Href: pathMyData, Icon: ui.IconIdentificationCard, Current: v.URL.Path == pathMyData},
		{Label: v.t.T("tokens.mine"), Href: pathMyTokens, Icon: ui.IconKey, Current: v.URL.Path == pathMyTokens},
	}}}
	return p
}

func (v *visit) saveAccount() error {
	names := v.postedNames()
	lang, _ := text.ParseLang(v.PostFormValue("language"))
	_, err := v.s.Accounts.EditMe(v.Context(), v.by, v.me.Rev, account.Change{Names: &names, Language: &lang})
	if fault.Is(err, fault.Invalid) {
		person := personView{Email: v.me.Email.Address, Title: names.Title, GivenName: names.GivenName, FamilyName: names.FamilyName}
		person.Errors, person.Summary = v.fieldErrors(err)
		return v.showAccount(http.StatusUnprocessableEntity, person)
	}
	if err != nil {
		return err
	}
	v.language(string(lang))
	v.flash(ui.ToneOK, v.t.T("account.page.saved"))
	return v.to(ui.PathAccount)
}

// postedNames are the names that a person typed about themselves.
func (v *visit) postedNames() account.Names {
	return account.Names{
		Title: v.PostFormValue("title"), GivenName: v.PostFormValue("given_name"), FamilyName: v.PostFormValue("family_name"),
	}
}

func (v *visit) passwordForm() error {
	return v.show(http.StatusOK, PasswordPage(v.accountFrame("account.password.title"), passwordView{Email: v.me.Email.Address}))
}

// changePassword asks for the current one; the other sessions end (SES-02).
func (v *visit) changePassword() error {
	current, next := secret.NewText(v.PostFormValue(fieldProof)), secret.NewText(v.PostFormValue("new_password"))
	o, err := v.s.Logins.ChangePassword(v.Context(), v.by, current, next)
	if fault.Of(err).Code == "login.current_password" {
		err = fault.OnField("password", "login.current_password")
	}
	if fault.Is(err, fault.Invalid) {
		view := passwordView{Email: v.me.Email.Address}
		view.Errors, view.Summary = v.fieldErrors(err)
		p := v.accountFrame("account.password.title")
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, PasswordPage(p, view))
	}
	if err != nil {
		return err
	}
	v.setSession(o)
	v.flash(ui.ToneOK, v.t.T("account.password.saved"))
	return v.to("/account/password")
}

func (v *visit) sessions() error {
	list, err := v.s.Sessions.List(v.Context(), v.by)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, SessionsPage(v.accountFrame("account.sessions.title"), v.sessionLines(list)))
}

// sessionLine is one browser signed in, in words.
type sessionLine struct {
	ID, Title, Detail, Proofs string
	Current                   bool
}

func (v *visit) sessionLines(list []session.Session) []sessionLine {
	lines := make([]sessionLine, 0, len(list))
	for i := range list {
		s := &list[i]
		lines = append(lines, sessionLine{
			ID: s.ID.String(), Title: v.sessionTitle(s), Current: s.Current, Proofs: v.sessionProofs(s),
			Detail: v.t.T("account.sessions.detail", "Since", v.t.DateTime(s.CreatedAt), "Seen", v.t.Ago(s.SeenAt, v.s.now()), "Address", s.Address),
		})
	}
	return lines
}

func (v *visit) endSession() error {
	id, err := ident.ParseSession(v.PostFormValue("session"))
	if err != nil {
		return errPage
	}
	if err := v.s.Sessions.End(v.Context(), v.by, id); err != nil {
		return err
	}
	if id == v.by.Session {
		v.s.setCookie(v.w, cookieSession, "", -1)
		return v.to(pathLogin)
	}
	v.flash(ui.ToneOK, v.t.T("account.sessions.ended"))
	return v.to("/account/sessions")
}

func (v *visit) endOthers() error {
	n, err := v.s.Sessions.EndOthers(v.Context(), v.by)
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("account.sessions.others_ended", "Count", n))
	return v.to("/account/sessions")
}

// chooseLanguage keeps the language: in the account of whoever is signed in, in
// the browser for a stranger.
func (v *visit) chooseLanguage() error {
	lang, ok := text.ParseLang(v.PostFormValue("lang"))
	if !ok {
		return errForm
	}
	if !v.me.ID.IsZero() {
		if _, err := v.s.Accounts.EditMe(v.Context(), v.by, 0, account.Change{Language: &lang}); err != nil {
			return err
		}
	}
	v.s.setCookie(v.w, cookieLanguage, string(lang), languageLife)
	next := v.next("/")
	if err := v.speak(next, lang); err != nil {
		return err
	}
	return v.to(next)
}

// speak: a page of an organisation that says another language for its members obeys too (ADR
// 0013). Where the person has no place, or may not enter now, nothing is to be changed.
func (v *visit) speak(next string, lang text.Lang) error {
	slug, there := strings.CutPrefix(next, "/o/")
	if !there || v.me.ID.IsZero() {
		return nil
	}
	slug, _, _ = strings.Cut(slug, "/")
	in, _, err := v.s.Orgs.Enter(v.Context(), v.by, slug)
	if err == nil {
		err = v.s.Logins.Entry(v.Context(), v.by, in.ID)
	}
	if err == nil {
		err = v.s.Preferences.Speak(v.Context(), v.by, in.ID, lang)
	}
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return nil
	}
	return err
}

func languages(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 0, len(text.All))
	for _, l := range text.All {
		list = append(list, ui.Option{Value: string(l), Label: t.T("language." + string(l))})
	}
	return list
}
