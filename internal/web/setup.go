package web

import (
	"errors"
	"net/http"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/web/ui"
)

// client is what the browser says of itself.
func (v *visit) client() login.Client {
	return login.Client{
		UserAgent: v.UserAgent(), Device: secret.NewText(v.s.cookie(v.Request, cookieDevice)), Half: secret.NewText(v.half()),
	}
}

func (v *visit) setUpLink() error { return v.keepLink("/setup") }

// personView is a page on which a person gives their names and a password.
type personView struct {
	Email, Title, GivenName, FamilyName string
	Errors                              map[string]string
	Summary                             []ui.FieldError
	ChooseEmail                         bool // the link names no address: the person types theirs
}

func (v *visit) setUpForm() error {
	email, err := v.s.Logins.CheckSetUp(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, SetUpPage(v.page(v.t.T("login.setup.title")), personView{Email: email, ChooseEmail: email == ""}))
}

// setUp makes the first platform administrator (CFG-01).
func (v *visit) setUp() error {
	presented := v.s.cookie(v.Request, cookieLink)
	email, err := v.s.Logins.CheckSetUp(v.Context(), v.by, presented)
	if err != nil {
		return err
	}
	names := v.postedNames()
	choose := email == ""
	if choose {
		email = v.PostFormValue(fieldEmail)
	}
	view := personView{Email: email, ChooseEmail: choose, Title: names.Title, GivenName: names.GivenName, FamilyName: names.FamilyName}
	_, err = v.s.Logins.FinishSetUp(v.Context(), v.by, presented, login.SetUp{
		Email: email, Title: view.Title, GivenName: view.GivenName, FamilyName: view.FamilyName,
		Password: secret.NewText(v.PostFormValue("new_password")), Language: v.t.Lang(),
	})
	if errors.Is(err, account.ErrTaken) {
		err = fault.OnField(fieldEmail, account.ErrTaken.Code)
	}
	if fault.Is(err, fault.Invalid) {
		view.Errors, view.Summary = v.fieldErrors(err)
		p := v.page(v.t.T("login.setup.title"))
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, SetUpPage(p, view))
	}
	if err != nil {
		return err
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.flash(ui.ToneOK, v.t.T("login.setup.done"))
	return v.to(pathLogin)
}
