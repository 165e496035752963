package web

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/web/ui"
)

// The pages of a change of address (CHG-2). Those behind a mailed link are open to whoever
// holds it: the mailbox is what is proved.
const (
	pathEmail        = ui.PathAccount + "/email"
	pathEmailConfirm = "/email/confirm"
	pathEmailUndo    = "/email/undo"
)

var accountEmailRoutes = []route{
	{"GET " + pathEmail, signed, (*visit).emailForm},
	{"POST " + pathEmail, signed, (*visit).askEmail},
	{"POST " + pathEmail + "/cancel", signed, (*visit).cancelEmail},
	{"GET " + pathEmailConfirm + "/{token}", linkPages, (*visit).emailConfirmLink},
	{"GET " + pathEmailConfirm, linkPages, (*visit).emailConfirmForm},
	{"POST " + pathEmailConfirm, linkPages, (*visit).confirmEmail},
	{"GET " + pathEmailUndo + "/{token}", linkPages, (*visit).emailUndoLink},
	{"GET " + pathEmailUndo, linkPages, (*visit).emailUndoForm},
	{"POST " + pathEmailUndo, linkPages, (*visit).undoEmail},
}

// emailCard says with which address one signs in, and which one waits for its proof.
func (v *visit) emailCard(p ui.Page) (templ.Component, error) {
	asked, waits, err := v.s.Logins.AskedEmail(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	return OwnEmailCard(p, v.me.Email.Address, v.waitingEmail(asked, waits)), nil
}

// waitingEmail is an address that was asked and is not proved, in words.
type waitingEmail struct{ Address, Detail string }

func (v *visit) waitingEmail(c account.EmailChange, waits bool) *waitingEmail {
	if !waits {
		return nil
	}
	return &waitingEmail{c.New.Address, v.t.T("account.email.waits", "Until", v.t.DateTime(c.ExpiresAt))}
}

// emailView is what the page of a change of address shows.
type emailView struct {
	Action, Now  string
	Email, Again string // as typed
	Proof        *ui.StepUpProps
	Errors       map[string]string
	Summary      []ui.FieldError
	Back         string
	Failure      string
}

func (v *visit) emailForm() error {
	err := v.s.Logins.MayAskEmail(v.Context(), v.by)
	if errors.Is(err, login.ErrStronger) {
		return v.proveStronger(pathEmail)
	}
	if err != nil {
		return err
	}
	return v.showEmail(http.StatusOK, emailView{})
}

func (v *visit) showEmail(status int, view emailView) error {
	view.Action, view.Now, view.Back = pathEmail, v.me.Email.Address, ui.PathSecurity
	view.Proof = v.proof(v.t.T("account.email.why"), view.Errors)
	p := v.accountFrame("account.email.change")
	p.Error = status != http.StatusOK
	return v.show(status, EmailPage(p, view))
}

// typedEmail is the new address as it was typed, twice.
func (v *visit) typedEmail() login.NewEmail {
	return login.NewEmail{Email: v.PostFormValue(fieldEmail), Again: v.PostFormValue("email_again")}
}

// refusedEmail is the form again after a refusal, with what was typed.
func (v *visit) refusedEmail(typed login.NewEmail, err error) emailView {
	view := emailView{Email: typed.Email, Again: typed.Again}
	if view.Errors, view.Summary = v.fieldErrors(err); len(view.Summary) == 0 {
		view.Failure = v.sentence(fault.Of(err))
	}
	return view
}

// askEmail answers the same whether the address has an account or not (ENU-02).
func (v *visit) askEmail() error {
	typed := v.typedEmail()
	err := v.prove()
	if err == nil {
		_, err = v.s.Logins.AskEmail(v.Context(), v.by, typed, secret.Text{}, v.client())
	}
	if errors.Is(err, login.ErrStronger) {
		return v.proveStronger(pathEmail)
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		return v.showEmail(statusOf(fault.Of(err)), v.refusedEmail(typed, err))
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneWait, v.t.T("account.email.asked", "Email", typed.Email))
	return v.to(ui.PathSecurity)
}

func (v *visit) cancelEmail() error {
	if err := v.s.Logins.CancelEmail(v.Context(), v.by); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("account.email.cancelled"))
	return v.to(ui.PathSecurity)
}

func (v *visit) emailConfirmLink() error { return v.keepLink(pathEmailConfirm) }

func (v *visit) emailUndoLink() error { return v.keepLink(pathEmailUndo) }

// linkView is a page behind a mailed link: what it does, and its one button.
type linkView struct {
	Title, Lead, Action, Button, Failure string
	Facts                                []ui.Fact
	Danger                               bool
}

func (v *visit) emailConfirmForm() error { return v.showEmailConfirm(nil) }

func (v *visit) showEmailConfirm(refusal error) error {
	c, err := v.s.Logins.CheckEmail(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	lead := "account.email.confirm_lead"
	if c.ByOther() {
		lead = "account.email.confirm_lead_other"
	}
	return v.showLink(refusal, linkView{
		Title: v.t.T("account.email.confirm_title"), Lead: v.t.T(lead), Action: pathEmailConfirm, Button: v.t.T("account.email.confirm"),
		Facts: []ui.Fact{
			{Term: v.t.T("account.email.old"), Value: c.Old.Masked()},
			{Term: v.t.T("account.email.new"), Value: c.New.Address},
		},
	})
}

// showLink shows a page behind a mailed link; after a refusal, with what to do about it.
func (v *visit) showLink(refusal error, view linkView) error {
	status := http.StatusOK
	if refusal != nil {
		status, view.Failure = statusOf(fault.Of(refusal)), v.sentence(fault.Of(refusal))
	}
	p := v.page(view.Title)
	p.Error = refusal != nil
	return v.show(status, LinkPage(p, view))
}

func (v *visit) confirmEmail() error {
	moved, err := v.s.Logins.ConfirmEmail(v.Context(), v.by, v.s.cookie(v.Request, cookieLink), v.client())
	if errors.Is(err, account.ErrTaken) {
		return v.showEmailConfirm(err)
	}
	if err != nil {
		return err
	}
	if !moved.Reset.IsZero() {
		v.flash(ui.ToneOK, v.t.T("account.email.confirmed_other"))
		return v.toNewPassword(moved.Reset)
	}
	v.s.setCookie(v.w, cookieLink, "", -1)
	v.flash(ui.ToneOK, v.t.T("account.email.confirmed", "Email", moved.Change.New.Address))
	if v.me.ID == moved.Change.Account {
		return v.to(ui.PathSecurity)
	}
	return v.to(pathLogin)
}

// toNewPassword leads to the page that chooses a password, by a link nobody mailed.
func (v *visit) toNewPassword(link secret.Text) error {
	v.s.setCookie(v.w, cookieLink, link.Reveal(), 0)
	v.s.setCookie(v.w, cookieSession, "", -1)
	return v.to("/password/reset")
}

func (v *visit) emailUndoForm() error {
	c, err := v.s.Logins.CheckUndoEmail(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	return v.showLink(nil, linkView{
		Title: v.t.T("account.email.undo_title"), Lead: v.t.T("account.email.undo_lead"), Action: pathEmailUndo,
		Button: v.t.T("account.email.undo"), Danger: true,
		Facts: []ui.Fact{
			{Term: v.t.T("account.email.now"), Value: c.New.Masked()},
			{Term: v.t.T("account.email.again"), Value: c.Old.Address},
			{Term: v.t.T("account.email.changed_at"), Value: v.t.DateTime(c.ConfirmedAt)},
		},
	})
}

func (v *visit) undoEmail() error {
	moved, err := v.s.Logins.UndoEmail(v.Context(), v.by, v.s.cookie(v.Request, cookieLink), v.client())
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("account.email.undone"))
	return v.toNewPassword(moved.Reset)
}
